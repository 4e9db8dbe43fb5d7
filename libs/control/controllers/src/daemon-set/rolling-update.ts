import type { Pod } from '../replica-set/pod-state';
import { isAvailable, isGoing, isUpdated, maxSurge, maxUnavailable } from './daemon-set';
import type { DaemonSync } from './daemon-sync';
import { syncNodes } from './sync-nodes';

/** Brings the pods of older revisions up to date, within what may be missing or be too many (daemon `rollingUpdate`). */
export async function rollingUpdate(sync: DaemonSync): Promise<void> {
  const { set, nodes, fit } = sync;
  const wanted = nodes.filter((node) => fit(node).shouldRun).map((node) => node.metadata.name ?? '');
  const surge = maxSurge(set, wanted.length);
  if (surge === 0) await replaceInPlace(sync, wanted, maxUnavailable(set, wanted.length));
  else await replaceBySurge(sync, wanted, surge);
}

interface OnNode {
  readonly fresh: Pod | undefined;
  readonly old: Pod | undefined;
}

/** The one new and the one old pod of a node; undefined when there are several of one sort, `manage` has to thin them out first. */
function podsOnNode({ hash }: DaemonSync, pods: readonly Pod[]): OnNode | undefined {
  const staying = pods.filter((pod) => !isGoing(pod));
  const fresh = staying.filter((pod) => isUpdated(pod, hash));
  const old = staying.filter((pod) => !isUpdated(pod, hash));
  return fresh.length > 1 || old.length > 1 ? undefined : { fresh: fresh[0], old: old[0] };
}

/**
 * Deletes old pods; `manage` makes new ones in their place. Old pods that serve nobody go at once, the others as far as not more than
 * `most` nodes are without an available pod. A pod that is going does not count: an update must not hang on a node that is down.
 */
async function replaceInPlace(sync: DaemonSync, wanted: readonly string[], most: number): Promise<void> {
  const { set, podsOn, nowMs } = sync;
  let unavailable = 0;
  const broken: Pod[] = [];
  const candidates: Pod[] = [];
  for (const name of new Set([...podsOn.keys(), ...wanted])) {
    const on = podsOnNode(sync, podsOn.get(name) ?? []);
    if (on === undefined || (on.fresh === undefined) === (on.old === undefined)) unavailable++;
    else if (on.fresh !== undefined) unavailable += isAvailable(set, on.fresh, nowMs) ? 0 : 1;
    else if (on.old !== undefined) {
      if (isAvailable(set, on.old, nowMs)) candidates.push(on.old);
      else {
        broken.push(on.old);
        unavailable++;
      }
    }
  }
  await syncNodes(sync, {
    create: [],
    remove: [...broken, ...candidates.slice(0, Math.max(0, most - unavailable))],
  });
}

/**
 * Makes new pods beside the old ones, at most `most` beside available ones, and deletes an old pod when its successor is available.
 * Pods of nodes that should have none any more go when enough others are available.
 */
async function replaceBySurge(sync: DaemonSync, wanted: readonly string[], most: number): Promise<void> {
  const { set, podsOn, nowMs } = sync;
  const available = (pod: Pod | undefined): boolean => pod !== undefined && isAvailable(set, pod, nowMs);
  const isWanted = new Set(wanted);
  let [surging, serving] = [0, 0];
  const remove: Pod[] = [];
  const unwanted: Pod[] = [];
  const urgent: string[] = [];
  const candidates: string[] = [];
  for (const [name, pods] of podsOn) {
    const on = podsOnNode(sync, pods);
    if (on === undefined) {
      surging++;
      continue;
    }
    const { fresh, old } = on;
    if (available(old ?? fresh)) serving++;
    if (old === undefined) continue;
    if (fresh !== undefined) {
      if (available(fresh)) remove.push(old);
      else surging++;
    } else if (available(old)) {
      if (isWanted.has(name)) candidates.push(name);
      else unwanted.push(old);
    } else if (isWanted.has(name)) urgent.push(name);
    else remove.push(old);
  }
  await syncNodes(sync, {
    create: [...urgent, ...candidates.slice(0, Math.max(0, most - surging))],
    remove: [...remove, ...unwanted.slice(0, Math.max(0, serving - wanted.length))],
  });
}
