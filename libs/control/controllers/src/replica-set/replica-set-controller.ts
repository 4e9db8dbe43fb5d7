import { controllerOf, reasonOf } from '@reckon/api/machinery';
import type { Informer, Lister } from '@reckon/client/cache';
import { objectKey } from '@reckon/client/cache';
import { type ResourceClient, refs } from '@reckon/client/rest';
import { Controller, type Result, done, requeueAfter } from '@reckon/control/runtime';
import type { appsv1 } from '@reckon/api/types';
import type { ControllerContext, ControllerRow } from '../controller-context';
import { claim } from '../ownership/claim';
import { claimable, controlledBy, indexByController } from '../ownership/controller-index';
import { selectorCache } from '../ownership/selector-cache';
import { startWhenSynced } from '../start-when-synced';
import { Expectations } from './expectations';
import { type Pod, isActive, isTerminating } from './pod-state';
import { watchPods } from './pod-events';
import { type ReplicaSet, isSameStatus, replicaSetStatus } from './replica-set-status';
import { type PodControl, replicaSetType, scalePods } from './scale-pods';

/** Keeps as many pods as each ReplicaSet wants (pkg/controller/replicaset). */
export const replicaSetController: ControllerRow = {
  name: 'replicaset-controller',
  serviceAccount: 'replicaset-controller',
  start(context) {
    const sets = context.informers.informer<ReplicaSet>(refs.replicaSets);
    const pods = context.informers.informer<Pod>(refs.pods);
    indexByController(sets);
    indexByController(pods);
    const parts = partsOf(context, sets, pods);
    const controller = new Controller('replicaset', (key) => reconcile(parts, key), context);
    sets.addHandler({
      add: (set) => {
        controller.enqueue(objectKey(set));
      },
      update: (_, set) => {
        controller.enqueue(objectKey(set));
      },
      delete: (set) => {
        parts.control.expectations.forget(set.metadata.uid ?? '');
      },
    });
    watchPods({
      pods,
      sets: sets.lister,
      expectations: parts.control.expectations,
      selectorOf: parts.selectorOf,
      queue: controller.queue,
    });
    return startWhenSynced([controller], [sets, pods]);
  },
};

interface Parts {
  readonly sets: Lister<ReplicaSet>;
  readonly pods: Lister<Pod>;
  readonly client: ResourceClient<ReplicaSet>;
  readonly control: PodControl;
  readonly selectorOf: ReturnType<typeof selectorCache>;
}

function partsOf(context: ControllerContext, sets: Informer<ReplicaSet>, pods: Informer<Pod>): Parts {
  return {
    sets: sets.lister,
    pods: pods.lister,
    client: context.rest.resource<ReplicaSet>(refs.replicaSets),
    selectorOf: selectorCache(),
    control: {
      pods: context.rest.resource<Pod>(refs.pods),
      recorder: context.recorder('replicaset-controller'),
      expectations: new Expectations(context.clock),
      clock: context.clock,
      related: (set) =>
        controlledBy(sets.lister, controllerOf(set)?.uid).flatMap((sibling) =>
          controlledBy(pods.lister, sibling.metadata.uid),
        ),
    },
  };
}

async function reconcile(parts: Parts, key: string): Promise<Result> {
  const { client, control } = parts;
  const set = parts.sets.byKey(key);
  if (set === undefined) return done;
  const { uid = '', namespace = '', name = '' } = set.metadata;
  const isInStep = control.expectations.isSatisfied(uid);
  const active = await claim({
    owner: set,
    ownerType: replicaSetType,
    selector: parts.selectorOf(set),
    candidates: claimable(parts.pods, set).filter(isActive),
    client: control.pods,
    freshOwner: () => client.get(namespace, name),
  });
  const mayScale = isInStep && set.metadata.deletionTimestamp === undefined;
  const failure = mayScale ? await scalePods(control, set, active) : undefined;
  const { status, nextAvailableMs } = replicaSetStatus({
    set,
    active,
    terminating: controlledBy(parts.pods, uid).filter(isTerminating),
    failure,
    nowMs: control.clock.nowMs(),
  });
  if (!isSameStatus(set, status)) await writeStatus(client, set, status);
  if (failure !== undefined) throw failure.failure;
  // Times have whole seconds: one more, so that the pod is available when we look.
  return nextAvailableMs === undefined ? done : requeueAfter(nextAvailableMs + 1000);
}

/** A second try from the live object, because the cache often does not show our last write yet (`updateReplicaSetStatus`). */
async function writeStatus(
  client: ResourceClient<ReplicaSet>,
  set: ReplicaSet,
  status: appsv1.ReplicaSetStatus,
): Promise<void> {
  try {
    await client.updateStatus({ ...set, status });
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === 'NotFound') return;
    if (reason !== 'Conflict') throw error;
    const live = await client.get(set.metadata.namespace ?? '', set.metadata.name ?? '');
    if (live.metadata.uid === set.metadata.uid) await client.updateStatus({ ...live, status });
  }
}
