#!/usr/bin/env node
import { Command } from 'commander';
import { checkCommand } from './check-command';
import { helpOutput } from './help-output';
import { historyCommands } from './history-commands';
import { kubeconfigCommand } from './kubeconfig-command';
import { probeCommand } from './probe-command';
import { programCommands } from './program-commands';
import { reportFailure } from './report-failure';
import { upCommand } from './up-command';
import { versionCommand } from './version-command';

const program = new Command('reckon')
  .description('A Kubernetes control plane whose only truth is its event log.')
  .showHelpAfterError('(reckon --help lists the commands)')
  .configureOutput({ writeOut: helpOutput(1) });

const commands = [
  upCommand(),
  ...programCommands(),
  kubeconfigCommand(),
  checkCommand(),
  ...historyCommands(),
  probeCommand(),
  versionCommand(),
];
for (const command of commands) {
  // Of `diff`, 1 would say that something differs.
  const writeOut = helpOutput(command.name() === 'diff' ? 2 : 1);
  for (const one of [command, ...command.commands]) one.configureOutput({ writeOut });
  program.addCommand(command.showHelpAfterError(`(reckon ${command.name()} --help lists what it takes)`));
}

try {
  await program.parseAsync();
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
