#!/usr/bin/env node
import { Command } from 'commander';
import { checkCommand } from './check-command';
import { historyCommands } from './history-commands';
import { kubeconfigCommand } from './kubeconfig-command';
import { probeCommand } from './probe-command';
import { programCommands } from './program-commands';
import { reportFailure } from './report-failure';
import { upCommand } from './up-command';
import { versionCommand } from './version-command';

const program = new Command('reckon')
  .description('A Kubernetes control plane whose only truth is its event log.')
  .showHelpAfterError('(reckon --help lists the commands)');

const commands = [
  upCommand(),
  ...programCommands(),
  kubeconfigCommand(),
  checkCommand(),
  ...historyCommands(),
  probeCommand(),
  versionCommand(),
];
for (const command of commands)
  program.addCommand(command.showHelpAfterError(`(reckon ${command.name()} --help lists what it takes)`));

try {
  await program.parseAsync();
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
