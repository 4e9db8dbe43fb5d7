import { Command, InvalidArgumentError, Option } from 'commander';
import type { BlameFlags } from './history-blame';
import type { DiffFlags } from './history-diff';
import type { ExportFlags } from './history-export';
import type { SourceFlags } from './history-flags';
import type { LogFlags } from './history-log';
import { reportFailure } from './report-failure';

/**
 * What happened, who did it, and what the world looked like then. What each does is loaded when it is asked for: `reckon up` need not
 * wait for it.
 */
export const historyCommands = (): Command[] => [
  logCommand(),
  blameCommand(),
  diffCommand(),
  atCommand(),
  exportCommand(),
  importCommand(),
];

function logCommand(): Command {
  const command = new Command('log')
    .description('what happened: every change, when, by whom, and which fields it changed')
    .argument('[objects...]', 'kind, kind name… or kind/name…, as kubectl takes them (default: everything)');
  return addSourceFlags(addScopeFlags(command))
    .option('--since <moment>', 'from this revision, RFC 3339 time, or so long ago (5m, 1h30m)')
    .option('--until <moment>', 'up to this revision, time, or so long ago')
    .option('--by <user>', 'only changes of this user', named)
    .option('--manager <name>', 'only changes of this field manager', named)
    .option('--audit-id <id>', 'only changes of this request', named)
    .option('--limit <n>', 'at most so many changes', positive)
    .option('-f, --follow', 'go on with what happens next')
    .addOption(format('text', 'wide', 'json', 'yaml', 'patch'))
    .option('--show-secrets', 'show the values of Secrets')
    .option('--no-headers', 'leave out the line of column names')
    .addOption(new Option('--color <when>', 'colours').choices(['auto', 'always', 'never']).default('auto'))
    .action(async (objects: readonly string[], flags: LogFlags) => {
      const { printLog } = await import('./history-log');
      await printLog(objects, flags);
    });
}

function blameCommand(): Command {
  const command = new Command('blame')
    .description('each field of an object: who set it last, when, at which revision')
    .argument('<object...>', 'kind/name, or kind name');
  return addSourceFlags(addScopeFlags(command))
    .addOption(format('text', 'json', 'yaml'))
    .option('--show-secrets', 'show the values of Secrets')
    .action(async (objects: readonly string[], flags: BlameFlags) => {
      const { printBlame } = await import('./history-blame');
      await printBlame(objects, flags);
    });
}

function diffCommand(): Command {
  const command = new Command('diff')
    .description('what differs between two moments, as kubectl diff prints it; exit code 1 when anything does')
    .usage('[options] <moment> [<moment>] [kind[/name]...]')
    .argument('<moment>', 'a revision, an RFC 3339 time, or how long ago (5m)')
    .argument('[rest...]', 'the second moment (default: now), then kinds and names as kubectl takes them')
    .allowUnknownOption()
    // 1 would say that something differs.
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
  return addSourceFlags(addScopeFlags(command))
    .option('--show-secrets', 'show the values of Secrets')
    .action(async (_moment: string, _rest: readonly string[], flags: DiffFlags, self: Command) => {
      demandNoUnknownFlag(self, self.args);
      const { printDifferences } = await import('./history-diff');
      try {
        if (await printDifferences(self.args, flags)) process.exitCode = 1;
      } catch (error) {
        reportFailure(error);
        process.exitCode = 2;
      }
    });
}

function atCommand(): Command {
  return addKubeconfigFlags(new Command('at'))
    .description('run a command against the cluster as it was: reckon at 5m -- kubectl get pods')
    .usage('[options] <moment> -- <command> [args...]')
    .argument('<moment>', 'a revision, an RFC 3339 time, or how long ago (5m, -5m)')
    .argument('[command...]', 'the command and its arguments')
    .option('--data-dir <folder>', 'the cluster of a data directory that no Reckon runs on')
    .addOption(keysOption())
    .allowUnknownOption()
    .action(async (_moment: string, _command: readonly string[], flags: SourceFlags, self: Command) => {
      const [moment = '', ...rest] = self.args;
      demandNoUnknownFlag(self, [moment]);
      const { runInThePast } = await import('./history-at');
      process.exitCode = await runInThePast(moment, rest[0] === '--' ? rest.slice(1) : rest, flags);
    });
}

function exportCommand(): Command {
  const command = new Command('export').description(
    'the whole history as lines of JSON, which `reckon import` makes a cluster of; values of Secrets included',
  );
  return addSourceFlags(command)
    .option('-o, --output <file>', 'a new file, for this user only; - is standard output', '-')
    .action(async (flags: ExportFlags) => {
      const { writeExport } = await import('./history-export');
      await writeExport(flags);
    });
}

function importCommand(): Command {
  return new Command('import')
    .description('make a new data directory of an export: the same log with the same revisions')
    .argument('<file>', 'what `reckon export` wrote; - is standard input')
    .option('--data-dir <folder>', 'the data directory to make; it must not exist, or be empty', '.reckon')
    .option('--encryption-provider-config <file>', 'EncryptionConfiguration: what is encrypted there, with which keys')
    .action(async (file: string, flags: { readonly dataDir: string; readonly encryptionProviderConfig?: string }) => {
      const { importFile } = await import('./history-import');
      await importFile(file, flags);
    });
}

const addKubeconfigFlags = (command: Command): Command =>
  command
    .option('--kubeconfig <file>', 'kubeconfig of a running cluster (default: as kubectl, then ./.reckon/kubeconfig)')
    .option('--context <name>', 'context of the kubeconfig');

/** Where a history is read from. */
const addSourceFlags = (command: Command): Command =>
  addKubeconfigFlags(command)
    .option('--data-dir <folder>', 'read the log of a data directory itself, whether a cluster runs on it or not')
    .addOption(keysOption());

const keysOption = (): Option =>
  new Option('--encryption-provider-config <file>', 'with --data-dir: keys of what is encrypted there');

/** Whose history it is. */
const addScopeFlags = (command: Command): Command =>
  command
    .option('-n, --namespace <name>', 'namespace (default: that of the context)')
    .option('-A, --all-namespaces', 'all namespaces');

const format = (first: string, ...others: readonly string[]): Option =>
  new Option('-o, --output <format>', 'output format').choices([first, ...others]).default(first);

/** `-5m` is a moment, which commander takes for a flag that it does not know; any other thing with a dash is a mistake. */
function demandNoUnknownFlag(command: Command, args: readonly string[]): void {
  const unknown = args.find((arg) => arg.startsWith('-') && !/^-\d/.test(arg));
  if (unknown !== undefined) command.error(`error: unknown option '${unknown}'`, { exitCode: 2 });
}

/** What a script left empty would be no filter. */
function named(text: string): string {
  if (text === '') throw new InvalidArgumentError('must not be empty.');
  return text;
}

function positive(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('must be a whole number from 1.');
  return Number(text);
}
