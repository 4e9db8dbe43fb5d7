import { reasonOf } from '@reckon/api/machinery';
import { runAll } from '../ownership/run-all';
import { podsToDelete } from '../replica-set/deletion-rank';
import { type Pod, isReady } from '../replica-set/pod-state';
import { completionIndexOf } from './completion-index';
import { hasTrackingFinalizer, indexCount, isIndexed, trackingFinalizer } from './job';
import { type JobSync, tell } from './job-sync';

export interface Removed {
  readonly count: number;
  /** The first thing that went wrong. */
  readonly failure: { readonly failure: unknown } | undefined;
}

/** Takes the tracking finalizer off: what has it not, or is gone, is as good. */
export async function releasePod({ pods }: Pick<JobSync, 'pods'>, { metadata }: Pod): Promise<void> {
  const { namespace = '', name = '' } = metadata;
  await pods
    .patch(namespace, name, {
      type: 'strategic',
      body: { metadata: { '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] } },
    })
    .catch((error: unknown) => {
      if (reasonOf(error) !== 'NotFound') throw error;
    });
}

/** Pods of a job that is about to end: they keep their finalizers, so that their ends are counted. */
export function endPods(sync: JobSync, chosen: readonly Pod[]): Promise<Removed> {
  return removeAll(sync, chosen, (pod) => deletePod(sync, pod));
}

/** Pods that the job does not want: they leave without being counted. */
export async function dropPods(sync: JobSync, chosen: readonly Pod[]): Promise<Removed> {
  const { uid = '' } = sync.job.metadata;
  sync.expectations.willDelete(
    uid,
    chosen.map((p) => p.metadata.uid ?? ''),
  );
  return removeAll(sync, chosen, async (pod) => {
    try {
      if (hasTrackingFinalizer(pod)) await releasePod(sync, pod);
      await deletePod(sync, pod);
    } catch (error) {
      sync.expectations.sawDeletion(uid, pod.metadata.uid ?? '');
      throw error;
    }
  });
}

/** Those that went are terminating from now on, whatever the cache says. */
async function removeAll(sync: JobSync, chosen: readonly Pod[], remove: (pod: Pod) => Promise<void>): Promise<Removed> {
  const gone: Pod[] = [];
  const failure = await runAll(
    chosen.length,
    async (index) => {
      const pod = chosen[index];
      if (pod === undefined) return;
      await remove(pod);
      gone.push(pod);
    },
    sync.signal,
  );
  sync.terminating += gone.length;
  sync.ready -= gone.filter(isReady).length;
  return { count: gone.length, failure };
}

async function deletePod(sync: JobSync, { metadata }: Pod): Promise<void> {
  const { namespace = '', name = '', uid = '' } = metadata;
  try {
    await sync.pods.delete(namespace, name);
    tell(sync, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
  } catch (error) {
    if (reasonOf(error) === 'NotFound') {
      sync.expectations.sawDeletion(sync.job.metadata.uid ?? '', uid);
      return;
    }
    tell(sync, 'Warning', 'FailedDelete', `Error deleting: ${error instanceof Error ? error.message : String(error)}`);
    throw error;
  }
}

/** At least as many as asked for; of an indexed job also those without an index of the job, and all but one of an index. */
export function podsToDrop({ job, active, clock }: JobSync, atLeast: number): Pod[] {
  const nowMs = clock.nowMs();
  const surplus: Pod[] = [];
  let rest: readonly Pod[] = active;
  if (isIndexed(job)) {
    const byIndex = new Map<number | undefined, Pod[]>();
    for (const pod of active) {
      const index = completionIndexOf(pod);
      byIndex.set(index, [...(byIndex.get(index) ?? []), pod]);
    }
    const kept: Pod[] = [];
    for (const [index, same] of byIndex) {
      const count = index === undefined || index >= indexCount(job) ? same.length : same.length - 1;
      const leaving = podsToDelete(same, [], count, nowMs);
      surplus.push(...leaving);
      kept.push(...same.filter((p) => !leaving.includes(p)));
    }
    rest = kept;
  }
  if (surplus.length < atLeast) surplus.push(...podsToDelete(rest, [], atLeast - surplus.length, nowMs));
  return surplus;
}
