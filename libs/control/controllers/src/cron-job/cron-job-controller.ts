import { CronScheduleError, controllerOf, semanticEqual } from '@reckon/api/machinery';
import { type Informer, type Lister, objectKey } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import { Controller, type Result, done } from '@reckon/control/runtime';
import type { ControllerRow } from '../controller-context';
import type { Job } from '../job/job';
import { controlledBy, indexByController } from '../ownership/controller-index';
import { OwnWrites } from '../ownership/own-writes';
import { startWhenSynced } from '../start-when-synced';
import { type CronJob, type CronTools, newRun, statusOf, tell } from './cron-job';
import { followJobs, trimHistory } from './job-history';
import { untilNextMs } from './schedule-times';
import { startDue, timesOf } from './start-due';

/** Starts jobs by the clock (pkg/controller/cronjob). */
export const cronJobController: ControllerRow = {
  name: 'cronjob-controller',
  serviceAccount: 'cronjob-controller',
  start(context) {
    const cronJobs = context.informers.informer<CronJob>(refs.cronJobs);
    const jobs = context.informers.informer<Job>(refs.jobs);
    indexByController(jobs);
    const tools: CronTools = {
      cronJobs: context.rest.resource<CronJob>(refs.cronJobs),
      jobs: context.rest.resource<Job>(refs.jobs),
      jobLister: jobs.lister,
      recorder: context.recorder('cronjob-controller'),
      clock: context.clock,
      writes: new OwnWrites(),
    };
    const controller = new Controller('cronjob', (key) => reconcile(tools, cronJobs.lister, key), context);
    watchCronJobs(tools, cronJobs, controller);
    watchJobs(cronJobs.lister, jobs, controller);
    return startWhenSynced([controller], [cronJobs, jobs]);
  },
};

function watchCronJobs(tools: CronTools, cronJobs: Informer<CronJob>, { queue }: Controller): void {
  cronJobs.addHandler({
    add: (cronJob) => {
      queue.add(objectKey(cronJob));
    },
    update: (old, cronJob) => {
      if (old.spec?.schedule === cronJob.spec?.schedule && old.spec?.timeZone === cronJob.spec?.timeZone)
        queue.add(objectKey(cronJob));
      else reschedule(tools, cronJob, queue);
    },
    delete: (cronJob) => {
      tools.writes.forget(cronJob.metadata.uid ?? '');
    },
  });
}

/** A new schedule holds from its next moment on: what it would have started before is not made up for. */
function reschedule(tools: CronTools, cronJob: CronJob, queue: Controller['queue']): void {
  try {
    queue.addAfter(objectKey(cronJob), untilNextMs(cronJob, timesOf(cronJob), tools.clock.nowMs()));
  } catch (error) {
    if (!(error instanceof CronScheduleError)) throw error;
    const message = `unparseable schedule for cronjob: ${cronJob.spec?.schedule ?? ''}`;
    tell({ ...tools, cronJob }, 'Warning', 'UnParseableCronJobSchedule', message);
  }
}

function watchJobs(cronJobs: Lister<CronJob>, jobs: Informer<Job>, controller: Controller): void {
  const enqueueOwner = (job: Job): void => {
    const owner = controllerOf(job);
    if (owner?.kind !== 'CronJob') return;
    const cronJob = cronJobs.get(job.metadata.namespace ?? '', owner.name);
    if (cronJob?.metadata.uid === owner.uid) controller.enqueue(objectKey(cronJob));
  };
  jobs.addHandler({
    add: enqueueOwner,
    update: (old, job) => {
      if (controllerOf(old)?.uid !== controllerOf(job)?.uid) enqueueOwner(old);
      enqueueOwner(job);
    },
    delete: enqueueOwner,
  });
}

async function reconcile(tools: CronTools, cronJobs: Lister<CronJob>, key: string): Promise<Result> {
  const stored = cronJobs.byKey(key);
  // The event that shows our last write brings the key back.
  if (stored === undefined || !tools.writes.isSeen(stored)) return done;
  const run = newRun(tools, stored);
  const jobs = controlledBy(tools.jobLister, stored.metadata.uid);
  await trimHistory(run, jobs);
  try {
    await followJobs(run, jobs);
    return await startDue(run);
  } finally {
    // What was done is told, though what came after it failed.
    const status = statusOf(run);
    if (!semanticEqual(status, run.cronJob.status ?? {}))
      tools.writes.wrote(await tools.cronJobs.updateStatus({ ...run.cronJob, status }));
  }
}
