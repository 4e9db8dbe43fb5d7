import type { LabelSelector } from '@reckon/api/machinery';
import { type Informer, type Lister, objectKey } from '@reckon/client/cache';
import { type ResourceClient, refs } from '@reckon/client/rest';
import { Controller, type Result, done, requeueAfter } from '@reckon/control/runtime';
import type { ControllerContext, ControllerRow } from '../controller-context';
import type { ControllerRevision } from '../controller-history/revision';
import { claim } from '../ownership/claim';
import { claimable, indexByController } from '../ownership/controller-index';
import { selectorCache } from '../ownership/selector-cache';
import { writeStatus } from '../ownership/write-status';
import { Expectations } from '../replica-set/expectations';
import { watchPods } from '../replica-set/pod-events';
import type { Pod } from '../replica-set/pod-state';
import { startWhenSynced } from '../start-when-synced';
import { isClaimOf } from './claim-templates';
import { type RevisionTools, type SetRevisions, knownRevisions, syncRevisions, truncateHistory } from './set-revisions';
import { completed, isToldAlready, nextAvailableMs, setStatus, withCount } from './set-status';
import type { SetSync, SetTools } from './set-sync';
import { type Claim, type StatefulSet, isMember, podRevision, statefulSetType, wantedReplicas } from './stateful-set';
import { updateSet } from './update-set';

/** A watch may have swallowed what we wait for: look again after this, as upstream's resync does. */
const resyncMs = 30_000;

/** Gives a StatefulSet pods with a number each, and each its own claims (pkg/controller/statefulset). */
export const statefulSetController: ControllerRow = {
  name: 'statefulset-controller',
  serviceAccount: 'statefulset-controller',
  start(context) {
    const sets = context.informers.informer<StatefulSet>(refs.statefulSets);
    const pods = context.informers.informer<Pod>(refs.pods);
    const claims = context.informers.informer<Claim>(refs.persistentVolumeClaims);
    const revisions = context.informers.informer<ControllerRevision>(refs.controllerRevisions);
    indexByController(pods);
    indexByController(revisions);
    const parts = partsOf(context, { sets, pods, claims, revisions });
    const controller = new Controller('statefulset', (key, signal) => reconcile(parts, key, signal), context);
    const enqueue = (set: StatefulSet): void => {
      controller.enqueue(objectKey(set));
    };
    sets.addHandler({
      add: enqueue,
      update: (_, set) => {
        enqueue(set);
      },
      delete: (set) => {
        parts.tools.expectations.forget(set.metadata.uid ?? '');
      },
    });
    // A pod may wait for the claim of its predecessor to be gone.
    claims.addHandler({
      delete: (gone) => {
        for (const set of sets.lister.list(gone.metadata.namespace ?? '')) if (isClaimOf(set, gone)) enqueue(set);
      },
    });
    watchPods({
      kind: statefulSetType.kind,
      pods,
      sets: sets.lister,
      expectations: parts.tools.expectations,
      selectorOf: parts.selectorOf,
      sizeOf: wantedReplicas,
      queue: controller.queue,
    });
    return startWhenSynced([controller], [sets, pods, claims, revisions]);
  },
};

interface Parts {
  readonly sets: Lister<StatefulSet>;
  readonly pods: Lister<Pod>;
  readonly client: ResourceClient<StatefulSet>;
  readonly selectorOf: (set: StatefulSet) => LabelSelector;
  readonly tools: SetTools & RevisionTools;
}

function partsOf(
  context: ControllerContext,
  informers: {
    readonly sets: Informer<StatefulSet>;
    readonly pods: Informer<Pod>;
    readonly claims: Informer<Claim>;
    readonly revisions: Informer<ControllerRevision>;
  },
): Parts {
  return {
    sets: informers.sets.lister,
    pods: informers.pods.lister,
    client: context.rest.resource<StatefulSet>(refs.statefulSets),
    selectorOf: selectorCache(),
    tools: {
      ref: refs.statefulSets,
      pods: context.rest.resource<Pod>(refs.pods),
      recorder: context.recorder('statefulset-controller'),
      expectations: new Expectations(context.clock),
      claims: informers.claims.lister,
      claimClient: context.rest.resource<Claim>(refs.persistentVolumeClaims),
      revisions: informers.revisions.lister,
      revisionClient: context.rest.resource<ControllerRevision>(refs.controllerRevisions),
      clock: context.clock,
    },
  };
}

async function reconcile(parts: Parts, key: string, signal: AbortSignal): Promise<Result> {
  const { client, tools } = parts;
  const set = parts.sets.byKey(key);
  if (set === undefined) return done;
  const { uid = '', namespace = '', name = '' } = set.metadata;
  if (!tools.expectations.isSatisfied(uid)) return requeueAfter(resyncMs);
  const selector = parts.selectorOf(set);
  const freshOwner = (): Promise<StatefulSet> => client.get(namespace, name);
  const known = await knownRevisions(tools, set, selector, freshOwner);
  // The garbage collector has taken its history: making it anew would only keep the set from going.
  if (set.metadata.deletionTimestamp !== undefined && known.length === 0) return done;
  const pods = await claim({
    owner: set,
    ownerType: statefulSetType,
    selector,
    candidates: claimable(parts.pods, set),
    isMember: (pod) => isMember(set, pod),
    client: tools.pods,
    freshOwner,
  });
  let revisions: SetRevisions | undefined;
  try {
    revisions = await syncRevisions(tools, set, known);
    await carryOut(parts, { ...tools, set, signal }, revisions, pods);
  } finally {
    if (!signal.aborted) await truncateHistory(tools, set, known, { revisions, pods });
  }
  const availableMs = nextAvailableMs(set, pods, tools.clock.nowMs());
  // Times have whole seconds: one more, so that the pod is available when we look.
  return availableMs === undefined ? done : requeueAfter(availableMs + 1000);
}

/** What went wrong is thrown after the status tells what there is. A set that is going gets nothing any more. */
async function carryOut(
  { client }: Parts,
  sync: SetSync,
  revisions: SetRevisions,
  pods: readonly Pod[],
): Promise<void> {
  const { set, signal, expectations, clock } = sync;
  const owner = set.metadata.uid ?? '';
  let status = setStatus(set, revisions, pods, clock.nowMs());
  let failed: { readonly failure: unknown } | undefined;
  if (set.metadata.deletionTimestamp === undefined) {
    expectations.createsBegin(owner);
    try {
      const { replaced } = await updateSet(sync, revisions, pods);
      if (replaced !== undefined && podRevision(replaced) === status.currentRevision)
        status = withCount(status, 'currentReplicas', (status.currentReplicas ?? 0) - 1);
    } catch (failure) {
      failed = { failure };
    } finally {
      expectations.createsEnded(owner);
    }
  }
  signal.throwIfAborted();
  const told = completed(set, status);
  if (!isToldAlready(set, told)) await writeStatus(client, set, () => told);
  if (failed !== undefined) throw failed.failure;
}
