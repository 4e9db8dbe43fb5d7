import type { appsv1 } from '@reckon/api/types';
import { writeStatus } from '../ownership/write-status';
import { availableInMs, isReady } from '../replica-set/pod-state';
import { type DaemonSet, byAge, isUpdated, minReadySeconds } from './daemon-set';
import type { DaemonSync } from './daemon-sync';

export type DaemonStatus = appsv1.DaemonSetStatus;

interface Counts {
  readonly desiredNumberScheduled: number;
  readonly currentNumberScheduled: number;
  readonly numberMisscheduled: number;
  readonly numberReady: number;
  readonly updatedNumberScheduled: number;
  readonly numberAvailable: number;
  readonly numberUnavailable: number;
}

/** Of a node's pods the eldest counts (daemon `updateDaemonSetStatus`). */
function countsOf({ set, hash, nodes, fit, podsOn, nowMs, lookAgainIn }: DaemonSync): Counts {
  let [desired, current, misscheduled, ready, updated, available] = [0, 0, 0, 0, 0, 0];
  for (const node of nodes) {
    const [pod] = [...(podsOn.get(node.metadata.name ?? '') ?? [])].sort(byAge);
    const { shouldRun } = fit(node);
    if (shouldRun) desired++;
    if (pod === undefined) continue;
    if (!shouldRun) {
      misscheduled++;
      continue;
    }
    current++;
    if (isUpdated(pod, hash)) updated++;
    if (!isReady(pod)) continue;
    ready++;
    const inMs = availableInMs(pod, minReadySeconds(set), nowMs);
    if (inMs === 0) available++;
    // Times have whole seconds: one more, so that the pod is available when we look.
    else if (inMs !== undefined) lookAgainIn(inMs + 1000);
  }
  return {
    desiredNumberScheduled: desired,
    currentNumberScheduled: current,
    numberMisscheduled: misscheduled,
    numberReady: ready,
    updatedNumberScheduled: updated,
    numberAvailable: available,
    numberUnavailable: desired - available,
  };
}

/**
 * Tells what there is. `observed`: whether the set has been dealt with as it is, or only looked at because the cache was behind
 * (daemon `storeDaemonSetStatus`).
 */
export async function tellStatus(sync: DaemonSync, observed: boolean): Promise<void> {
  const { set, client } = sync;
  const counts = countsOf(sync);
  const stored = set.status;
  const isTold =
    (Object.keys(counts) as (keyof Counts)[]).every((name) => (stored?.[name] ?? 0) === counts[name]) &&
    (stored?.observedGeneration ?? 0) >= (set.metadata.generation ?? 0);
  if (isTold) return;
  await writeStatus(client, set, (live) => statusWith(live, counts, observed ? set.metadata.generation : undefined));
}

/** Zeros are left out where upstream's encoding leaves them out; what others wrote into the status stays. */
function statusWith({ status }: DaemonSet, counts: Counts, generation: number | undefined): DaemonStatus {
  const { updatedNumberScheduled, numberAvailable, numberUnavailable, ...always } = counts;
  const observedGeneration = generation ?? status?.observedGeneration;
  return {
    ...always,
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
    ...(updatedNumberScheduled === 0 ? {} : { updatedNumberScheduled }),
    ...(numberAvailable === 0 ? {} : { numberAvailable }),
    ...(numberUnavailable === 0 ? {} : { numberUnavailable }),
    ...(status?.collisionCount === undefined ? {} : { collisionCount: status.collisionCount }),
    ...(status?.conditions === undefined ? {} : { conditions: status.conditions }),
  };
}
