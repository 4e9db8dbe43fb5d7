import { parseTime } from '@reckon/api/machinery';
import {
  type Condition,
  conditionOf,
  newCondition,
  reasons,
  withDeploymentCondition,
  withoutCondition,
} from './condition';
import { type DeploymentStatus, isComplete } from './deployment-status';
import type { ReplicaSet, Rollout } from './rollout';
import { progressDeadlineMs } from './rollout-limits';

/** Says how the rollout goes: done, moving, or stuck for too long; and what keeps ReplicaSets from making pods (`syncRolloutStatus`). */
export function withProgress(
  rollout: Rollout,
  status: DeploymentStatus,
  newSet: ReplicaSet | undefined,
): DeploymentStatus {
  let conditions = status.conditions ?? [];
  if (progressDeadlineMs(rollout.deployment) === undefined) conditions = withoutCondition(conditions, 'Progressing');
  else conditions = progressing(rollout, { ...status, conditions }, newSet);
  const failure = replicaFailure(rollout, newSet);
  conditions =
    failure === undefined
      ? withoutCondition(conditions, 'ReplicaFailure')
      : withDeploymentCondition(conditions, failure);
  return { ...status, conditions };
}

function progressing(rollout: Rollout, status: DeploymentStatus, newSet: ReplicaSet | undefined): Condition[] {
  const { deployment, clock } = rollout;
  const conditions = status.conditions ?? [];
  const current = conditionOf(conditions, 'Progressing');
  // An old rollout that is looked at again: nothing to measure.
  if ((status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === reasons.available)
    return conditions;
  const what =
    newSet === undefined
      ? `Deployment "${deployment.metadata.name ?? ''}"`
      : `ReplicaSet "${newSet.metadata.name ?? ''}"`;
  const next = (state: 'True' | 'False', reason: string, text: string): Condition =>
    newCondition({ type: 'Progressing', status: state, reason, message: `${what} ${text}`, nowMs: clock.nowMs() });

  if (isComplete(rollout, status))
    return withDeploymentCondition(conditions, next('True', reasons.available, 'has successfully progressed.'));
  if (hasProgressed(rollout, status)) {
    // Told anew with the same reason: the update time is what the deadline counts from.
    const moved = next('True', reasons.updated, 'is progressing.');
    const since = current?.status === 'True' ? current.lastTransitionTime : undefined;
    return [
      ...withoutCondition(conditions, 'Progressing'),
      { ...moved, ...(since === undefined ? {} : { lastTransitionTime: since }) },
    ];
  }
  if (isTimedOut(rollout, current))
    return withDeploymentCondition(conditions, next('False', reasons.timedOut, 'has timed out progressing.'));
  return conditions;
}

/** More new, ready or available pods, or fewer old ones, than the stored status tells (deployment/util.DeploymentProgressing). */
function hasProgressed({ deployment }: Rollout, after: DeploymentStatus): boolean {
  const before = deployment.status ?? {};
  const oldPods = (s: DeploymentStatus): number => (s.replicas ?? 0) - (s.updatedReplicas ?? 0);
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    oldPods(after) < oldPods(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

function isTimedOut(rollout: Rollout, current: Condition | undefined): boolean {
  if (current === undefined || current.reason === reasons.available) return false;
  return current.reason === reasons.timedOut || (deadlineInMs(rollout, current) ?? 0) < 0;
}

function deadlineInMs({ deployment, clock }: Rollout, current: Condition): number | undefined {
  const deadline = progressDeadlineMs(deployment);
  if (deadline === undefined || current.lastUpdateTime === undefined) return undefined;
  return parseTime(current.lastUpdateTime) + deadline - clock.nowMs();
}

/** In how many ms to look whether the rollout got stuck, undefined if there is nothing to watch (`requeueStuckDeployment`). */
export function nextProgressCheckMs(rollout: Rollout, status: DeploymentStatus): number | undefined {
  const current = conditionOf(status.conditions, 'Progressing');
  if (current === undefined || current.reason === reasons.timedOut || isComplete(rollout, status)) return undefined;
  const inMs = deadlineInMs(rollout, current);
  // Times have whole seconds: one more, so that the deadline is over when we look.
  return inMs === undefined ? undefined : Math.max(0, inMs) + 1000;
}

/** The failure of the new ReplicaSet, else of any. */
function replicaFailure({ all }: Rollout, newSet: ReplicaSet | undefined): Condition | undefined {
  for (const set of newSet === undefined ? all : [newSet, ...all]) {
    const found = set.status?.conditions?.find((c) => c.type === 'ReplicaFailure');
    if (found !== undefined)
      return {
        ...found,
        ...(found.lastTransitionTime === undefined ? {} : { lastUpdateTime: found.lastTransitionTime }),
      };
  }
  return undefined;
}

/** Time in a pause does not count against the deadline (`checkPausedConditions`). */
export function withPause({ deployment, clock }: Rollout, conditions: readonly Condition[]): Condition[] {
  const current = conditionOf(conditions, 'Progressing');
  if (progressDeadlineMs(deployment) === undefined || current?.reason === reasons.timedOut) return [...conditions];
  const isPaused = deployment.spec?.paused === true;
  if (isPaused === (current?.reason === reasons.paused)) return [...conditions];
  return withDeploymentCondition(
    conditions,
    newCondition({
      type: 'Progressing',
      status: 'Unknown',
      reason: isPaused ? reasons.paused : reasons.resumed,
      message: isPaused ? 'Deployment is paused' : 'Deployment is resumed',
      nowMs: clock.nowMs(),
    }),
  );
}
