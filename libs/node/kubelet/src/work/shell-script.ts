import { type Work, programWork } from './program-work';
import { type ShellCommand, type ShellWord, type Variables, shellCommands } from './shell-words';

/** Programs and builtins that are done at once, however they are called, with 0. */
const quick = new Set(
  ': true echo printf date hostname env pwd uname whoami id mkdir touch ls rm cp mv ln chmod chown export set unset trap cd umask sync'.split(
    ' ',
  ),
);

/** A script that is longer than any that just waits is not read. */
const longestScript = 64 * 1024;

const endless: Work = { durationMs: Infinity, exitCode: 0 };

/** How long a script takes, and its exit code; undefined where that cannot be told by reading it. */
export function scriptWork(
  script: string,
  { variables, stopsOnError }: { readonly variables: Variables; readonly stopsOnError: boolean },
): Work | undefined {
  const commands = script.length > longestScript ? undefined : shellCommands(script, variables);
  if (commands === undefined) return undefined;
  const run = { durationMs: 0, exitCode: 0, stopsOnError, backgroundEndMs: 0 };
  for (let at = 0; at < commands.length; at++) {
    const command = commands[at] as ShellCommand;
    const before = commands[at - 1]?.then;
    if (before === '&&' && run.exitCode !== 0) continue;
    if (before === '||' && run.exitCode === 0) continue;
    if (isEndlessLoop(commands.slice(at))) return endless;
    const [name = '', ...args] = command.words.map((w) => w.text);
    if (name === 'exit') return { ...timeOf(run), ...exitOf(command, run.exitCode) };
    if (name === 'set') run.stopsOnError ||= args.some((a) => /^-[a-z]*e/.test(a));
    if (name === 'wait') {
      run.durationMs = Math.max(run.durationMs, run.backgroundEndMs);
      continue;
    }
    if (command.then === '|') return undefined;
    const work = commandWork(command.words, variables);
    if (work === undefined) return undefined;
    if (command.then === '&') {
      run.backgroundEndMs = Math.max(run.backgroundEndMs, run.durationMs + work.durationMs);
      continue;
    }
    run.durationMs += work.durationMs;
    run.exitCode = work.exitCode;
    if (run.durationMs === Infinity) return endless;
    if (name === 'exec' && args.length > 0) return timeOf(run);
    if (run.stopsOnError && run.exitCode !== 0 && command.then === ';') return timeOf(run);
  }
  return timeOf(run);
}

const timeOf = ({ durationMs, exitCode }: Work): Work => ({ durationMs, exitCode });

/** `exit` alone ends with the code of the command before it; one that only running can tell counts as success. */
function exitOf({ words: [, code] }: ShellCommand, before: number): Pick<Work, 'exitCode'> {
  if (code === undefined) return { exitCode: before };
  return { exitCode: !code.isDynamic && /^\d+$/.test(code.text) ? Number(code.text) % 256 : 0 };
}

function commandWork(words: readonly ShellWord[], variables: Variables): Work | undefined {
  const [first, ...args] = words;
  if (first === undefined || first.isDynamic) return undefined;
  if (/^\w+=/.test(first.text)) return args.length === 0 ? done : commandWork(args, variables);
  if (first.text === 'exec' || first.text === 'nohup') return commandWork(args, variables);
  if (quick.has(first.text)) return done;
  if (args.some((w) => w.isDynamic)) return undefined;
  return programWork(
    words.map((w) => w.text),
    variables,
  );
}

const done: Work = { durationMs: 0, exitCode: 0 };

/** `while true; do …; done` that nothing within leaves. */
function isEndlessLoop([head, ...rest]: readonly ShellCommand[]): boolean {
  const words = head?.words.map((w) => w.text).join(' ') ?? '';
  const loops = ['while true', 'while :', 'while [ 1 ]', 'while [ true ]', 'until false'].includes(words);
  return loops && !rest.some((c) => c.words.some((w) => /^(?:break|exit|return|kill)$/.test(w.text)));
}
