import { refs } from '@reckon/client/rest';
import { isTerminating } from '../replica-set/pod-state';
import { isNamespaceTerminating } from '../replica-set/scale-pods';
import { slowStart } from '../replica-set/slow-start';
import { completionIndexOf } from './completion-index';
import { freeIndexes, indexesOf, mergeIndexes } from './index-intervals';
import { backoffLimitPerIndexOf, indexCount, isIndexed, isSuspended, parallelismOf, replacesOnlyFailed } from './job';
import { podOf } from './job-pod';
import type { JobSync } from './job-sync';
import { remainingMs, remainingOfIndexMs } from './pod-back-off';
import { type Removed, dropPods, podsToDrop } from './remove-pods';

/** Pods made or taken away at one look (pkg/controller/job.MaxPodCreateDeletePerSync). */
const burst = 500;

export interface Managed {
  /** Pods that are active from now on. */
  readonly active: number;
  readonly failure?: Removed['failure'];
  /** When the back-off allows the next pod. */
  readonly againMs?: number;
}

/** Makes pods or takes some away, never both, so that as many are active as the job wants now (`manageJob`). */
export async function managePods(sync: JobSync): Promise<Managed> {
  const { job } = sync;
  const active = sync.active.length;
  const wanted = isSuspended(job) ? 0 : wantedActive(sync);
  const surplus = podsToDrop(sync, Math.max(0, active - wanted));
  if (surplus.length > 0) {
    const { count, failure } = await dropPods(sync, isSuspended(job) ? surplus : surplus.slice(0, burst));
    return { active: active - count, failure };
  }
  const missing = wanted - active - (replacesOnlyFailed(job) ? sync.terminating : 0);
  if (missing <= 0 || isSuspended(job)) return { active };
  return isIndexed(job) ? createIndexed(sync, missing) : createPlain(sync, missing);
}

/** Without a number of completions: all in parallel until the first success, from then on no more than there are. */
function wantedActive({ job, active, succeeded }: JobSync): number {
  const completions = job.spec?.completions;
  if (completions === undefined) return succeeded > 0 ? active.length : parallelismOf(job);
  return Math.max(0, Math.min(completions - succeeded, parallelismOf(job)));
}

async function createPlain(sync: JobSync, missing: number): Promise<Managed> {
  const againMs = remainingMs(sync.backOff, sync.clock.nowMs());
  if (againMs > 0) return { active: sync.active.length, againMs };
  return create(
    sync,
    Array.from({ length: Math.min(missing, burst) }, () => undefined),
  );
}

async function createIndexed(sync: JobSync, missing: number): Promise<Managed> {
  const { job, heldForSuccessor, clock } = sync;
  const nowMs = clock.nowMs();
  if (backoffLimitPerIndexOf(job) === undefined) {
    const againMs = remainingMs(sync.backOff, nowMs);
    return againMs > 0
      ? { active: sync.active.length, againMs }
      : create(sync, pendingIndexes(sync, Math.min(missing, burst)));
  }
  const waits = pendingIndexes(sync, Math.min(missing, burst)).map((index) => ({
    index,
    ms: remainingOfIndexMs(heldForSuccessor.get(index), nowMs),
  }));
  const due = waits.filter(({ ms }) => ms === 0);
  if (due.length === 0 && waits.length > 0)
    return { active: sync.active.length, againMs: Math.min(...waits.map(({ ms }) => ms)) };
  return create(
    sync,
    due.map(({ index }) => index),
  );
}

/** The lowest indexes that have neither ended nor a pod (`firstPendingIndexes`). */
function pendingIndexes({ job, all, active, succeededIndexes, failedIndexes }: JobSync, count: number): number[] {
  const busy = replacesOnlyFailed(job) ? [...active, ...all.filter(isTerminating)] : active;
  const taken = indexesOf(busy.map(completionIndexOf).filter((index) => index !== undefined));
  return freeIndexes(mergeIndexes(mergeIndexes(succeededIndexes, taken), failedIndexes ?? []), count, indexCount(job));
}

/** One pod for each index, or for each that has none. */
async function create(sync: JobSync, indexes: readonly (number | undefined)[]): Promise<Managed> {
  const { job, pods, recorder, expectations } = sync;
  const owner = job.metadata.uid ?? '';
  const left = [...indexes];
  let created = 0;
  if (left.length === 0) return { active: sync.active.length };
  expectations.createsBegin(owner);
  try {
    const failure = await slowStart(
      left.length,
      async () => {
        const index = left.shift();
        try {
          const replaced = index === undefined ? undefined : sync.heldForSuccessor.get(index);
          const { metadata } = await pods.create(podOf(job, index, replaced));
          expectations.created(owner, metadata.uid ?? '');
          created++;
          recorder.event(job, refs.jobs, {
            type: 'Normal',
            reason: 'SuccessfulCreate',
            message: `Created pod: ${metadata.name ?? ''}`,
          });
        } catch (error) {
          // Any create would fail, and the job itself is about to go.
          if (isNamespaceTerminating(error)) return;
          recorder.event(job, refs.jobs, {
            type: 'Warning',
            reason: 'FailedCreate',
            message: `Error creating: ${error instanceof Error ? error.message : String(error)}`,
          });
          throw error;
        }
      },
      sync.signal,
    );
    return { active: sync.active.length + created, failure };
  } finally {
    expectations.createsEnded(owner);
  }
}
