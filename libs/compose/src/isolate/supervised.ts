import { type ChildProcess, spawn } from 'node:child_process';
import type { Logger, Monotonic, Running, Timers } from '@reckon/kernel';
import { supervisedVariable } from '../programs/run-program';

export interface SupervisedOptions {
  readonly name: string;
  /** A script of ours and its arguments. */
  readonly command: readonly string[];
  readonly clock: Monotonic;
  readonly timers: Timers;
  readonly logger: Logger;
}

export interface Supervised extends Running {
  /** False between an end and the next start. */
  isRunning(): boolean;
}

const firstWaitMs = 500;
const longestWaitMs = 30_000;
/** Who ran this long was well: the next restart does not wait longer than the first. */
const wellMs = 60_000;
const stopMs = 10_000;

/**
 * Keeps a child process running: one that ends is started again, after a time that doubles while it keeps failing. The child ends
 * with us even if we are killed: it notices that our channel to it is gone (`runProgram`).
 */
export function supervise(options: SupervisedOptions): Supervised {
  const abort = new AbortController();
  let child: ChildProcess | undefined;

  const runOnce = (): Promise<string> =>
    new Promise((resolve) => {
      // Apart from our group, so that Ctrl-C reaches us only, and we stop what there is in the right order.
      child = spawn(process.execPath, options.command, {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        detached: true,
        env: { ...process.env, [supervisedVariable]: '1' },
      });
      child.once('error', (error) => {
        resolve(error.message);
      });
      child.once('exit', (code, signal) => {
        resolve(signal === null ? `exit code ${String(code)}` : signal);
      });
    });

  const keep = async (): Promise<void> => {
    let waitMs = firstWaitMs;
    while (!abort.signal.aborted) {
      const beganMs = options.clock.elapsedMs();
      const why = await runOnce();
      child = undefined;
      if (isAborted(abort.signal)) return;
      if (options.clock.elapsedMs() - beganMs >= wellMs) waitMs = firstWaitMs;
      options.logger.warn('agent ended and is started again', { agent: options.name, why, waitMs });
      await options.timers.sleep(waitMs, abort.signal);
      waitMs = Math.min(waitMs * 2, longestWaitMs);
    }
  };
  const kept = keep();

  return {
    isRunning: () => child !== undefined,
    async stop() {
      abort.abort();
      child?.kill('SIGTERM');
      const cancel = options.timers.after(stopMs, () => child?.kill('SIGKILL'));
      await kept;
      cancel();
    },
  };
}

const isAborted = (signal: AbortSignal): boolean => signal.aborted;
