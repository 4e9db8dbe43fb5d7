import { type FieldPath, fieldErrors, fieldPath, isConditionTrue, semanticEqual } from '@reckon/api/machinery';
import type { batchv1 } from '@reckon/api/types';
import { checkNonNegative, type Errors, immutableMessage } from '../../field-checks';
import { internalUncountedPods } from './internal-batch';
import { overlapOf, readIndexes } from './job-indexes';

type Status = batchv1.JobStatus;

/** What the conditions of a job say, and which fields an update changed. */
interface Look {
  readonly status: Status;
  readonly complete: boolean;
  readonly failed: boolean;
  readonly failureTarget: boolean;
  readonly successCriteriaMet: boolean;
  readonly finished: boolean;
}

function lookAt(job: batchv1.Job): Look {
  const status = job.status ?? {};
  const has = (type: string): boolean => isConditionTrue(status.conditions, type);
  const [complete, failed] = [has('Complete'), has('Failed')];
  return {
    status,
    complete,
    failed,
    failureTarget: has('FailureTarget'),
    successCriteriaMet: has('SuccessCriteriaMet'),
    finished: complete || failed,
  };
}

/**
 * ValidateJobUpdateStatus. Other controllers than ours may run a job (`spec.managedBy`), so what clients rely on is held up here: a
 * finished job stays finished, its counters do not sink. Most rules ask only for what the update changed
 * (getStatusValidationOptions): a status that is wrong in another respect can still be written.
 */
export function validateJobStatusUpdate(job: batchv1.Job, old: batchv1.Job): Errors {
  const errors: Errors = [];
  const path = fieldPath('status');
  const [now, before] = [lookAt(job), lookAt(old)];
  checkCounts(errors, now.status, path);
  checkConditions(errors, now, before, path);
  checkTimes(errors, now, before, path);
  checkEndings(errors, job, now, before, path);
  checkIndexes(errors, job, now.status, before.status, path);
  checkPods(errors, now, before, path);
  checkSuccess(errors, job, now, path);
  checkTransitions(errors, job, old, now, before, path);
  return errors;
}

const changed = <Field extends keyof Look>(now: Look, before: Look, ...fields: readonly Field[]): boolean =>
  fields.some((field) => now[field] !== before[field]);

const changedIn = (now: Status, before: Status, field: keyof Status): boolean =>
  !semanticEqual(now[field], before[field]);

function checkCounts(errors: Errors, status: Status, path: FieldPath): void {
  for (const field of ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const)
    checkNonNegative(errors, path.child(field), status[field]);
  const seen = new Set<string>();
  for (const field of ['succeeded', 'failed'] as const)
    for (const [i, uid] of (status.uncountedTerminatedPods?.[field] ?? []).entries()) {
      const at = path.child('uncountedTerminatedPods', field).index(i);
      if (uid === '') errors.push(fieldErrors.invalid(at, uid, 'must not be empty'));
      else if (seen.has(uid)) errors.push(fieldErrors.duplicate(at, uid));
      seen.add(uid);
    }
}

function refuseConditions(errors: Errors, path: FieldPath, why: string): void {
  errors.push(fieldErrors.invalidUnshown(path.child('conditions'), why));
}

function checkConditions(errors: Errors, now: Look, before: Look, path: FieldPath): void {
  if (changed(now, before, 'complete', 'failed') && now.complete && now.failed)
    refuseConditions(errors, path, 'cannot set Complete=True and Failed=true conditions');
  if (changed(now, before, 'complete', 'failureTarget') && now.complete && now.failureTarget)
    refuseConditions(errors, path, 'cannot set Complete=True and FailureTarget=true conditions');
}

