import { findCondition } from '@reckon/api/machinery';
import { type Pod, timeMs } from '../replica-set/pod-state';
import { allFailures } from './completion-index';

/** Failures since the last success: each doubles the time that the next pod is made after. */
export interface BackOff {
  readonly failures: number;
  readonly lastFailureMs: number | undefined;
}

export const noBackOff: BackOff = { failures: 0, lastFailureMs: undefined };

/** As pkg/controller/job.DefaultJobPodFailureBackOff and MaxJobPodFailureBackOff. */
const firstMs = 10_000;
const longestMs = 600_000;

/** After these pods ended too: a success begins anew, what failed after it counts. */
export function nextBackOff(before: BackOff, succeeded: readonly Pod[], failed: readonly Pod[]): BackOff {
  if (failed.length === 0) return succeeded.length === 0 ? before : noBackOff;
  const lastSuccessMs = succeeded.length === 0 ? undefined : Math.max(...succeeded.map(finishedMs));
  const failures = failed.map(finishedMs).filter((ms) => lastSuccessMs === undefined || ms > lastSuccessMs);
  if (failures.length === 0) return noBackOff;
  return {
    failures: (lastSuccessMs === undefined ? before.failures : 0) + failures.length,
    lastFailureMs: Math.max(...failures),
  };
}

/** In how many ms the next pod may be made. */
export function remainingMs({ failures, lastFailureMs }: BackOff, nowMs: number): number {
  if (failures === 0 || lastFailureMs === undefined) return 0;
  return Math.max(0, Math.min(firstMs * 2 ** Math.min(failures - 1, 30), longestMs) - (nowMs - lastFailureMs));
}

/** The same for an index of its own, by the pod that failed there last; without one at once. */
export function remainingOfIndexMs(lastFailed: Pod | undefined, nowMs: number): number {
  if (lastFailed === undefined) return 0;
  return remainingMs({ failures: allFailures(lastFailed) + 1, lastFailureMs: finishedMs(lastFailed) }, nowMs);
}

/** When the pod ended: its last container, else when it ceased to be ready, else when its deletion was asked for. */
export function finishedMs({ metadata, status }: Pod): number {
  return (
    lastContainerMs(status?.containerStatuses ?? []) ??
    unreadyMs(status) ??
    deletionMs(metadata) ??
    timeMs(metadata.creationTimestamp) ??
    0
  );
}

function lastContainerMs(statuses: NonNullable<NonNullable<Pod['status']>['containerStatuses']>): number | undefined {
  const times = statuses.map(({ state }) => timeMs(state?.terminated?.finishedAt));
  const known = times.filter((ms) => ms !== undefined);
  return known.length === 0 || known.length < times.length ? undefined : Math.max(...known);
}

function unreadyMs(status: Pod['status']): number | undefined {
  const ready = findCondition(status?.conditions, 'Ready');
  return ready?.status === 'False' ? timeMs(ready.lastTransitionTime) : undefined;
}

function deletionMs({ deletionTimestamp, deletionGracePeriodSeconds = 0 }: Pod['metadata']): number | undefined {
  const ms = timeMs(deletionTimestamp);
  return ms === undefined ? undefined : ms - deletionGracePeriodSeconds * 1000;
}
