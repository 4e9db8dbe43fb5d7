import type { Pod } from '../replica-set/pod-state';
import { allFailures, completionIndexOf, indexBelow } from './completion-index';
import { hasIndex } from './index-intervals';
import { indexCount, isPodFailed } from './job';
import { type JobSync, isCountable } from './job-sync';
import { finishedMs } from './pod-back-off';

/**
 * Where indexes have limits of their own: by index the pod that failed there last, while it has no successor. It keeps its finalizer
 * until then, since only its annotations know how often the index has failed.
 */
export function podsHeldForSuccessor({
  job,
  all,
  active,
  awaited,
  succeededIndexes,
  failedIndexes = [],
}: JobSync): ReadonlyMap<number, Pod> {
  const taken = new Set(active.map(completionIndexOf));
  const held = new Map<number, Pod>();
  for (const pod of all) {
    if (!isCountable(job, pod) || awaited.has(pod.metadata.uid ?? '') || !isPodFailed(pod, job)) continue;
    const index = indexBelow(pod, indexCount(job));
    if (index === undefined || taken.has(index) || hasIndex(succeededIndexes, index) || hasIndex(failedIndexes, index))
      continue;
    const known = held.get(index);
    if (known === undefined || (allFailures(known) <= allFailures(pod) && finishedMs(pod) >= finishedMs(known)))
      held.set(index, pod);
  }
  return held;
}