function checkTimes(errors: Errors, now: Look, before: Look, path: FieldPath): void {
  const { startTime, completionTime } = now.status;
  const at = path.child('completionTime');
  const isCompletionChanged = changedIn(now.status, before.status, 'completionTime');
  if (changed(now, before, 'complete') || isCompletionChanged) {
    if (completionTime !== undefined && !now.complete)
      errors.push(
        fieldErrors.invalid(at, completionTime, 'cannot set completionTime when there is no Complete=True condition'),
      );
    if (completionTime === undefined && now.complete)
      errors.push(fieldErrors.required(at, 'completionTime is required for Complete jobs'));
  }
  const isEitherChanged = isCompletionChanged || changedIn(now.status, before.status, 'startTime');
  if (isEitherChanged && startTime !== undefined && completionTime !== undefined && completionTime < startTime)
    errors.push(fieldErrors.invalid(at, completionTime, 'must be equal to or after `startTime`'));
}

/** How a job may end. */
function checkEndings(errors: Errors, job: batchv1.Job, now: Look, before: Look, path: FieldPath): void {
  const { status } = now;
  if (
    (changed(now, before, 'failed') || changedIn(status, before.status, 'failedIndexes')) &&
    now.failed &&
    !now.failureTarget
  )
    refuseConditions(errors, path, 'cannot set Failed=True condition without the FailureTarget=true condition');
  if (changed(now, before, 'complete', 'successCriteriaMet') && now.complete && !now.successCriteriaMet)
    refuseConditions(errors, path, 'cannot set Complete=True condition without the SuccessCriteriaMet=true condition');
  const isFinishChanged = changed(now, before, 'finished');
  const { active = 0, startTime, uncountedTerminatedPods: uncounted } = status;
  const isActiveChanged = active !== (before.status.active ?? 0);
  if ((isFinishChanged || isActiveChanged) && active > 0 && now.finished)
    errors.push(fieldErrors.invalid(path.child('active'), active, 'active>0 is invalid for finished job'));
  // A suspended job that wants nothing done is done without having begun.
  const needsNoStart = job.spec?.suspend === true && job.spec.completions === 0;
  const isStartAsked = isFinishChanged || changedIn(status, before.status, 'startTime');
  if (isStartAsked && !needsNoStart && startTime === undefined && now.finished)
    errors.push(fieldErrors.required(path.child('startTime'), 'startTime is required for finished job'));
  const isUncountedAsked = isFinishChanged || changedIn(status, before.status, 'uncountedTerminatedPods');
  if (isUncountedAsked && now.finished && uncounted !== undefined && countOf(uncounted) > 0)
    errors.push(
      fieldErrors.invalid(
        path.child('uncountedTerminatedPods'),
        internalUncountedPods(uncounted),
        'must be empty for finished job',
      ),
    );
}

const countOf = ({ succeeded = [], failed = [] }: batchv1.UncountedTerminatedPods): number =>
  succeeded.length + failed.length;

function checkIndexes(errors: Errors, job: batchv1.Job, now: Status, before: Status, path: FieldPath): void {
  const { completions, completionMode, backoffLimitPerIndex } = job.spec ?? {};
  const { completedIndexes = '', failedIndexes } = now;
  const isCompletedChanged = completedIndexes !== (before.completedIndexes ?? '');
  const isFailedChanged = failedIndexes !== before.failedIndexes;
  const [completedPath, failedPath] = [path.child('completedIndexes'), path.child('failedIndexes')];
  const checkText = (at: FieldPath, text: string, field: string): void => {
    const read = readIndexes(text, completions ?? 0);
    if ('problem' in read) errors.push(fieldErrors.invalid(at, text, `error parsing ${field}: ${read.problem}`));
  };
  if (isCompletedChanged && completions !== undefined) checkText(completedPath, completedIndexes, 'completedIndexes');
  if (isFailedChanged && completions !== undefined && backoffLimitPerIndex !== undefined && failedIndexes !== undefined)
    checkText(failedPath, failedIndexes, 'failedIndexes');
  if (isCompletedChanged && completedIndexes !== '' && completionMode !== 'Indexed')
    errors.push(
      fieldErrors.invalid(
        completedPath,
        completedIndexes,
        'cannot set non-empty completedIndexes when non-indexed completion mode',
      ),
    );
  if (isFailedChanged && backoffLimitPerIndex === undefined && failedIndexes !== undefined)
    errors.push(
      fieldErrors.invalid(
        failedPath,
        failedIndexes,
        'cannot set non-null failedIndexes when backoffLimitPerIndex is null',
      ),
    );
  if (!isFailedChanged && !isCompletedChanged) return;
  if (completions === undefined || failedIndexes === undefined) return;
  const overlap = overlapOf(completedIndexes, failedIndexes, completions);
  if (overlap !== undefined)
    errors.push(
      fieldErrors.invalid(
        failedPath,
        failedIndexes,
        `failedIndexes and completedIndexes overlap at index: ${String(overlap)}`,
      ),
    );
}

