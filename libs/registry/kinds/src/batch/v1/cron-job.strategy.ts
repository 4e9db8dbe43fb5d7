import { fieldPath } from '@reckon/api/machinery';
import type { batchv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { workloadNameWarnings } from '../../apps/v1/workload-warnings';
import { countSpecChange, keepGeneration } from '../../generation';
import { keepSpec, keepStatus } from '../../status-keeping';
import { validateCronJob, validateCronJobUpdate } from './cron-job.validation';
import { setJobSpecDefaults } from './job.defaults';
import { jobSpecWarnings } from './job.warnings';

/** SetDefaults_CronJob. What a job's spec lacks is filled in when there is a job. */
function setCronJobDefaults(cronJob: batchv1.CronJob): void {
  const spec = (cronJob.spec ??= { schedule: '', jobTemplate: {} });
  if (!spec.concurrencyPolicy) spec.concurrencyPolicy = 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  setJobSpecDefaults(((spec.jobTemplate ??= {}).spec ??= { template: {} }));
}

const jobSpecPath = fieldPath('spec', 'jobTemplate', 'spec');

export const cronJobStrategy: Strategy<batchv1.CronJob> = {
  defaults: setCronJobDefaults,
  prepareForCreate: (_ctx, cronJob) => {
    cronJob.status = {};
    cronJob.metadata.generation = 1;
  },
  validate: (_ctx, cronJob) => validateCronJob(cronJob),
  warningsOnCreate: (_ctx, cronJob) => [
    ...workloadNameWarnings(cronJob.metadata.name),
    ...jobSpecWarnings(cronJob.spec?.jobTemplate.spec, jobSpecPath),
  ],
  prepareForUpdate: (_ctx, cronJob, old) => {
    keepStatus(cronJob, old);
    countSpecChange(cronJob, old, cronJob.spec, old.spec);
  },
  validateUpdate: (_ctx, cronJob, old) => validateCronJobUpdate(cronJob, old),
  warningsOnUpdate: (_ctx, cronJob, old) => [
    ...(cronJob.metadata.generation === old.metadata.generation
      ? []
      : jobSpecWarnings(cronJob.spec?.jobTemplate.spec, jobSpecPath)),
    ...(cronJob.spec?.schedule.includes('TZ') === true ? [zoneInSchedule] : []),
  ],
};

/** The path is upstream's. */
const zoneInSchedule =
  'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details';

export const cronJobStatusStrategy: Strategy<batchv1.CronJob> = {
  defaults: setCronJobDefaults,
  prepareForUpdate: (_ctx, cronJob, old) => {
    keepSpec(cronJob, old);
    keepGeneration(cronJob, old);
  },
};
