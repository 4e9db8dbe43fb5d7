import type { ResourceClient } from '@reckon/client/rest';
import { refs } from '@reckon/client/rest';
import type { EventRecorder } from '@reckon/control/runtime';
import type { Clock } from '@reckon/kernel';
import type { Expectations } from '../replica-set/expectations';
import { type Pod, isActive, isReady, isTerminating } from '../replica-set/pod-state';
import { indexBelow } from './completion-index';
import type { FinalizerExpectations } from './finalizer-expectations';
import type { Indexes } from './index-intervals';
import {
  type Job,
  type JobCondition,
  hasTrackingFinalizer,
  indexCount,
  isIndexed,
  isPodFailed,
  isSuspended,
} from './job';
import type { OwnWrites } from '../ownership/own-writes';
import { type BackOff, nextBackOff, noBackOff } from './pod-back-off';
import { matchPodFailurePolicy } from './pod-failure-policy';
import { type StatusDraft, draftOf, startAt } from './status-draft';

/** What every sync of every job works with; all of it that is remembered is known by the uid of the job. */
export interface JobTools {
  readonly jobs: ResourceClient<Job>;
  readonly pods: ResourceClient<Pod>;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly expectations: Expectations;
  readonly finalizers: FinalizerExpectations;
  readonly writes: OwnWrites;
  readonly backOffs: Map<string, BackOff>;
}

/** One look at a job and its pods, and what came of it so far. */
export interface JobSync extends JobTools {
  /** Aborted: nothing more is begun. */
  readonly signal: AbortSignal;
  /** As it was read, or as the last write gave it back. */
  job: Job;
  /** What its status is to be. */
  readonly status: StatusDraft;
  /** All that are the job's, whatever became of them. */
  readonly all: readonly Pod[];
  readonly active: readonly Pod[];
  ready: number;
  terminating: number;
  /** Pods whose finalizer we took off: the cache does not show it yet. */
  readonly awaited: ReadonlySet<string>;
  /** Already in the status, not yet in its counts. */
  readonly uncounted: { readonly succeeded: ReadonlySet<string>; readonly failed: ReadonlySet<string> };
  /** How many have succeeded and failed until now, those included that the status does not count yet. */
  succeeded: number;
  readonly failed: number;
  readonly backOff: BackOff;
  /** The condition that ends the job, once there is one. */
  finished: JobCondition | undefined;
  /** Of an indexed job: by its status, and with the pods that have ended since. */
  succeededBefore: Indexes;
  succeededIndexes: Indexes;
  /** Undefined where indexes have no limits of their own. */
  failedIndexes: Indexes | undefined;
  /** By index the failed pod that is kept until its successor is there, which takes over its count of failures. */
  heldForSuccessor: ReadonlyMap<number, Pod>;
}

export function newSync(tools: JobTools & Pick<JobSync, 'signal'>, job: Job, all: readonly Pod[]): JobSync {
  const uid = job.metadata.uid ?? '';
  const status = draftOf(job.status);
  if (status.startTime === undefined && !isSuspended(job)) startAt(status, tools.clock.nowMs());
  const awaited = tools.finalizers.awaited(uid);
  const uncounted = { succeeded: new Set(status.uncountedSucceeded), failed: new Set(status.uncountedFailed) };
  const isNew = (pod: Pod, known: ReadonlySet<string>): boolean =>
    isCountable(job, pod) && !awaited.has(pod.metadata.uid ?? '') && !known.has(pod.metadata.uid ?? '');
  const newlySucceeded = all.filter((p) => p.status?.phase === 'Succeeded' && isNew(p, uncounted.succeeded));
  const newlyFailed = all.filter((p) => isPodFailed(p, job) && isNew(p, uncounted.failed));
  const active = all.filter(isActive);
  return {
    ...tools,
    job,
    status,
    all,
    active,
    ready: active.filter(isReady).length,
    terminating: all.filter(isTerminating).length,
    awaited,
    uncounted,
    succeeded: status.succeeded + newlySucceeded.length + uncounted.succeeded.size,
    failed:
      status.failed +
      uncounted.failed.size +
      newlyFailed.filter((p) => matchPodFailurePolicy(job.spec?.podFailurePolicy, p).counts).length,
    backOff: nextBackOff(tools.backOffs.get(uid) ?? noBackOff, newlySucceeded, newlyFailed),
    finished: undefined,
    succeededBefore: [],
    succeededIndexes: [],
    failedIndexes: undefined,
    heldForSuccessor: new Map(),
  };
}

/** Not counted yet, and at an index of the job if it has indexes (`getValidPodsWithFilter`). */
export const isCountable = (job: Job, pod: Pod): boolean =>
  hasTrackingFinalizer(pod) && (!isIndexed(job) || indexBelow(pod, indexCount(job)) !== undefined);

export function tell(
  { recorder, job }: Pick<JobSync, 'recorder' | 'job'>,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void {
  recorder.event(job, refs.jobs, { type, reason, message });
}