function checkPods(errors: Errors, now: Look, before: Look, path: FieldPath): void {
  const { terminating, ready, active = 0 } = now.status;
  const isTerminatingAsked = changed(now, before, 'finished') || changedIn(now.status, before.status, 'terminating');
  if (isTerminatingAsked && terminating !== undefined && terminating > 0 && now.finished)
    errors.push(
      fieldErrors.invalid(path.child('terminating'), terminating, 'terminating>0 is invalid for finished job'),
    );
  const isReadyAsked = changedIn(now.status, before.status, 'ready') || active !== (before.status.active ?? 0);
  if (isReadyAsked && ready !== undefined && ready > active)
    errors.push(fieldErrors.invalid(path.child('ready'), ready, 'cannot set more ready pods than active'));
}

function checkSuccess(errors: Errors, job: batchv1.Job, now: Look, path: FieldPath): void {
  if (now.successCriteriaMet && now.failed)
    refuseConditions(errors, path, 'cannot set SuccessCriteriaMet=True and Failed=true conditions');
  if (now.successCriteriaMet && now.failureTarget)
    refuseConditions(errors, path, 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions');
  if (job.spec?.successPolicy !== undefined && !now.successCriteriaMet && now.complete)
    refuseConditions(
      errors,
      path,
      'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True',
    );
}

/** What was so stays so (ValidateJobStatusUpdate). */
function checkTransitions(
  errors: Errors,
  job: batchv1.Job,
  old: batchv1.Job,
  now: Look,
  before: Look,
  path: FieldPath,
): void {
  const terminal = [
    ['Failed', 'failed'],
    ['Complete', 'complete'],
    ['FailureTarget', 'failureTarget'],
  ] as const;
  for (const [type, field] of terminal)
    if (before[field] && !now[field])
      refuseConditions(errors, path, `cannot disable the terminal ${type}=True condition`);
  const { failed = 0, succeeded = 0, completionTime } = now.status;
  if (failed < (before.status.failed ?? 0))
    errors.push(fieldErrors.invalid(path.child('failed'), failed, 'cannot decrease the failed counter'));
  // Jobs whose width is their length can shrink.
  const { completionMode, completions, parallelism, suspend } = job.spec ?? {};
  const mayShrink = completionMode === 'Indexed' && completions === parallelism;
  if (!mayShrink && succeeded < (before.status.succeeded ?? 0))
    errors.push(fieldErrors.invalid(path.child('succeeded'), succeeded, 'cannot decrease the succeeded counter'));
  const completedBefore = before.status.completionTime;
  if (completionTime !== undefined && completedBefore !== undefined && completionTime !== completedBefore)
    errors.push(fieldErrors.invalid(path.child('completionTime'), completionTime, immutableMessage));
  if (isStartLost(now.status, before.status) && suspend !== true && !isResuming(job, old))
    errors.push(fieldErrors.required(path.child('startTime'), 'startTime cannot be removed for unsuspended job'));
  if (before.successCriteriaMet && !now.successCriteriaMet)
    refuseConditions(errors, path, 'cannot disable the SuccessCriteriaMet=True condition');
  if (before.complete && !before.successCriteriaMet && now.successCriteriaMet)
    refuseConditions(errors, path, 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions');
}

const isStartLost = (now: Status, before: Status): boolean =>
  before.startTime !== undefined && now.startTime !== before.startTime;

/** The same update says that it is suspended no longer: then its clock starts anew. */
const isResuming = (job: batchv1.Job, old: batchv1.Job): boolean =>
  isConditionTrue(old.status?.conditions, 'Suspended') &&
  (job.status?.conditions ?? []).some(({ type, status }) => type === 'Suspended' && status === 'False');
