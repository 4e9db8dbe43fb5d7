import { type KubeObject, type LabelSelector, controllerOf } from '@reckon/api/machinery';
import { type Informer, type Lister, objectKey } from '@reckon/client/cache';
import type { WorkQueue } from '@reckon/control/runtime';
import type { Expectations } from './expectations';
import type { Pod } from './pod-state';

/**
 * Pod events of a large set come in hundreds; each look at it costs a walk over its pods and a status write, so they are
 * gathered this long. A small one is looked at at once.
 */
const gather = { fromPods: 25, ms: 20 } as const;

export interface PodEvents<T extends KubeObject> {
  /** `ReplicaSet`: the kind that owns. */
  readonly kind: string;
  readonly pods: Informer<Pod>;
  readonly sets: Lister<T>;
  readonly expectations: Expectations;
  readonly selectorOf: (set: T) => LabelSelector;
  /** About how many pods the set has. */
  readonly sizeOf: (set: T) => number;
  readonly queue: Pick<WorkQueue, 'addAfter'>;
}

/** Which sets must look again when a pod comes, changes or goes; tells the expectations what was seen. */
export function watchPods<T extends KubeObject>(events: PodEvents<T>): void {
  const { kind, pods, sets, expectations, selectorOf, sizeOf, queue } = events;
  const enqueue = (set: T): void => {
    queue.addAfter(objectKey(set), sizeOf(set) < gather.fromPods ? 0 : gather.ms);
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
