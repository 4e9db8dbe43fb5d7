import { scaledIntOrPercent } from '@reckon/api/machinery';
import type { Deployment, ReplicaSet } from './rollout';

/** What upstream means by "no deadline" and "keep all history". */
const unlimited = 2 ** 31 - 1;

export const desiredReplicas = (deployment: Deployment): number => deployment.spec?.replicas ?? 1;
export const replicasOf = (set: ReplicaSet): number => set.spec?.replicas ?? 1;
export const isRolling = (deployment: Deployment): boolean => deployment.spec?.strategy?.type !== 'Recreate';

/** Pods above the desired number during a rollout (deployment/util.MaxSurge). */
export const maxSurge = (deployment: Deployment): number => (isRolling(deployment) ? fenceposts(deployment).surge : 0);

/** Pods that may be missing during a rollout (deployment/util.MaxUnavailable). */
export function maxUnavailable(deployment: Deployment): number {
  const replicas = desiredReplicas(deployment);
  if (!isRolling(deployment) || replicas === 0) return 0;
  return Math.min(fenceposts(deployment).unavailable, replicas);
}

/** Surge is rounded up, unavailable down; both 0 would never end, so one may be missing (deployment/util.ResolveFenceposts). */
function fenceposts(deployment: Deployment): { readonly surge: number; readonly unavailable: number } {
  const { maxSurge: surgeValue = '25%', maxUnavailable: unavailableValue = '25%' } =
    deployment.spec?.strategy?.rollingUpdate ?? {};
  const replicas = desiredReplicas(deployment);
  const surge = scaledIntOrPercent(surgeValue, replicas, 'up');
  const unavailable = scaledIntOrPercent(unavailableValue, replicas, 'down');
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

export function progressDeadlineMs(deployment: Deployment): number | undefined {
  const seconds = deployment.spec?.progressDeadlineSeconds;
  return seconds === undefined || seconds === unlimited ? undefined : seconds * 1000;
}

export function historyLimit(deployment: Deployment): number | undefined {
  const limit = deployment.spec?.revisionHistoryLimit;
  return limit === undefined || limit === unlimited ? undefined : limit;
}

const sum = (sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number): number =>
  sets.reduce((n, set) => n + of(set), 0);

/** What the ReplicaSets are meant to have. */
export const wantedPods = (sets: readonly ReplicaSet[]): number => sum(sets, replicasOf);
/** What they have. */
export const actualPods = (sets: readonly ReplicaSet[]): number => sum(sets, (s) => s.status?.replicas ?? 0);
export const readyPods = (sets: readonly ReplicaSet[]): number => sum(sets, (s) => s.status?.readyReplicas ?? 0);
export const availablePods = (sets: readonly ReplicaSet[]): number =>
  sum(sets, (s) => s.status?.availableReplicas ?? 0);

export const activeSets = (sets: readonly ReplicaSet[]): ReplicaSet[] => sets.filter((s) => replicasOf(s) > 0);

/** How large the newest ReplicaSet may be now (deployment/util.NewRSNewReplicas). */
export function newSetReplicas(deployment: Deployment, all: readonly ReplicaSet[], newSet: number): number {
  const replicas = desiredReplicas(deployment);
  if (!isRolling(deployment)) return replicas;
  const room =
    replicas +
    scaledIntOrPercent(deployment.spec?.strategy?.rollingUpdate?.maxSurge ?? '25%', replicas, 'up') -
    wantedPods(all);
  return room <= 0 ? newSet : newSet + Math.min(room, replicas - newSet);
}
