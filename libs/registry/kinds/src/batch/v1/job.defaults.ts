import type { batchv1 } from '@reckon/api/types';
import { setPodTemplateDefaults } from '../../core/v1/pod/pod-spec.defaults';

const int32Max = 2 ** 31 - 1;

/** SetDefaults_Job and what is below it. */
export function setJobDefaults(job: batchv1.Job): void {
  const spec = (job.spec ??= { template: {} });
  if (spec.parallelism === undefined) {
    // Neither given: a job of one pod. Only the width given: as many completions as it takes.
    spec.completions ??= 1;
    spec.parallelism = 1;
  }
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : int32Max;
  shareLabels(job);
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed';
  spec.manualSelector ??= false;
  setJobSpecDefaults(spec);
}

/** What the job of a CronJob's template gets too. */
export function setJobSpecDefaults(spec: batchv1.JobSpec): void {
  for (const rule of spec.podFailurePolicy?.rules ?? [])
    for (const pattern of rule.onPodConditions ?? []) if (!pattern.status) pattern.status = 'True';
  setPodTemplateDefaults((spec.template ??= {}));
}

/**
 * A job without labels has those of its pods: the very same map, as upstream, so that it gets the generated ones as well, which a
 * job with labels of its own does not.
 */
export function shareLabels(job: batchv1.Job): void {
  const labels = job.spec?.template.metadata?.labels;
  if (labels !== undefined && Object.keys(job.metadata.labels ?? {}).length === 0) job.metadata.labels = labels;
}
