import { reasonOf } from '@reckon/api/machinery';
import { type Result, done } from '@reckon/control/runtime';
import type { DependencyGraph } from './dependency-graph';
import { orphanFinalizer } from './graph-node';
import type { ObjectOperations } from './object-operations';

/** Frees the dependents of an owner that is deleted with `--cascade=orphan`, then lets the owner go (`attemptToOrphanWorker`). */
export async function attemptToOrphan(
  graph: DependencyGraph,
  operations: ObjectOperations,
  uid: string,
): Promise<Result> {
  const owner = graph.get(uid);
  if (owner === undefined) return done;
  const freed = await Promise.allSettled(
    [...owner.dependents].map((dependent) =>
      operations.dropOwners(dependent.identity, [uid]).catch((error: unknown) => {
        if (reasonOf(error) !== 'NotFound') throw error;
      }),
    ),
  );
  const failed = freed.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  await operations.removeFinalizer(owner.identity, orphanFinalizer);
  return done;
}
