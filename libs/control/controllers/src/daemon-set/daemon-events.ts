import { type KubeObject, type LabelSelector, controllerOf, semanticEqual } from '@reckon/api/machinery';
import type { Informer, Lister } from '@reckon/client/cache';
import type { ControllerRevision } from '../controller-history/revision';
import { type DaemonSet, type Node, daemonSetType } from './daemon-set';
import { fitOf } from './node-fit';

export interface DaemonEvents {
  readonly sets: Lister<DaemonSet>;
  readonly nodes: Informer<Node>;
  readonly revisions: Informer<ControllerRevision>;
  readonly selectorOf: (set: DaemonSet) => LabelSelector;
  readonly enqueue: (set: DaemonSet) => void;
}

/** Which sets must look again when a node comes, changes or goes, or somebody's hand is on the history. */
export function watchNodesAndHistory(events: DaemonEvents): void {
  watchNodes(events);
  watchHistory(events);
}

function watchNodes({ sets, nodes, enqueue }: DaemonEvents): void {
  nodes.addHandler({
    add: (node) => {
      for (const set of sets.list()) if (fitOf(set)(node).shouldRun) enqueue(set);
    },
    update: (old, node) => {
      if (isSameForDaemons(old, node)) return;
      for (const set of sets.list()) {
        const fit = fitOf(set);
        const [before, after] = [fit(old), fit(node)];
        if (before.shouldRun !== after.shouldRun || before.mayStay !== after.mayStay) enqueue(set);
      }
    },
    // It counts as one that should have a pod until somebody looks.
    delete: (node) => {
      for (const set of sets.list()) if (fitOf(set)(node).mayStay) enqueue(set);
    },
  });
}

/** Of a node only this decides: a renewed status comes often, and looks at every set. */
const isSameForDaemons = (a: Node, b: Node): boolean =>
  semanticEqual(a.metadata.labels, b.metadata.labels) && semanticEqual(a.spec?.taints, b.spec?.taints);

function watchHistory({ sets, revisions, selectorOf, enqueue }: DaemonEvents): void {
  const ownerOf = (object: KubeObject): DaemonSet | undefined => {
    const owner = controllerOf(object);
    if (owner?.kind !== daemonSetType.kind) return undefined;
    const set = sets.get(object.metadata.namespace ?? '', owner.name);
    return set?.metadata.uid === owner.uid ? set : undefined;
  };
  const enqueueOwner = (revision: ControllerRevision): void => {
    const set = ownerOf(revision);
    if (set !== undefined) enqueue(set);
  };
  const enqueueAdopters = (revision: ControllerRevision): void => {
    if (controllerOf(revision) !== undefined || revision.metadata.deletionTimestamp !== undefined) return;
    for (const set of sets.list(revision.metadata.namespace ?? ''))
      if (selectorOf(set).matches(revision.metadata.labels)) enqueue(set);
  };
  revisions.addHandler({
    add: enqueueAdopters,
    update: (old, revision) => {
      if (controllerOf(old)?.uid !== controllerOf(revision)?.uid) enqueueOwner(old);
      enqueueOwner(revision);
      enqueueAdopters(revision);
    },
    delete: enqueueOwner,
  });
}
