import { reasonOf } from '@reckon/api/machinery';
import { revisionOf } from './revision';
import { type ReplicaSet, type Rollout, byCreation } from './rollout';
import { historyLimit, replicasOf } from './rollout-limits';

/** Deletes the oldest revisions over the history limit, if they are empty and known to be (`cleanupDeployment`). */
export async function deleteOldSets(rollout: Rollout, old: readonly ReplicaSet[]): Promise<void> {
  const limit = historyLimit(rollout.deployment);
  if (limit === undefined) return;
  const candidates = old.filter((set) => set.metadata.deletionTimestamp === undefined);
  const surplus = candidates.length - limit;
  if (surplus <= 0) return;
  const oldestFirst = candidates.sort((a, b) => {
    const [left, right] = [revisionOf(a), revisionOf(b)];
    return left === right ? byCreation(a, b) : left < right ? -1 : 1;
  });
  for (const { metadata, spec, status } of oldestFirst.slice(0, surplus)) {
    const isEmpty = (status?.replicas ?? 0) === 0 && replicasOf({ metadata, spec: spec ?? {} }) === 0;
    if (!isEmpty || (metadata.generation ?? 0) > (status?.observedGeneration ?? 0)) continue;
    await rollout.sets.delete(metadata.namespace ?? '', metadata.name ?? '').catch((error: unknown) => {
      if (reasonOf(error) !== 'NotFound') throw error;
    });
  }
}
