import { reasonOf } from '@reckon/api/machinery';
import { type Result, done } from '@reckon/control/runtime';
import { runAll } from '../ownership/run-all';
import type { DependencyGraph } from './dependency-graph';
import { orphanFinalizer } from './graph-node';
import type { ObjectOperations } from './object-operations';

/** Frees the dependents of an owner that is deleted with `--cascade=orphan`, then lets the owner go (`attemptToOrphanWorker`). */
export async function attemptToOrphan(
  graph: DependencyGraph,
  operations: ObjectOperations,
  uid: string,
  signal: AbortSignal,
): Promise<Result> {
  const owner = graph.get(uid);
  if (owner === undefined) return done;
  const dependents = [...owner.dependents];
  const failed = await runAll(
    dependents.length,
    async (index) => {
      const dependent = dependents[index];
      if (dependent === undefined) return;
      await operations.dropOwners(dependent.identity, [uid]).catch((error: unknown) => {
        if (reasonOf(error) !== 'NotFound') throw error;
      });
    },
    signal,
  );
  if (failed !== undefined) throw failed.failure;
  await operations.removeFinalizer(owner.identity, orphanFinalizer);
  return done;
}
