import { annotations, numberAnnotation } from './revision';
import { type ReplicaSet, type Rollout, byCreation } from './rollout';
import { activeSets, desiredReplicas, isRolling, maxSurge, replicasOf, wantedPods } from './rollout-limits';
import { scaleReplicaSet } from './scale-replica-set';
import { oldSetsOf } from './new-replica-set';

/** True when the number of replicas was changed and a ReplicaSet was sized for another (`isScalingEvent`). */
export function isScaling({ deployment, all }: Rollout): boolean {
  return activeSets(all).some((set) => {
    const desired = numberAnnotation(set, annotations.desired);
    return desired !== undefined && desired !== desiredReplicas(deployment);
  });
}

/**
 * Makes the ReplicaSets as large as the Deployment now wants without rolling out anything: the only active one alone; in the middle
 * of a rollout all of them in proportion, so that a bad new template does not take it all (`scale`).
 */
export async function scaleAll(rollout: Rollout, newSet: ReplicaSet | undefined): Promise<void> {
  const { deployment } = rollout;
  const old = oldSetsOf(rollout, newSet);
  const only = onlyActiveOrLatest(newSet, old);
  if (only !== undefined) {
    await scaleReplicaSet(rollout, only, desiredReplicas(deployment));
    return;
  }
  if (newSet !== undefined && isSaturated(rollout, newSet)) {
    for (const set of activeSets(old)) await scaleReplicaSet(rollout, set, 0);
    return;
  }
  if (!isRolling(deployment)) return;
  for (const [set, replicas] of proportions(rollout)) await scaleReplicaSet(rollout, set, replicas);
}

/** Undefined when several are active. */
function onlyActiveOrLatest(newSet: ReplicaSet | undefined, old: readonly ReplicaSet[]): ReplicaSet | undefined {
  const active = activeSets(newSet === undefined ? old : [...old, newSet]);
  if (active.length > 1) return undefined;
  return active[0] ?? newSet ?? [...old].sort(byCreation).at(-1);
}

function isSaturated({ deployment }: Rollout, newSet: ReplicaSet): boolean {
  const wanted = desiredReplicas(deployment);
  return (
    replicasOf(newSet) === wanted &&
    numberAnnotation(newSet, annotations.desired) === wanted &&
    (newSet.status?.availableReplicas ?? 0) === wanted
  );
}

/** The new sizes; what rounding leaves goes to the largest (of equals the newest when growing, the oldest when shrinking). */
function proportions({ deployment, all }: Rollout): [ReplicaSet, number][] {
  const wanted = desiredReplicas(deployment);
  const active = activeSets(all);
  const toAdd = (wanted > 0 ? wanted + maxSurge(deployment) : 0) - wantedPods(active);
  const sign = toAdd >= 0 ? -1 : 1;
  active.sort((a, b) => replicasOf(b) - replicasOf(a) || sign * byCreation(a, b));
  let added = 0;
  const sizes = active.map((set): [ReplicaSet, number] => {
    const share = toAdd === added ? 0 : shareOf(set, deployment, toAdd - added);
    added += share;
    return [set, replicasOf(set) + share];
  });
  const first = sizes[0];
  if (first !== undefined) first[1] = Math.max(0, first[1] + toAdd - added);
  return sizes;
}

/** As the whole may grow or shrink, so does the part; never more than is left (deployment/util.GetReplicaSetProportion). */
function shareOf(set: ReplicaSet, deployment: Rollout['deployment'], left: number): number {
  const replicas = replicasOf(set);
  const wanted = desiredReplicas(deployment);
  const before = numberAnnotation(set, annotations.max) || (deployment.status?.replicas ?? 0);
  const fraction =
    wanted === 0
      ? -replicas
      : before === 0
        ? 0
        : roundHalfAway((replicas * (wanted + maxSurge(deployment))) / before) - replicas;
  return left > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
}

const roundHalfAway = (n: number): number => Math.sign(n) * Math.round(Math.abs(n));
