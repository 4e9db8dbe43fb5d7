import {
  CronScheduleError,
  cronTimes,
  goQuote,
  isControlledBy,
  locationProblem,
  parseCronSchedule,
  reasonOf,
  timeText,
} from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { type Result, done, objectReference, requeueAfter } from '@reckon/control/runtime';
import type { Job } from '../job/job';
import { isNamespaceTerminating } from '../replica-set/scale-pods';
import { type CronJob, type CronRun, deleteJob, isActive, isSameMoment, tell } from './cron-job';
import { jobNameOf, jobOf } from './job-of';
import { ScheduleProblem, type Times, dueTime, untilNextMs } from './schedule-times';

/** The schedule's own zone goes before the one of the spec. Throws `CronScheduleError`. */
export function timesOf({ spec }: CronJob): Times {
  const schedule = spec?.schedule ?? '';
  const zone = schedule.includes('TZ') ? '' : (spec?.timeZone ?? '');
  return cronTimes(parseCronSchedule(schedule), locationProblem(zone) === undefined ? zone : '');
}

/** Starts the job of the moment that has come, if nothing stands against it (`syncCronJob`); says when to look again. */
export async function startDue(run: CronRun): Promise<Result> {
  const { cronJob, clock } = run;
  const nowMs = clock.nowMs();
  const times = usableTimes(run);
  if (times === undefined) return done;
  const later = (): Result => requeueAfter(untilNextMs(cronJob, times, nowMs));
  let due;
  try {
    due = dueTime(cronJob, times, nowMs);
  } catch (error) {
    if (!(error instanceof ScheduleProblem)) throw error;
    const message = `invalid schedule: ${cronJob.spec?.schedule ?? ''} : ${error.message}`;
    tell(run, 'Warning', 'InvalidSchedule', message);
    return done;
  }
  if (due === undefined) return later();
  if (due.isOneOfMany)
    tell(
      run,
      'Warning',
      'TooManyMissedTimes',
      'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
    );
  if (!mayStart(run, due.ms, nowMs)) return later();
  if (cronJob.spec?.concurrencyPolicy === 'Replace') await replaceActive(run);
  const job = await create(run, due.ms);
  if (job === undefined) return later();
  run.active.push(objectReference(job, refs.jobs));
  run.lastScheduleTime = timeText(due.ms);
  return requeueAfter(untilNextMs({ ...cronJob, status: { lastScheduleTime: run.lastScheduleTime } }, times, nowMs));
}

/** Undefined while nothing is to be started at all. */
function usableTimes(run: CronRun): Times | undefined {
  const { metadata, spec } = run.cronJob;
  if (metadata.deletionTimestamp !== undefined) return undefined;
  const zoneProblem = locationProblem(spec?.timeZone ?? '');
  if (zoneProblem !== undefined) {
    tell(run, 'Warning', 'UnknownTimeZone', `invalid timeZone: ${goQuote(spec?.timeZone ?? '')}: ${zoneProblem}`);
    return undefined;
  }
  if (spec?.suspend === true) return undefined;
  const quoted = goQuote(spec?.schedule ?? '');
  if (spec?.schedule.includes('TZ') === true)
    tell(
      run,
      'Warning',
      'UnsupportedSchedule',
      `CRON_TZ or TZ used in schedule ${quoted} is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details`,
    );
  try {
    return timesOf(run.cronJob);
  } catch (error) {
    if (!(error instanceof CronScheduleError)) throw error;
    tell(run, 'Warning', 'UnparseableSchedule', `unparseable schedule: ${quoted} : ${error.message}`);
    return undefined;
  }
}

/** Not too late, not twice, and not beside another where that is forbidden. */
function mayStart(run: CronRun, dueMs: number, nowMs: number): boolean {
  const { startingDeadlineSeconds, concurrencyPolicy } = run.cronJob.spec ?? {};
  if (startingDeadlineSeconds !== undefined && dueMs + startingDeadlineSeconds * 1000 < nowMs) {
    const missed = new Date(dueMs).toUTCString().replace('GMT', '+0000');
    tell(run, 'Warning', 'MissSchedule', `Missed scheduled time to start a job: ${missed}`);
    return false;
  }
  const name = jobNameOf(run.cronJob, dueMs);
  if (run.active.some((r) => r.name === name) || isSameMoment(run.lastScheduleTime, dueMs)) return false;
  if (concurrencyPolicy === 'Forbid' && run.active.length > 0) {
    tell(
      run,
      'Normal',
      'JobAlreadyActive',
      'Not starting job because prior execution is running and concurrency policy is Forbid',
    );
    return false;
  }
  return true;
}

async function replaceActive(run: CronRun): Promise<void> {
  for (const { namespace = '', name = '' } of run.active) {
    let job: Job;
    try {
      job = await run.jobs.get(namespace, name);
    } catch (error) {
      tell(run, 'Warning', 'FailedGet', `Get job: ${error instanceof Error ? error.message : String(error)}`);
      throw error;
    }
    if (!(await deleteJob(run, job))) throw new Error(`could not replace job ${namespace}/${name}`);
  }
}

/** The job, if it is ours and the status does not list it yet. */
async function create(run: CronRun, dueMs: number): Promise<Job | undefined> {
  const wanted = jobOf(run.cronJob, dueMs);
  const { namespace = '', name = '' } = wanted.metadata;
  try {
    const job = await run.jobs.create(wanted);
    tell(run, 'Normal', 'SuccessfulCreate', `Created job ${name}`);
    return job;
  } catch (error) {
    if (reasonOf(error) === 'AlreadyExists') {
      // Made before a status write that failed, or by someone else, who then sees to the status.
      const existing = await run.jobs.get(namespace, name);
      const isOurs = isControlledBy(existing, run.cronJob) && !isActive(run, existing.metadata.uid);
      return isOurs ? existing : undefined;
    }
    if (!isNamespaceTerminating(error))
      tell(
        run,
        'Warning',
        'FailedCreate',
        `Error creating job: ${error instanceof Error ? error.message : String(error)}`,
      );
    throw error;
  }
}
