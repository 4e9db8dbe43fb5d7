import { timeText } from '@reckon/api/machinery';
import type { appsv1 } from '@reckon/api/types';

export type Condition = appsv1.DeploymentCondition;

export const reasons = {
  created: 'NewReplicaSetCreated',
  found: 'FoundNewReplicaSet',
  updated: 'ReplicaSetUpdated',
  createFailed: 'ReplicaSetCreateError',
  available: 'NewReplicaSetAvailable',
  timedOut: 'ProgressDeadlineExceeded',
  paused: 'DeploymentPaused',
  resumed: 'DeploymentResumed',
} as const;

export type ConditionStatus = 'True' | 'False' | 'Unknown';

export const conditionOf = (conditions: readonly Condition[] | undefined, type: string): Condition | undefined =>
  conditions?.find((c) => c.type === type);

export function newCondition(parts: {
  readonly type: string;
  readonly status: ConditionStatus;
  readonly reason: string;
  readonly message: string;
  readonly nowMs: number;
}): Condition {
  const { nowMs, ...fields } = parts;
  return { ...fields, lastUpdateTime: timeText(nowMs), lastTransitionTime: timeText(nowMs) };
}

/**
 * deployment/util.SetDeploymentCondition: nothing changes when status and reason are the same, a changed one goes to the end;
 * the transition time moves with the status only.
 */
export function withDeploymentCondition(conditions: readonly Condition[], condition: Condition): Condition[] {
  const old = conditionOf(conditions, condition.type);
  if (old?.status === condition.status && old.reason === condition.reason) return [...conditions];
  const kept = old?.status === condition.status ? old.lastTransitionTime : undefined;
  return [
    ...withoutCondition(conditions, condition.type),
    { ...condition, ...(kept === undefined ? {} : { lastTransitionTime: kept }) },
  ];
}

export const withoutCondition = (conditions: readonly Condition[], type: string): Condition[] =>
  conditions.filter((c) => c.type !== type);
