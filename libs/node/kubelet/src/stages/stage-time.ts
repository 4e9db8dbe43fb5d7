import { parseTime } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { awaitsRestart } from './awaits-restart';
import { commandEnds } from './command-ends';
import { initChangeMs, initsOf } from './init-containers';
import type { Pod } from './next-stage';
import { restartBackOffMs } from './restart-back-off';
import { durationMs } from './duration';
import type { Stage } from './stage';

/** When the stage is due, without its jitter. `seenMs`: since when it holds. */
export function dueMs(stage: Stage, pod: Pod, seenMs: number): number {
  return sinceMs(stage, pod, seenMs) + delayMs(stage, pod);
}

/** The stage's own delay is longer than the grace period of the deletion, which ends it. */
export function outlastsGrace(stage: Stage, pod: Pod): boolean {
  return stage.after.since === 'deleted' && askedDelayMs(stage, pod) > graceMs(pod);
}

function delayMs(stage: Stage, pod: Pod): number {
  const { after } = stage;
  if (after.since === 'deleted') return Math.min(askedDelayMs(stage, pod), graceMs(pod));
  // Counted from the end of a container it belongs to that container, and is in `restartsOf` already.
  const isBackOff = after.backOff && after.since !== 'finished';
  const backOffMs = isBackOff ? Math.max(0, ...(pod.status?.containerStatuses ?? []).map(restartBackOffMs)) : 0;
  return askedDelayMs(stage, pod) + backOffMs;
}

function askedDelayMs({ after }: Stage, pod: Pod): number {
  const annotated = after.delayFrom === undefined ? undefined : pod.metadata.annotations?.[after.delayFrom];
  return durationMs(annotated ?? after.delay);
}

const graceMs = (pod: Pod): number => (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000;

function sinceMs(stage: Stage, pod: Pod, seenMs: number): number {
  const { since, backOff } = stage.after;
  const statuses = pod.status?.containerStatuses ?? [];
  switch (since) {
    case 'seen':
      return seenMs;
    case 'started':
      return latest(statuses.map((s) => s.state?.running?.startedAt)) ?? seenMs;
    case 'finished':
      if (backOff) return Math.min(...restartsOf(pod, seenMs).map((r) => r.atMs));
      return latest(statuses.map(finishedAtOf)) ?? seenMs;
    case 'command':
      return Math.min(...commandEnds(stage, pod, seenMs).map((e) => e.atMs));
    case 'init':
      return Math.min(...initsOf(pod).map((init) => initChangeMs(init, seenMs)));
    case 'deadline':
      return (latest([pod.status?.startTime]) ?? seenMs) + (pod.spec?.activeDeadlineSeconds ?? 0) * 1000;
    case 'deleted': {
      const { deletionTimestamp } = pod.metadata;
      return deletionTimestamp === undefined ? seenMs : parseTime(deletionTimestamp) - graceMs(pod);
    }
  }
}

const finishedAtOf = ({ state, lastState }: corev1.ContainerStatus): string | null | undefined =>
  (state?.terminated ?? lastState?.terminated)?.finishedAt;

/** The containers that are to run again, and when the back-off of each is over. `seenMs` stands in for an end that nobody told. */
export function restartsOf(pod: Pod, seenMs: number): { readonly container: string; readonly atMs: number }[] {
  return (pod.status?.containerStatuses ?? [])
    .filter((s) => awaitsRestart(pod, s))
    .map((s) => ({ container: s.name, atMs: (latest([finishedAtOf(s)]) ?? seenMs) + restartBackOffMs(s) }));
}

function latest(times: readonly (string | null | undefined)[]): number | undefined {
  const known = times.filter((t): t is string => typeof t === 'string').map(parseTime);
  return known.length === 0 ? undefined : Math.max(...known);
}
