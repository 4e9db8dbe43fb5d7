import { type LabelSelector, controllerOf } from '@reckon/api/machinery';
import type { Informer } from '@reckon/client/cache';
import type { Pod } from '../replica-set/pod-state';
import type { Deployment, ReplicaSet } from './rollout';
import { isRolling } from './rollout-limits';

export interface OwnedEvents {
  readonly deployments: Informer<Deployment>;
  readonly sets: Informer<ReplicaSet>;
  readonly pods: Informer<Pod>;
  readonly selectorOf: (deployment: Deployment) => LabelSelector;
  readonly enqueue: (deployment: Deployment) => void;
}

/** Which Deployments must look again: themselves, the owner of a ReplicaSet, who might adopt one, who waits for pods to be gone. */
export function watchOwned({ deployments, sets, pods, selectorOf, enqueue }: OwnedEvents): void {
  const ownerOf = (set: ReplicaSet): Deployment | undefined => {
    const owner = controllerOf(set);
    if (owner?.kind !== 'Deployment') return undefined;
    const deployment = deployments.lister.get(set.metadata.namespace ?? '', owner.name);
    return deployment?.metadata.uid === owner.uid ? deployment : undefined;
  };
  const enqueueOwner = (set: ReplicaSet): void => {
    const owner = ownerOf(set);
    if (owner !== undefined) enqueue(owner);
  };
  const seen = (set: ReplicaSet): void => {
    if (controllerOf(set) !== undefined) enqueueOwner(set);
    else if (set.metadata.deletionTimestamp === undefined)
      for (const deployment of deployments.lister.list(set.metadata.namespace ?? ''))
        if (selectorOf(deployment).matches(set.metadata.labels)) enqueue(deployment);
  };
  deployments.addHandler({
    add: enqueue,
    update: (_, deployment) => {
      enqueue(deployment);
    },
  });
  sets.addHandler({
    add: seen,
    update: (old, set) => {
      if (controllerOf(old)?.uid !== controllerOf(set)?.uid) enqueueOwner(old);
      seen(set);
    },
    delete: enqueueOwner,
  });
  /** A Recreate rollout goes on when the last old pod is gone or has ended. */
  const gone = (pod: Pod): void => {
    const owner = controllerOf(pod);
    if (owner?.kind !== 'ReplicaSet') return;
    const set = sets.lister.get(pod.metadata.namespace ?? '', owner.name);
    const deployment = set?.metadata.uid === owner.uid ? ownerOf(set) : undefined;
    if (deployment !== undefined && !isRolling(deployment)) enqueue(deployment);
  };
  pods.addHandler({
    update: (old, pod) => {
      if (
        old.status?.phase !== pod.status?.phase &&
        (pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded')
      )
        gone(pod);
    },
    delete: gone,
  });
}
