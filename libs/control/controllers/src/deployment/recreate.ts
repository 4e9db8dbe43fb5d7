import { isComplete } from './deployment-status';
import { oldSetsOf, syncNewSet } from './new-replica-set';
import { deleteOldSets } from './old-replica-sets';
import type { ReplicaSet, Rollout } from './rollout';
import { activeSets, actualPods, desiredReplicas } from './rollout-limits';
import { scaleReplicaSet } from './scale-replica-set';

/** Everything old goes, and is really gone, before anything new comes (pkg/controller/deployment/recreate.go). */
export async function recreate(rollout: Rollout): Promise<void> {
  const found = await syncNewSet(rollout, { create: false });
  const old = oldSetsOf(rollout, found);
  let isScaledDown = false;
  for (const set of activeSets(old)) isScaledDown = (await scaleReplicaSet(rollout, set, 0)) || isScaledDown;
  if (isScaledDown || hasRunningPods(rollout, old)) return;
  const newSet = found ?? (await syncNewSet(rollout, { create: true }));
  if (newSet === undefined) return;
  await scaleReplicaSet(rollout, newSet, desiredReplicas(rollout.deployment));
  if (isComplete(rollout, rollout.deployment.status ?? {})) await deleteOldSets(rollout, oldSetsOf(rollout, newSet));
}

/** A pod that is going still runs; one whose containers have ended does not. */
function hasRunningPods({ podsOf }: Rollout, old: readonly ReplicaSet[]): boolean {
  if (actualPods(old) > 0) return true;
  return old.some((set) =>
    podsOf(set).some(({ status }) => status?.phase !== 'Failed' && status?.phase !== 'Succeeded'),
  );
}
