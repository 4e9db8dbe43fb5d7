import { timeMs } from '../replica-set/pod-state';
import { completionIndexOf, failureCount, indexBelow } from './completion-index';
import { type Indexes, countIndexes, indexesOf, mergeIndexes, parseIndexes } from './index-intervals';
import {
  type Job,
  type JobCondition,
  backoffLimitOf,
  backoffLimitPerIndexOf,
  hasTrackingFinalizer,
  indexCount,
  isIndexed,
  isPodFailed,
  isSuspended,
  trueCondition,
} from './job';
import { newCondition } from './job-condition';
import type { JobSync } from './job-sync';
import type { Pod } from '../replica-set/pod-state';
import { matchPodFailurePolicy } from './pod-failure-policy';
import { metSuccessRule } from './success-policy';

/**
 * The condition by which the job ends, if it does: SuccessCriteriaMet or FailureTarget when it is found out, Failed when an earlier look
 * found it out. The first of these holds: what is in the status already, a rule that fails the job, its limits, the limits of its
 * indexes, its success policy (`syncJob`).
 */
export function endOf(sync: JobSync): JobCondition | undefined {
  const { job } = sync;
  const nowMs = sync.clock.nowMs();
  const known = trueCondition(job, 'SuccessCriteriaMet');
  if (known !== undefined) return known;
  const target = trueCondition(job, 'FailureTarget');
  if (target !== undefined) return newCondition('Failed', withoutStatus(target), nowMs);
  const why = failJobReason(sync) ?? limitReason(sync) ?? indexReason(sync);
  if (why !== undefined) return newCondition('FailureTarget', why, nowMs);
  if (!isIndexed(job)) return undefined;
  const message = metSuccessRule(job.spec?.successPolicy, indexCount(job), sync.succeededIndexes);
  return message === undefined
    ? undefined
    : newCondition('SuccessCriteriaMet', { reason: 'SuccessPolicy', message }, nowMs);
}

/** The same reason and message under another type. */
export const withoutStatus = ({ reason, message }: JobCondition): Why => ({
  ...(reason === undefined ? {} : { reason }),
  ...(message === undefined ? {} : { message }),
});

interface Why {
  readonly reason?: string;
  readonly message?: string;
}

function failJobReason({ job, all }: JobSync): Why | undefined {
  const policy = job.spec?.podFailurePolicy;
  if (policy === undefined) return undefined;
  for (const pod of all) {
    const message = isPodFailed(pod, job) ? matchPodFailurePolicy(policy, pod).failJobMessage : undefined;
    if (message !== undefined) return { reason: 'PodFailurePolicy', message };
  }
  return undefined;
}

function limitReason(sync: JobSync): Why | undefined {
  if (sync.failed > backoffLimitOf(sync.job) || restartsTooOften(sync))
    return { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  const leftMs = untilDeadlineMs(sync);
  return leftMs !== undefined && leftMs <= 0
    ? { reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' }
    : undefined;
}

/** Undefined without a deadline, and while the job is suspended: the time does not run then. */
export function untilDeadlineMs({ job, status, clock }: JobSync): number | undefined {
  const seconds = job.spec?.activeDeadlineSeconds;
  const startMs = timeMs(status.startTime);
  if (seconds === undefined || startMs === undefined || isSuspended(job)) return undefined;
  return startMs + seconds * 1000 - clock.nowMs();
}

/** Containers that are restarted in place count as failures of theirs (`pastBackoffLimitOnFailure`). */
function restartsTooOften({ job, all }: JobSync): boolean {
  if (job.spec?.template.spec?.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of all) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue;
    for (const { restartCount } of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
      restarts += restartCount;
  }
  const limit = backoffLimitOf(job);
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

function indexReason({ job, succeededIndexes, failedIndexes }: JobSync): Why | undefined {
  if (failedIndexes === undefined) return undefined;
  const failed = countIndexes(failedIndexes);
  const most = job.spec?.maxFailedIndexes;
  if (most !== undefined && failed > most)
    return {
      reason: 'MaxFailedIndexesExceeded',
      message: 'Job has exceeded the specified maximal number of failed indexes',
    };
  return failed > 0 && failed + countIndexes(succeededIndexes) >= indexCount(job)
    ? { reason: 'FailedIndexes', message: 'Job has failed indexes' }
    : undefined;
}

/** Which indexes have succeeded and failed for good, by the status and by what has ended since. */
export function countIndexesOf(sync: JobSync): void {
  const { job, all, status } = sync;
  const completions = indexCount(job);
  const held = all.filter(hasTrackingFinalizer);
  const below = (pods: readonly Pod[]): Indexes =>
    indexesOf(pods.map((p) => indexBelow(p, completions)).filter((index) => index !== undefined));
  sync.succeededBefore = parseIndexes(status.completedIndexes, completions);
  sync.succeededIndexes = mergeIndexes(
    sync.succeededBefore,
    below(held.filter((p) => p.status?.phase === 'Succeeded')),
  );
  sync.succeeded = countIndexes(sync.succeededIndexes);
  const limit = backoffLimitPerIndexOf(job);
  if (limit === undefined) return;
  sync.failedIndexes = mergeIndexes(
    parseIndexes(status.failedIndexes ?? '', completions),
    below(held.filter((p) => isIndexFailed(job, p, limit))),
  );
}

function isIndexFailed(job: Job, pod: Pod, limit: number): boolean {
  if (!isPodFailed(pod, job) || completionIndexOf(pod) === undefined) return false;
  const { action, counts } = matchPodFailurePolicy(job.spec?.podFailurePolicy, pod);
  return action === 'FailIndex' || (counts && failureCount(pod) >= limit);
}
