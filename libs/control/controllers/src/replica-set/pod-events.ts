import { type LabelSelector, controllerOf } from '@reckon/api/machinery';
import { type Informer, type Lister, objectKey } from '@reckon/client/cache';
import type { WorkQueue } from '@reckon/control/runtime';
import type { Expectations } from './expectations';
import type { Pod } from './pod-state';
import type { ReplicaOwner } from './replica-kind';

/**
 * Pod events of a large set come in hundreds; each look at it costs a walk over its pods and a status write, so they are
 * gathered this long. A small one is looked at at once.
 */
const gather = { fromReplicas: 25, ms: 20 } as const;

export interface PodEvents {
  /** `ReplicaSet`: the kind that owns. */
  readonly kind: string;
  readonly pods: Informer<Pod>;
  readonly sets: Lister<ReplicaOwner>;
  readonly expectations: Expectations;
  readonly selectorOf: (set: ReplicaOwner) => LabelSelector;
  readonly queue: Pick<WorkQueue, 'addAfter'>;
}

/** Which sets must look again when a pod comes, changes or goes; tells the expectations what was seen. */
export function watchPods({ kind, pods, sets, expectations, selectorOf, queue }: PodEvents): void {
  const enqueue = (set: ReplicaOwner): void => {
    queue.addAfter(objectKey(set), (set.spec?.replicas ?? 1) < gather.fromReplicas ? 0 : gather.ms);
  };
  const enqueueOwner = (pod: Pod): void => {
    const owner = controllerOf(pod);
    if (owner?.kind !== kind) return;
    const set = sets.get(pod.metadata.namespace ?? '', owner.name);
    if (set?.metadata.uid === owner.uid) enqueue(set);
  };
  const enqueueAdopters = (pod: Pod): void => {
    if (pod.metadata.labels === undefined) return;
    for (const set of sets.list(pod.metadata.namespace ?? ''))
      if (selectorOf(set).matches(pod.metadata.labels)) enqueue(set);
  };
  const going = (pod: Pod): void => {
    expectations.sawDeletion(controllerOf(pod)?.uid ?? '', pod.metadata.uid ?? '');
    enqueueOwner(pod);
  };
  pods.addHandler({
    add: (pod) => {
      const owner = controllerOf(pod);
      if (owner === undefined) {
        if (pod.metadata.deletionTimestamp === undefined) enqueueAdopters(pod);
        return;
      }
      expectations.sawCreation(owner.uid, pod.metadata.uid ?? '');
      if (pod.metadata.deletionTimestamp !== undefined) going(pod);
      else enqueueOwner(pod);
    },
    update: (old, pod) => {
      const owner = controllerOf(pod);
      if (controllerOf(old)?.uid !== owner?.uid) enqueueOwner(old);
      if (pod.metadata.deletionTimestamp !== undefined) going(pod);
      else if (owner !== undefined) enqueueOwner(pod);
      else enqueueAdopters(pod);
    },
    delete: going,
  });
}
