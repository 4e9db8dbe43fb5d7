import type { LabelSelector } from '@reckon/api/machinery';
import { type Lister, objectKey } from '@reckon/client/cache';
import { type ResourceClient, refs } from '@reckon/client/rest';
import { Controller, type Result, done, requeueAfter } from '@reckon/control/runtime';
import type { ControllerContext, ControllerRow } from '../controller-context';
import type { ControllerRevision } from '../controller-history/revision';
import { claim } from '../ownership/claim';
import { claimable, indexByController } from '../ownership/controller-index';
import { selectorCache } from '../ownership/selector-cache';
import { Expectations } from '../replica-set/expectations';
import { watchPods } from '../replica-set/pod-events';
import type { Pod } from '../replica-set/pod-state';
import { startWhenSynced } from '../start-when-synced';
import { watchNodesAndHistory } from './daemon-events';
import { type History, hashOf, historyOf, truncateHistory } from './daemon-history';
import { type DaemonSet, type Node, daemonSetType, isRolling } from './daemon-set';
import { tellStatus } from './daemon-status';
import { type DaemonSync, type DaemonTools, podsByNode } from './daemon-sync';
import { FailedPodBackoff } from './failed-pod-backoff';
import { manage } from './manage';
import { fitOf } from './node-fit';
import { rollingUpdate } from './rolling-update';

const forgetBackoffMs = 60_000;

/** A watch may have swallowed what we wait for. */
const resyncMs = 30_000;

/** Gives every node that fits a DaemonSet one pod of it (pkg/controller/daemon). */
export const daemonSetController: ControllerRow = {
  name: 'daemonset-controller',
  serviceAccount: 'daemon-set-controller',
  start(context) {
    const sets = context.informers.informer<DaemonSet>(refs.daemonSets);
    const pods = context.informers.informer<Pod>(refs.pods);
    const nodes = context.informers.informer<Node>(refs.nodes);
    const revisions = context.informers.informer<ControllerRevision>(refs.controllerRevisions);
    indexByController(pods);
    indexByController(revisions);
    const parts: Parts = {
      sets: sets.lister,
      pods: pods.lister,
      nodes: nodes.lister,
      revisions: revisions.lister,
      selectorOf: selectorCache(),
      tools: toolsOf(context),
    };
    const controller = new Controller('daemonset', (key, signal) => reconcile(parts, key, signal), context);
    const enqueue = (set: DaemonSet): void => {
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
    watchPods({
      kind: daemonSetType.kind,
      pods,
      sets: sets.lister,
      expectations: parts.tools.expectations,
      selectorOf: parts.selectorOf,
      sizeOf: () => nodes.lister.size,
      queue: controller.queue,
    });
    watchNodesAndHistory({ sets: sets.lister, nodes, revisions, selectorOf: parts.selectorOf, enqueue });
    const cancel = context.timers.every(forgetBackoffMs, () => {
      parts.tools.backoff.forgetOld();
    });
    const running = startWhenSynced([controller], [sets, pods, nodes, revisions]);
    return {
      stop() {
        cancel();
        return running.stop();
      },
    };
  },
};

interface Parts {
  readonly sets: Lister<DaemonSet>;
  readonly pods: Lister<Pod>;
  readonly nodes: Lister<Node>;
  readonly revisions: Lister<ControllerRevision>;
  readonly selectorOf: (set: DaemonSet) => LabelSelector;
  readonly tools: DaemonTools & { readonly revisionClient: ResourceClient<ControllerRevision> };
}

const toolsOf = (context: ControllerContext): Parts['tools'] => ({
  ref: refs.daemonSets,
  client: context.rest.resource<DaemonSet>(refs.daemonSets),
  pods: context.rest.resource<Pod>(refs.pods),
  revisionClient: context.rest.resource<ControllerRevision>(refs.controllerRevisions),
  recorder: context.recorder('daemonset-controller'),
  expectations: new Expectations(context.clock),
  backoff: new FailedPodBackoff(context.clock),
  clock: context.clock,
});

async function reconcile(parts: Parts, key: string, signal: AbortSignal): Promise<Result> {
  const set = parts.sets.byKey(key);
  // Of a set that is going nobody knows which of its revisions are still there.
  if (set?.metadata.deletionTimestamp !== undefined || set === undefined) return done;
  const { tools } = parts;
  if (Object.keys(set.spec?.selector ?? {}).length === 0) {
    const message = 'This daemon set is selecting all pods. A non-empty selector is required.';
    tools.recorder.event(set, refs.daemonSets, { type: 'Warning', reason: 'SelectingAll', message });
    return done;
  }
  const { pods, history } = await look(parts, set);
  let nextMs: number | undefined;
  const sync: DaemonSync = {
    ...tools,
    set,
    hash: hashOf(history.current),
    nodes: parts.nodes.list(),
    fit: fitOf(set),
    podsOn: podsByNode(pods),
    nowMs: tools.clock.nowMs(),
    signal,
    lookAgainIn: (ms) => {
      nextMs = Math.min(nextMs ?? ms, ms);
    },
  };
  if (tools.expectations.isSatisfied(set.metadata.uid ?? '')) {
    const failed = await update(sync, () => truncateHistory(tools, set, history.old, pods));
    signal.throwIfAborted();
    await tellStatus(sync, true);
    if (failed !== undefined) throw failed.failure;
  } else {
    sync.lookAgainIn(resyncMs);
    await tellStatus(sync, false);
  }
  return nextMs === undefined ? done : requeueAfter(nextMs);
}

/** What the set controls, after it has adopted what it selects and let go what it does not. */
async function look(
  { pods, revisions, selectorOf, tools }: Parts,
  set: DaemonSet,
): Promise<{ readonly pods: Pod[]; readonly history: History }> {
  const { namespace = '', name = '' } = set.metadata;
  const owner = {
    owner: set,
    ownerType: daemonSetType,
    selector: selectorOf(set),
    freshOwner: () => tools.client.get(namespace, name),
  };
  const own = await claim({ ...owner, candidates: claimable(pods, set), client: tools.pods });
  const known = await claim({ ...owner, candidates: claimable(revisions, set), client: tools.revisionClient });
  return { pods: own, history: await historyOf(tools, set, known, own) };
}

/** A rollout waits until the cache shows what was just made or deleted. */
async function update(sync: DaemonSync, tidy: () => Promise<void>): Promise<{ readonly failure: unknown } | undefined> {
  const { set, expectations } = sync;
  try {
    await manage(sync);
    if (isRolling(set) && expectations.isSatisfied(set.metadata.uid ?? '')) await rollingUpdate(sync);
    await tidy();
    return undefined;
  } catch (failure) {
    return { failure };
  }
}
