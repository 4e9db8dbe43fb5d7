import { controllerOf } from '@reckon/api/machinery';
import type { Informer, Lister } from '@reckon/client/cache';
import { objectKey } from '@reckon/client/cache';
import { type ResourceClient, refs } from '@reckon/client/rest';
import { Controller, type Result, done, requeueAfter } from '@reckon/control/runtime';
import type { Running } from '@reckon/kernel';
import type { ControllerContext } from '../controller-context';
import { claim } from '../ownership/claim';
import { claimable, controlledBy, indexByController } from '../ownership/controller-index';
import { writeStatus } from '../ownership/write-status';
import { startWhenSynced } from '../start-when-synced';
import { Expectations } from './expectations';
import { type Pod, isActive, isTerminating } from './pod-state';
import { watchPods } from './pod-events';
import { type ReplicaKind, type ReplicaOwner, ownerType } from './replica-kind';
import { isSameStatus, replicaSetStatus } from './replica-set-status';
import { type PodControl, scalePods } from './scale-pods';

/** Keeps as many pods as each object of the kind wants (pkg/controller/replicaset). */
export function startReplicaController(kind: ReplicaKind, context: ControllerContext): Running {
  const sets = context.informers.informer<ReplicaOwner>(kind.ref);
  const pods = context.informers.informer<Pod>(refs.pods);
  indexByController(sets);
  indexByController(pods);
  const parts = partsOf(kind, context, sets, pods);
  const controller = new Controller(kind.queue, (key, signal) => reconcile(parts, key, signal), context);
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
    kind: kind.ref.kind,
    pods,
    sets: sets.lister,
    expectations: parts.control.expectations,
    selectorOf: parts.selectorOf,
    sizeOf: (set) => set.spec?.replicas ?? 1,
    queue: controller.queue,
  });
  return startWhenSynced([controller], [sets, pods]);
}

interface Parts {
  readonly kind: ReplicaKind;
  readonly sets: Lister<ReplicaOwner>;
  readonly pods: Lister<Pod>;
  readonly client: ResourceClient<ReplicaOwner>;
  readonly control: PodControl;
  readonly selectorOf: ReturnType<ReplicaKind['selectors']>;
}

function partsOf(
  kind: ReplicaKind,
  context: ControllerContext,
  sets: Informer<ReplicaOwner>,
  pods: Informer<Pod>,
): Parts {
  return {
    kind,
    sets: sets.lister,
    pods: pods.lister,
    client: context.rest.resource<ReplicaOwner>(kind.ref),
    selectorOf: kind.selectors(),
    control: {
      ref: kind.ref,
      pods: context.rest.resource<Pod>(refs.pods),
      recorder: context.recorder(kind.component),
      expectations: new Expectations(context.clock),
      clock: context.clock,
      related: (set) =>
        controlledBy(sets.lister, controllerOf(set)?.uid).flatMap((sibling) =>
          controlledBy(pods.lister, sibling.metadata.uid),
        ),
    },
  };
}

async function reconcile(parts: Parts, key: string, signal: AbortSignal): Promise<Result> {
  const { kind, client, control } = parts;
  const set = parts.sets.byKey(key);
  if (set === undefined) return done;
  const { uid = '', namespace = '', name = '' } = set.metadata;
  const isInStep = control.expectations.isSatisfied(uid);
  const active = await claim({
    owner: set,
    ownerType: ownerType(kind),
    selector: parts.selectorOf(set),
    candidates: claimable(parts.pods, set).filter(isActive),
    client: control.pods,
    freshOwner: () => client.get(namespace, name),
  });
  const mayScale = isInStep && set.metadata.deletionTimestamp === undefined;
  const failure = mayScale ? await scalePods(control, set, active, signal) : undefined;
  const { status, nextAvailableMs } = replicaSetStatus({
    set,
    active,
    terminating: kind.countsTerminating ? controlledBy(parts.pods, uid).filter(isTerminating) : undefined,
    failure,
    nowMs: control.clock.nowMs(),
  });
  if (!isSameStatus(set, status)) await writeStatus(client, set, () => status);
  if (failure !== undefined) throw failure.failure;
  // Times have whole seconds: one more, so that the pod is available when we look.
  return nextAvailableMs === undefined ? done : requeueAfter(nextAvailableMs + 1000);
}
