import { parseTime } from '@reckon/api/machinery';
import type { Pod } from './next-stage';
import { restartBackOffMs } from './restart-back-off';
import { durationMs } from './duration';
import type { Stage } from './stage';

/** When the stage is due, without its jitter. `seenMs`: since when it holds. */
export function dueMs(stage: Stage, pod: Pod, seenMs: number): number {
  return sinceMs(stage.after.since, pod, seenMs) + delayMs(stage, pod);
}

/** The stage's own delay is longer than the grace period of the deletion, which ends it. */
export function outlastsGrace(stage: Stage, pod: Pod): boolean {
  return stage.after.since === 'deleted' && askedDelayMs(stage, pod) > graceMs(pod);
}

function delayMs(stage: Stage, pod: Pod): number {
  const { after } = stage;
  if (after.since === 'deleted') return Math.min(askedDelayMs(stage, pod), graceMs(pod));
  const statuses = pod.status?.containerStatuses ?? [];
  return askedDelayMs(stage, pod) + (after.backOff ? Math.max(0, ...statuses.map(restartBackOffMs)) : 0);
}

function askedDelayMs({ after }: Stage, pod: Pod): number {
  const annotated = after.delayFrom === undefined ? undefined : pod.metadata.annotations?.[after.delayFrom];
  return durationMs(annotated ?? after.delay);
}

const graceMs = (pod: Pod): number => (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000;

function sinceMs(since: Stage['after']['since'], pod: Pod, seenMs: number): number {
  const statuses = pod.status?.containerStatuses ?? [];
  switch (since) {
    case 'seen':
      return seenMs;
    case 'started':
      return latest(statuses.map((s) => s.state?.running?.startedAt)) ?? seenMs;
    case 'finished':
      return latest(statuses.map((s) => (s.state?.terminated ?? s.lastState?.terminated)?.finishedAt)) ?? seenMs;
    case 'deadline':
      return (latest([pod.status?.startTime]) ?? seenMs) + (pod.spec?.activeDeadlineSeconds ?? 0) * 1000;
    case 'deleted': {
      const { deletionTimestamp } = pod.metadata;
      return deletionTimestamp === undefined ? seenMs : parseTime(deletionTimestamp) - graceMs(pod);
    }
  }
}

function latest(times: readonly (string | null | undefined)[]): number | undefined {
  const known = times.filter((t): t is string => typeof t === 'string').map(parseTime);
  return known.length === 0 ? undefined : Math.max(...known);
}
