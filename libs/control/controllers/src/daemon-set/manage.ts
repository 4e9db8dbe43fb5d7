import { refs } from '@reckon/client/rest';
import { isReady, type Pod } from '../replica-set/pod-state';
import { allowsSurge, byAge, isAvailable, isGoing, isUpdated, type Node } from './daemon-set';
import type { DaemonSync } from './daemon-sync';
import { type NodeChanges, syncNodes } from './sync-nodes';

/** Gives every node that should have one a pod, takes those away that should not be (daemon `manage`). */
export async function manage(sync: DaemonSync): Promise<void> {
  const create: string[] = [];
  const remove: Pod[] = [];
  for (const node of sync.nodes) {
    const changes = changesOn(sync, node);
    create.push(...changes.create);
    remove.push(...changes.remove);
  }
  remove.push(...podsOfNoNode(sync));
  await syncNodes(sync, { create, remove });
}

/** daemon `podsShouldBeOnNode` */
function changesOn(sync: DaemonSync, node: Node): NodeChanges {
  const { set, podsOn, fit } = sync;
  const { name = '' } = node.metadata;
  const { shouldRun, mayStay } = fit(node);
  const pods = podsOn.get(name);
  if (pods === undefined) return { create: shouldRun ? [name] : [], remove: [] };
  const staying = pods.filter((pod) => !isGoing(pod));
  if (!mayStay) return { create: [], remove: staying };
  const { alive, remove } = withoutEnded(sync, name, staying);
  if (!allowsSurge(set)) return { create: [], remove: [...remove, ...alive.slice(1)] };
  // The old pod is on its way out already: the node shall not be without one.
  if (alive.length === 0) return { create: shouldRun ? [name] : [], remove };
  return { create: [], remove: [...remove, ...surplusInSurge(sync, alive)] };
}

/** Pods that have ended are deleted, so that new ones come; failed ones not faster and faster. */
function withoutEnded(
  sync: DaemonSync,
  nodeName: string,
  pods: readonly Pod[],
): { readonly alive: Pod[]; readonly remove: Pod[] } {
  const { set, backoff, recorder, lookAgainIn } = sync;
  const alive: Pod[] = [];
  const remove: Pod[] = [];
  for (const pod of pods) {
    const about = `daemon pod ${pod.metadata.namespace ?? ''}/${pod.metadata.name ?? ''} on node ${nodeName}`;
    if (pod.status?.phase === 'Failed') {
      const key = `${set.metadata.uid ?? ''}/${String(set.status?.observedGeneration ?? 0)}/${nodeName}`;
      const waitMs = backoff.waitMs(key);
      if (waitMs > 0) {
        lookAgainIn(waitMs);
        continue;
      }
      backoff.failed(key);
      recorder.event(set, refs.daemonSets, {
        type: 'Warning',
        reason: 'FailedDaemonPod',
        message: `Found failed ${about}, will try to kill it`,
      });
      remove.push(pod);
    } else if (pod.status?.phase === 'Succeeded') {
      recorder.event(set, refs.daemonSets, {
        type: 'Normal',
        reason: 'SucceededDaemonPod',
        message: `Found succeeded ${about}, will try to delete it`,
      });
      remove.push(pod);
    } else alive.push(pod);
  }
  return { alive: alive.sort(byAge), remove };
}

/**
 * In a surge a node has at most the oldest new pod and the oldest old one, and the old one only as long as it is ready and the new one
 * not available.
 */
function surplusInSurge({ set, hash, nowMs }: DaemonSync, pods: readonly Pod[]): Pod[] {
  if (pods.length <= 1) return [];
  const isNew = (pod: Pod): boolean => isUpdated(pod, hash);
  const newest = pods.find(isNew);
  const old = pods.find((pod) => !isNew(pod));
  const surplus = pods.filter((pod) => pod !== newest && pod !== old);
  if (newest !== undefined && old !== undefined && (!isReady(old) || isAvailable(set, newest, nowMs)))
    surplus.push(old);
  return surplus;
}

/** Pods that wait for a node that is gone: no scheduler binds them, and the pod garbage collector does not know them. */
function podsOfNoNode({ nodes, podsOn }: DaemonSync): Pod[] {
  const known = new Set(nodes.map((node) => node.metadata.name));
  return [...podsOn]
    .filter(([name]) => !known.has(name))
    .flatMap(([, pods]) => pods.filter((pod) => (pod.spec?.nodeName ?? '') === ''));
}
