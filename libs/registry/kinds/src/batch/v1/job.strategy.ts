import { fieldPath } from '@reckon/api/machinery';
import type { batchv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { workloadNameWarnings } from '../../apps/v1/workload-warnings';
import { countSpecChange, keepGeneration } from '../../generation';
import { keepSpec, keepStatus } from '../../status-keeping';
import { setJobDefaults, shareLabels } from './job.defaults';
import { generateSelector } from './job-selector';
import { validateJobStatusUpdate } from './job-status.validation';
import { validateJob, validateJobUpdate } from './job.validation';
import { jobSpecWarnings } from './job.warnings';

/** registry/batch/job/storage `REST.Delete`. */
const orphansByDefault =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning';

export const jobStrategy: Strategy<batchv1.Job> = {
  // Clients of the first batch/v1 expect it.
  defaultPropagation: 'Orphan',
  defaults: setJobDefaults,
  prepareForCreate: (_ctx, job) => {
    if (job.spec?.manualSelector !== true) generateSelector(job);
    // Upstream fills labels in whenever it reads a job; a job that is read as it was stored has to have them.
    shareLabels(job);
    job.status = {};
    job.metadata.generation = 1;
  },
  validate: (_ctx, job) => validateJob(job),
  warningsOnCreate: (_ctx, job) => [
    ...workloadNameWarnings(job.metadata.name),
    ...jobSpecWarnings(job.spec, fieldPath('spec')),
  ],
  prepareForUpdate: (_ctx, job, old) => {
    keepStatus(job, old);
    countSpecChange(job, old, job.spec, old.spec);
  },
  validateUpdate: (_ctx, job, old) => validateJobUpdate(job, old),
  warningsOnUpdate: (_ctx, job, old) =>
    job.metadata.generation === old.metadata.generation ? [] : jobSpecWarnings(job.spec, fieldPath('spec')),
  checkGracefulDelete: (ctx, _job, options) => {
    if (options.propagationPolicy === undefined && options.orphanDependents === undefined) ctx.warn(orphansByDefault);
    return false;
  },
};

export const jobStatusStrategy: Strategy<batchv1.Job> = {
  defaults: setJobDefaults,
  prepareForUpdate: (_ctx, job, old) => {
    keepSpec(job, old);
    keepGeneration(job, old);
  },
  validateUpdate: (_ctx, job, old) => validateJobStatusUpdate(job, old),
};
