import { oldSetsOf, syncNewSet } from './new-replica-set';
import { deleteOldSets } from './old-replica-sets';
import { isComplete } from './deployment-status';
import { type ReplicaSet, type Rollout, byCreation } from './rollout';
import {
  activeSets,
  availablePods,
  desiredReplicas,
  maxUnavailable,
  newSetReplicas,
  replicasOf,
  wantedPods,
} from './rollout-limits';
import { scaleReplicaSet } from './scale-replica-set';

/** One step of a rolling update: either the new ReplicaSet grows, or old ones shrink (pkg/controller/deployment/rolling.go). */
export async function rollingUpdate(rollout: Rollout): Promise<void> {
  const newSet = await syncNewSet(rollout, { create: true });
  if (newSet === undefined) return;
  if (await growNewSet(rollout, newSet)) return;
  if (await shrinkOldSets(rollout, newSet)) return;
  if (isComplete(rollout, rollout.deployment.status ?? {})) await deleteOldSets(rollout, oldSetsOf(rollout, newSet));
}

async function growNewSet(rollout: Rollout, newSet: ReplicaSet): Promise<boolean> {
  const wanted = desiredReplicas(rollout.deployment);
  const now = replicasOf(newSet);
  if (now === wanted) return false;
  return scaleReplicaSet(rollout, newSet, now > wanted ? wanted : newSetReplicas(rollout.deployment, rollout.all, now));
}

/**
 * So many pods may go at once: all there are, less those that must stay available, less those of the new ReplicaSet that are not
 * available yet (they would count as there). Unhealthy pods go first, they are missed by nobody.
 */
async function shrinkOldSets(rollout: Rollout, newSet: ReplicaSet): Promise<boolean> {
  const { deployment } = rollout;
  const old = activeSets(oldSetsOf(rollout, newSet)).sort(byCreation);
  if (wantedPods(old) === 0) return false;
  const minAvailable = desiredReplicas(deployment) - maxUnavailable(deployment);
  const newUnavailable = replicasOf(newSet) - (newSet.status?.availableReplicas ?? 0);
  const removable = wantedPods(rollout.all) - minAvailable - newUnavailable;
  if (removable <= 0) return false;
  const unhealthy = await removeUnhealthy(rollout, old, removable);
  const healthy = await removeHealthy(rollout, newSet, minAvailable);
  return unhealthy + healthy > 0;
}

async function removeUnhealthy(rollout: Rollout, old: readonly ReplicaSet[], most: number): Promise<number> {
  let removed = 0;
  for (const set of old) {
    if (removed >= most) break;
    const count = Math.min(most - removed, replicasOf(set) - (set.status?.availableReplicas ?? 0));
    if (count <= 0) continue;
    await scaleReplicaSet(rollout, set, replicasOf(set) - count);
    removed += count;
  }
  return removed;
}

async function removeHealthy(rollout: Rollout, newSet: ReplicaSet, minAvailable: number): Promise<number> {
  let spare = availablePods(rollout.all) - minAvailable;
  let removed = 0;
  for (const set of activeSets(oldSetsOf(rollout, newSet)).sort(byCreation)) {
    if (spare <= 0) break;
    const count = Math.min(replicasOf(set), spare);
    await scaleReplicaSet(rollout, set, replicasOf(set) - count);
    spare -= count;
    removed += count;
  }
  return removed;
}
