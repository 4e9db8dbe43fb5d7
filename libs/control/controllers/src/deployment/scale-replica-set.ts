import { refs } from '@reckon/client/rest';
import { hasAll, replicaAnnotations } from './revision';
import { type ReplicaSet, type Rollout, replaceSet } from './rollout';
import { replicasOf } from './rollout-limits';

/** Gives a ReplicaSet its size and the Deployment's replica annotations; tells whether the size changed. */
export async function scaleReplicaSet(rollout: Rollout, set: ReplicaSet, replicas: number): Promise<boolean> {
  const { deployment, sets, recorder } = rollout;
  const before = replicasOf(set);
  const marks = replicaAnnotations(deployment);
  if (before === replicas && hasAll(set.metadata.annotations, marks)) return false;
  const updated = await sets.update({
    ...set,
    metadata: { ...set.metadata, annotations: { ...set.metadata.annotations, ...marks } },
    spec: { ...set.spec, replicas },
  });
  replaceSet(rollout, updated);
  if (before === replicas) return false;
  const direction = before < replicas ? 'up' : 'down';
  recorder.event(deployment, refs.deployments, {
    type: 'Normal',
    reason: 'ScalingReplicaSet',
    message: `Scaled ${direction} replica set ${set.metadata.name ?? ''} from ${String(before)} to ${String(replicas)}`,
  });
  return true;
}
