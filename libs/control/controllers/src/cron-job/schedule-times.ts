import { timeMs } from '../replica-set/pod-state';
import type { CronJob } from './cron-job';

/** The next moment of a schedule; undefined if there is none. */
export type Times = (afterMs: number) => number | undefined;

/** A schedule that says nothing sensible. */
export class ScheduleProblem extends Error {
  readonly code = 'ScheduleProblem';
}

/** When it is next looked at: this much after the moment, so that it has surely come. */
const afterwardsMs = 100;

/** From here on it is told that many were missed. */
const manyMissed = 100;

interface Recent {
  /** From when moments count. */
  readonly sinceMs: number;
  /** The last that has come, if one has come that was not served. */
  readonly lastMs: number | undefined;
  readonly missed: 'none' | 'few' | 'many';
}

export interface Due {
  readonly ms: number;
  /** So many moments went by without a job that it is worth a warning. */
  readonly isOneOfMany: boolean;
}

/** The last moment that has come since the last job; undefined if none has. Throws `ScheduleProblem`. */
export function dueTime(cronJob: CronJob, times: Times, nowMs: number): Due | undefined {
  const { lastMs, missed } = recentTime(sinceMs(cronJob, nowMs), times, nowMs);
  return lastMs === undefined || lastMs > nowMs ? undefined : { ms: lastMs, isOneOfMany: missed === 'many' };
}

/** In how many ms the moment comes after the one that is or was due (`nextScheduleTimeDuration`). */
export function untilNextMs(cronJob: CronJob, times: Times, nowMs: number): number {
  const next = times(servedUntilMs(cronJob, times, nowMs));
  return next === undefined ? 0 : next + afterwardsMs - nowMs;
}

function servedUntilMs(cronJob: CronJob, times: Times, nowMs: number): number {
  try {
    const { sinceMs, lastMs, missed } = recentTime(servedMs(cronJob), times, nowMs);
    return lastMs ?? (missed === 'none' ? sinceMs : nowMs);
  } catch (error) {
    if (error instanceof ScheduleProblem) return nowMs;
    throw error;
  }
}

/** The last job's moment, else the object's creation. */
const servedMs = ({ metadata, status }: CronJob): number =>
  timeMs(status?.lastScheduleTime) ?? timeMs(metadata.creationTimestamp) ?? 0;

/** The same, but nothing that would start too late. */
function sinceMs(cronJob: CronJob, nowMs: number): number {
  const deadlineSeconds = cronJob.spec?.startingDeadlineSeconds;
  const served = servedMs(cronJob);
  return deadlineSeconds === undefined ? served : Math.max(served, nowMs - deadlineSeconds * 1000);
}

/**
 * `mostRecentScheduleTime`: how many were missed is estimated by the distance of the first two, since to go through all of them may take
 * as long as they were many.
 */
function recentTime(sinceMs: number, times: Times, nowMs: number): Recent {
  const first = times(sinceMs);
  if (first !== undefined && nowMs < first) return { sinceMs, lastMs: undefined, missed: 'none' };
  const second = first === undefined ? undefined : times(first);
  if (second !== undefined && nowMs < second) return { sinceMs, lastMs: first, missed: 'none' };
  if (first === undefined || second === undefined)
    throw new ScheduleProblem('time difference between two schedules is less than 1 second');
  const distanceMs = second - first;
  const missed = Math.floor((nowMs - first) / distanceMs) + 1;
  // One more distance back: where they are not regular the last may be further away.
  let lastMs: number | undefined;
  for (let at = times(first + (missed - 2) * distanceMs); at !== undefined && at <= nowMs; at = times(at)) lastMs = at;
  return { sinceMs, lastMs, missed: missed > manyMissed ? 'many' : 'few' };
}
