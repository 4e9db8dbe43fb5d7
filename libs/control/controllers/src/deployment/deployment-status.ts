import { semanticEqual } from '@reckon/api/machinery';
import type { appsv1 } from '@reckon/api/types';
import { newCondition, withDeploymentCondition } from './condition';
import { type ReplicaSet, type Rollout, draftOf } from './rollout';
import { actualPods, availablePods, desiredReplicas, maxUnavailable, readyPods, wantedPods } from './rollout-limits';

export type DeploymentStatus = appsv1.DeploymentStatus;

/** What the ReplicaSets say, summed up (pkg/controller/deployment.calculateStatus); zeros are left out as upstream's encoding does. */
export function deploymentStatus(
  { deployment, all, clock }: Rollout,
  newSet: ReplicaSet | undefined,
): DeploymentStatus {
  const available = availablePods(all);
  const isAvailable = available >= desiredReplicas(deployment) - maxUnavailable(deployment);
  const terminating = terminatingPods(all);
  const { collisionCount, conditions = [] } = deployment.status ?? {};
  const counts = {
    replicas: actualPods(all),
    updatedReplicas: newSet === undefined ? 0 : actualPods([newSet]),
    readyReplicas: readyPods(all),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, wantedPods(all) - available),
  };
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    ...(Object.fromEntries(Object.entries(counts).filter(([, n]) => n !== 0)) as Partial<typeof counts>),
    ...(terminating === undefined ? {} : { terminatingReplicas: terminating }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: withDeploymentCondition(
      conditions,
      newCondition({
        type: 'Available',
        status: isAvailable ? 'True' : 'False',
        reason: isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
        message: isAvailable
          ? 'Deployment has minimum availability.'
          : 'Deployment does not have minimum availability.',
        nowMs: clock.nowMs(),
      }),
    ),
  };
}

/** Unknown as long as one ReplicaSet does not say. */
function terminatingPods(sets: readonly ReplicaSet[]): number | undefined {
  let sum = 0;
  for (const { status } of sets) {
    if (status?.terminatingReplicas === undefined) return undefined;
    sum += status.terminatingReplicas;
  }
  return sum;
}

/** Every pod is of the newest template and available, and the status tells of the newest spec (deployment/util.DeploymentComplete). */
export function isComplete({ deployment }: Rollout, status: DeploymentStatus): boolean {
  const replicas = desiredReplicas(deployment);
  return (
    (status.updatedReplicas ?? 0) === replicas &&
    (status.replicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** Writes status and annotations if either differs from what is stored (the status subresource takes annotations too). */
export async function writeStatus(rollout: Rollout, status: DeploymentStatus): Promise<boolean> {
  const { deployment, stored } = rollout;
  if (
    semanticEqual(status, stored.status) &&
    semanticEqual(deployment.metadata.annotations, stored.metadata.annotations)
  )
    return false;
  rollout.stored = await rollout.deployments.updateStatus({ ...deployment, status });
  rollout.deployment = draftOf(rollout.stored);
  return true;
}
