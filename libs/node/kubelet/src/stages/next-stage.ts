import { type KubeObject, parseTime } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { type Stage, durationMs } from './stage';

export type Pod = corev1.Pod & KubeObject;

export interface Due {
  readonly stage: Stage;
  /** API time at which it is to be taken; without its jitter. */
  readonly atMs: number;
}

const restartBackOff = { firstMs: 10_000, maxMs: 300_000 } as const;

/** The pod's next step and when; undefined while nothing will happen by itself. `seenMs`: when this state of the pod was first seen. */
export function nextStage(stages: readonly Stage[], pod: Pod, seenMs: number): Due | undefined {
  const stage = stages.find((s) => holds(s.when, pod));
  if (stage === undefined) return undefined;
  const { after } = stage;
  const annotated = after.delayFrom === undefined ? undefined : pod.metadata.annotations?.[after.delayFrom];
  let delayMs = durationMs(annotated ?? after.delay);
  if (after.backOff) delayMs += restartBackOffMs(restartsOf(pod));
  return { stage, atMs: sinceMs(after.since, pod, seenMs) + delayMs };
}

function holds(when: Stage['when'], pod: Pod): boolean {
  if (when.deleting !== (pod.metadata.deletionTimestamp !== undefined)) return false;
  const phase = pod.status?.phase ?? 'Pending';
  if (when.phase !== undefined && !when.phase.some((p) => p === phase)) return false;
  if (when.containers !== undefined && when.containers !== containersOf(pod)) return false;
  if (when.ready !== undefined && when.ready !== isReady(pod)) return false;
  return Object.entries(when.annotations).every(([name, wanted]) => {
    const value = pod.metadata.annotations?.[name];
    if (wanted === null) return value === undefined;
    return wanted === true ? value !== undefined : value === wanted;
  });
}

/** What the app containers do; `none` before any status of theirs is there. Waiting counts before terminated, as one may restart. */
export function containersOf(pod: Pod): 'none' | 'waiting' | 'running' | 'terminated' {
  const statuses = pod.status?.containerStatuses ?? [];
  if (statuses.length === 0) return 'none';
  if (statuses.some((s) => s.state?.running !== undefined)) return 'running';
  return statuses.some((s) => s.state?.waiting !== undefined) ? 'waiting' : 'terminated';
}

export const isReady = (pod: Pod): boolean =>
  (pod.status?.conditions ?? []).some((c) => c.type === 'Ready' && c.status === 'True');

const restartsOf = (pod: Pod): number => Math.max(0, ...(pod.status?.containerStatuses ?? []).map((s) => s.restartCount));

/** 10 s before the first restart, doubled each time, at most five minutes (pkg/kubelet `MaxContainerBackOff`). */
export const restartBackOffMs = (restarts: number): number =>
  Math.min(restartBackOff.firstMs * 2 ** Math.min(restarts, 10), restartBackOff.maxMs);

function sinceMs(since: Stage['after']['since'], pod: Pod, seenMs: number): number {
  const statuses = pod.status?.containerStatuses ?? [];
  switch (since) {
    case 'seen':
      return seenMs;
    case 'started':
      return latest(statuses.map((s) => s.state?.running?.startedAt)) ?? seenMs;
    case 'finished':
      return latest(statuses.map((s) => (s.lastState?.terminated ?? s.state?.terminated)?.finishedAt)) ?? seenMs;
    case 'deleted': {
      const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
      return deletionTimestamp === undefined ? seenMs : parseTime(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
    }
  }
}

function latest(times: readonly (string | null | undefined)[]): number | undefined {
  const known = times.filter((t): t is string => typeof t === 'string').map(parseTime);
  return known.length === 0 ? undefined : Math.max(...known);
}
