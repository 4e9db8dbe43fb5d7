import { type Running, startSparingly, systemTimers } from '@reckon/kernel';
import { flagHelp } from '../flags/flag-help';
import type { FlagSections, FlagTable, FlagValues, ParsedFlags } from '../flags/flag-table';
import { parseFlags } from '../flags/parse-flags';
import { whenAskedToStop } from './asked-to-stop';
import { reportFailure } from './report-failure';
import type { Terminal } from './terminal';

/** What a program is started with. */
export interface ProgramRun<S extends FlagSections> {
  readonly parsed: ParsedFlags<S>;
  /** Aborted when the person wants it to end; a start that is under way may be given up. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  readonly warn: (line: string) => void;
  /** The program cannot go on: it is stopped and ends with exit code 1. */
  readonly fail: (error: Error) => void;
}

export interface Program<S extends FlagSections> {
  readonly table: FlagTable<S>;
  /** What is not done this long after the program was asked to end is given up. */
  readonly stopMs: number;
  /** What its flags add to that. */
  readonly moreStopMs?: (flags: FlagValues<S>) => number;
  readonly start: (run: ProgramRun<S>) => Promise<Running>;
}

/** Set for a child of `supervise`: it ends with its parent, who would otherwise be the only one to stop it. */
export const supervisedVariable = 'RECKON_SUPERVISED';

function endWithParent(end: () => void): void {
  // It may have gone before we came here.
  if (!process.connected) end();
  process.once('disconnect', end);
  process.channel?.unref();
}

/** Runs a program from its command line until SIGINT, SIGTERM or a failure. Sets the exit code; never throws. */
export async function runProgram<S extends FlagSections>(
  { table, start, stopMs, moreStopMs = () => 0 }: Program<S>,
  args: readonly string[],
  terminal: Terminal,
): Promise<void> {
  const stop = whenAskedToStop();
  startSparingly(systemTimers);
  const fail = (error: unknown): void => {
    reportFailure(error, terminal);
    process.exitCode = 1;
    stop.ask();
  };
  if (process.env[supervisedVariable] === '1') endWithParent(stop.ask);
  let running: Running | undefined;
  let patienceMs = stopMs;
  try {
    const parsed = parseFlags(table, args);
    patienceMs += moreStopMs(parsed.values);
    if (parsed.given.has('help')) {
      terminal.say(flagHelp(table, terminal.command));
      return;
    }
    if (parsed.given.has('version')) {
      const { programVersion } = await import('./version');
      terminal.say(`Kubernetes ${programVersion}`);
      return;
    }
    for (const warning of parsed.warnings) terminal.warn(`reckon: ${warning}`);
    // What is made is for this user only.
    process.umask(0o077);
    running = await start({ parsed, signal: stop.signal, say: terminal.say, warn: terminal.warn, fail });
  } catch (error) {
    // Whoever gives a start up does not want to hear that it failed.
    if (!stop.signal.aborted) fail(error);
    return;
  }
  await stop.asked;
  const cancel = systemTimers.after(patienceMs, () => process.exit());
  try {
    await running.stop();
  } catch (error) {
    fail(error);
  }
  cancel();
}
