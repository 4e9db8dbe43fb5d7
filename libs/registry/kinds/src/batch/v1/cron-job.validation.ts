import { CronScheduleError, type FieldPath, fieldErrors, fieldPath, parseCronSchedule } from '@reckon/api/machinery';
import type { batchv1 } from '@reckon/api/types';
import { byteLength, checkNonNegative, checkOneOf, type Errors } from '../../field-checks';
import { renderedSelector } from './job-selector';
import { validateJobSpec } from './job-spec.validation';
import { validateTimeZone } from './time-zone';

/** 63 for a job's name, of which the time of its run takes 11. */
const longestName = 52;

/** ValidateCronJobCreate. */
export function validateCronJob(cronJob: batchv1.CronJob): Errors {
  const errors: Errors = [];
  validateSpec(errors, cronJob.spec, undefined, fieldPath('spec'));
  const name = cronJob.metadata.name ?? '';
  if (byteLength(name) > longestName)
    errors.push(fieldErrors.invalid(fieldPath('metadata', 'name'), name, 'must be no more than 52 characters'));
  return errors;
}

/** ValidateCronJobUpdate: too long a name stays, so that its bearer can still be changed and deleted. */
export function validateCronJobUpdate(cronJob: batchv1.CronJob, old: batchv1.CronJob): Errors {
  const errors: Errors = [];
  validateSpec(errors, cronJob.spec, old.spec ?? emptySpec, fieldPath('spec'));
  return errors;
}

const emptySpec: batchv1.CronJobSpec = { schedule: '', jobTemplate: {} };

function validateSpec(
  errors: Errors,
  spec: batchv1.CronJobSpec = emptySpec,
  old: batchv1.CronJobSpec | undefined,
  path: FieldPath,
): void {
  if (!spec.schedule) errors.push(fieldErrors.required(path.child('schedule')));
  else validateSchedule(errors, spec, old?.schedule ?? '', path.child('schedule'));
  checkNonNegative(errors, path.child('startingDeadlineSeconds'), spec.startingDeadlineSeconds);
  if (old === undefined || old.timeZone !== spec.timeZone)
    validateTimeZone(errors, spec.timeZone, path.child('timeZone'));
  checkOneOf(errors, path.child('concurrencyPolicy'), spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']);
  validateJobTemplate(errors, spec.jobTemplate ?? {}, path.child('jobTemplate', 'spec'));
  checkNonNegative(errors, path.child('successfulJobsHistoryLimit'), spec.successfulJobsHistoryLimit);
  checkNonNegative(errors, path.child('failedJobsHistoryLimit'), spec.failedJobsHistoryLimit);
}

/** validateScheduleFormat: a zone inside the schedule is kept only where there was one before. */
function validateSchedule(
  errors: Errors,
  { schedule, timeZone }: batchv1.CronJobSpec,
  oldSchedule: string,
  path: FieldPath,
): void {
  const problem = scheduleProblem(schedule);
  if (problem !== undefined) errors.push(fieldErrors.invalid(path, schedule, problem));
  if (!schedule.includes('TZ')) return;
  if (!oldSchedule.includes('TZ'))
    errors.push(
      fieldErrors.invalid(path, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'),
    );
  else if (timeZone !== undefined)
    errors.push(fieldErrors.invalid(path, schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'));
}

function scheduleProblem(schedule: string): string | undefined {
  // A zone and nothing else: upstream's parser panics. The zone is refused anyway.
  if (/^(CRON_)?TZ=[^ ]*$/.test(schedule)) return undefined;
  try {
    parseCronSchedule(schedule);
    return undefined;
  } catch (error) {
    if (error instanceof CronScheduleError) return error.message;
    throw error;
  }
}

/** ValidateJobTemplateSpec: the selector is made for each job. */
function validateJobTemplate(errors: Errors, { spec }: batchv1.JobTemplateSpec, path: FieldPath): void {
  const job = spec ?? { template: {} };
  validateJobSpec(errors, job, path);
  if (job.selector)
    errors.push(
      fieldErrors.invalid(path.child('selector'), renderedSelector(job.selector), '`selector` will be auto-generated'),
    );
  if (job.manualSelector === true)
    errors.push(fieldErrors.notSupported(path.child('manualSelector'), job.manualSelector, ['nil', 'false']));
}
