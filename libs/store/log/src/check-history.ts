import type { Timers } from '@reckon/kernel';
import type { Revision } from '@reckon/store/contract';
import type { CheckedStep, ReaderRequests } from './worker/protocol';

/** An entry that is not as it was written, or not there. */
export interface DamagedEntry {
  readonly revision: Revision;
  readonly problem: string;
}

export interface HistoryCheckOptions {
  readonly timers: Timers;
  /** Aborted: the check ends after the step underway. */
  readonly signal: AbortSignal;
  /** Told after each step that found something: how many entries are damaged so far, and the first of all. */
  readonly onDamage: (damaged: number, first: DamagedEntry) => void;
}

/** A step takes a millisecond or two, so this is a twentieth of a core at most: 100,000 entries in under a minute. */
const pauseMs = 25;
/** While there is something to write, that comes first: less than a hundredth of a core. But a load that never pauses ends no check. */
const busyPauseMs = 250;

/** Asks for step after step, up to a revision. Resolves with the revision up to which it looked. */
export async function checkHistory(
  options: HistoryCheckOptions & {
    readonly to: number;
    readonly ask: (ask: ReaderRequests['check']['ask']) => Promise<CheckedStep>;
    readonly isBusy: () => boolean;
  },
): Promise<Revision> {
  const { to, ask, isBusy, timers, signal, onDamage } = options;
  let after = 0;
  let damaged = 0;
  let first: DamagedEntry | undefined;
  while (after < to) {
    await timers.sleep(isBusy() ? busyPauseMs : pauseMs, signal);
    if (signal.aborted) break;
    const step = await ask({ after, to });
    after = step.upTo;
    if (step.first === undefined) continue;
    damaged += step.damaged;
    first ??= { revision: step.first.revision as Revision, problem: step.first.problem };
    onDamage(damaged, first);
  }
  return after as Revision;
}
