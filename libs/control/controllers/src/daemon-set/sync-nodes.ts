import { createPod, deletePod } from '../ownership/owned-pods';
import { runAll } from '../ownership/run-all';
import type { Pod } from '../replica-set/pod-state';
import { slowStart } from '../replica-set/slow-start';
import { podOf } from './daemon-pod';
import type { DaemonSync } from './daemon-sync';

/** Pods made, and as many taken away, in one look (pkg/controller/daemon.BurstReplicas). */
const burst = 250;

/** What is to be done. */
export interface NodeChanges {
  /** The names of nodes that are to have a new pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
}

/** Makes and deletes pods; throws the first failure after all has been tried. */
export async function syncNodes(sync: DaemonSync, changes: NodeChanges): Promise<void> {
  const { set, hash, expectations, signal } = sync;
  const owner = set.metadata.uid ?? '';
  const create = changes.create.slice(0, burst);
  const remove = changes.remove.slice(0, burst);
  expectations.createsBegin(owner);
  expectations.alsoDeletes(
    owner,
    remove.map((pod) => pod.metadata.uid ?? ''),
  );
  try {
    const notMade = await slowStart(
      create.length,
      (index) => createPod(sync, set, podOf(set, hash, create[index] ?? '')),
      signal,
    );
    const notDeleted = await runAll(
      remove.length,
      async (index) => {
        const pod = remove[index];
        if (pod !== undefined) await deletePod(sync, set, pod);
      },
      signal,
    );
    const failed = notMade ?? notDeleted;
    if (failed !== undefined) throw failed.failure;
  } finally {
    expectations.createsEnded(owner);
  }
}
