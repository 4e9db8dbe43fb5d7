import { reasonOf } from '@reckon/api/machinery';
import { type Job, finishedCondition } from '../job/job';
import { timeMs } from '../replica-set/pod-state';
import { type CronRun, deleteJob, forgetActive, isActive, newRun, tell } from './cron-job';

/** Deletes the oldest of the jobs that have completed, and of those that have failed, beyond what is to be kept. */
export async function trimHistory(run: CronRun, jobs: readonly Job[]): Promise<void> {
  const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = run.cronJob.spec ?? {};
  const ended = (type: string): Job[] => jobs.filter((job) => finishedCondition(job)?.type === type);
  if (successfulJobsHistoryLimit !== undefined) await trim(run, ended('Complete'), successfulJobsHistoryLimit);
  if (failedJobsHistoryLimit !== undefined) await trim(run, ended('Failed'), failedJobsHistoryLimit);
}

async function trim(run: CronRun, jobs: Job[], keep: number): Promise<void> {
  if (jobs.length <= keep) return;
  for (const job of jobs.sort(byStart).slice(0, jobs.length - keep))
    if (job.metadata.deletionTimestamp === undefined) await deleteJob(run, job);
}

/** The oldest first; what never started is the youngest. */
function byStart(a: Job, b: Job): number {
  const [first, second] = [timeMs(a.status?.startTime) ?? Infinity, timeMs(b.status?.startTime) ?? Infinity];
  if (first !== second) return first < second ? -1 : 1;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}

/** Brings the list of active jobs, and the time of the last success, up to what the jobs say. */
export async function followJobs(run: CronRun, jobs: readonly Job[]): Promise<void> {
  for (const job of jobs) {
    const finished = finishedCondition(job);
    if (finished === undefined) {
      if (!isActive(run, job.metadata.uid)) await meet(run, job);
      continue;
    }
    if (isActive(run, job.metadata.uid)) {
      forgetActive(run, job.metadata.uid);
      tell(
        run,
        'Normal',
        'SawCompletedJob',
        `Saw completed job: ${job.metadata.name ?? ''}, condition: ${finished.type}`,
      );
    }
    if (finished.type === 'Complete') noteSuccess(run, job.status?.completionTime);
  }
  await dropMissing(run, new Set(jobs.map((job) => job.metadata.uid)));
}

/** A job of ours that the status does not list: our cache is old, or we crashed before we wrote it, or someone gave it to us. */
async function meet(run: CronRun, job: Job): Promise<void> {
  const { namespace = '', name = '' } = run.cronJob.metadata;
  const fresh = newRun(run, await run.cronJobs.get(namespace, name));
  if (isActive(fresh, job.metadata.uid)) {
    Object.assign(run, fresh);
    return;
  }
  const message = `Saw a job that the controller did not create or forgot: ${job.metadata.name ?? ''}`;
  tell(run, 'Warning', 'UnexpectedJob', message);
}

function noteSuccess(run: CronRun, completionTime: string | undefined): void {
  if (completionTime === undefined) return;
  if ((timeMs(run.lastSuccessfulTime) ?? -Infinity) < (timeMs(completionTime) ?? 0))
    run.lastSuccessfulTime = completionTime;
}

/** The server is asked: a cache may not show a new job yet. */
async function dropMissing(run: CronRun, known: ReadonlySet<string | undefined>): Promise<void> {
  for (const { uid, namespace = '', name = '' } of run.active.filter((r) => !known.has(r.uid))) {
    try {
      await run.jobs.get(namespace, name);
    } catch (error) {
      if (reasonOf(error) !== 'NotFound') throw error;
      tell(run, 'Normal', 'MissingJob', `Active job went missing: ${name}`);
      forgetActive(run, uid);
    }
  }
}
