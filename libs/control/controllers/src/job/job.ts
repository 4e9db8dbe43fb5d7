import { type KubeObject, findCondition, isConditionTrue } from '@reckon/api/machinery';
import type { batchv1 } from '@reckon/api/types';
import type { Pod } from '../replica-set/pod-state';

export type Job = batchv1.Job & KubeObject;
export type JobCondition = batchv1.JobCondition;

/** As owner references name it. */
export const jobType = { apiVersion: 'batch/v1', kind: 'Job' } as const;

/** Holds a pod until its end is counted in the status of its job. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';

export const hasTrackingFinalizer = ({ metadata }: Pod): boolean =>
  metadata.finalizers?.includes(trackingFinalizer) === true;

const ownName = 'kubernetes.io/job-controller';

/** Another controller takes care of the job. */
export const isManagedByOther = ({ spec }: Job): boolean => spec?.managedBy !== undefined && spec.managedBy !== ownName;

/** Complete or Failed: nothing of it changes any more. */
export const isFinished = ({ status }: batchv1.Job): boolean =>
  isConditionTrue(status?.conditions, 'Complete') || isConditionTrue(status?.conditions, 'Failed');

export const finishedCondition = ({ status }: batchv1.Job): JobCondition | undefined =>
  status?.conditions?.find((c) => (c.type === 'Complete' || c.type === 'Failed') && c.status === 'True');

export const trueCondition = ({ status }: Job, type: string): JobCondition | undefined => {
  const condition = findCondition(status?.conditions, type);
  return condition?.status === 'True' ? condition : undefined;
};

export const isIndexed = ({ spec }: Job): boolean => spec?.completionMode === 'Indexed';
export const isSuspended = ({ spec }: Job): boolean => spec?.suspend === true;
export const parallelismOf = ({ spec }: Job): number => spec?.parallelism ?? 1;
/** Without one of its own, a job whose indexes have limits has none as a whole. */
export const backoffLimitOf = ({ spec }: Job): number =>
  spec?.backoffLimit ?? (spec?.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1);
/** Of an indexed job, which always has some. */
export const indexCount = ({ spec }: Job): number => spec?.completions ?? 0;
/** Each index has failures of its own. */
export const backoffLimitPerIndexOf = ({ spec }: Job): number | undefined => spec?.backoffLimitPerIndex;

/** A pod on its way out is replaced only when it has ended: by request, and wherever its end decides what follows. */
export const replacesOnlyFailed = ({ spec }: Job): boolean =>
  spec?.podReplacementPolicy === 'Failed' || spec?.podFailurePolicy !== undefined;

/** One that is going counts too, unless its end is awaited: an orphan may never come to the phase Failed. */
export function isPodFailed(pod: Pod, job: Job): boolean {
  if (pod.status?.phase === 'Failed') return true;
  if (replacesOnlyFailed(job)) return false;
  return pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded';
}
