import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { batchv1 } from '@reckon/api/types';
import { validatePodTemplate } from '../../core/v1/pod/validation/pod-template';
import { checkNonNegative, checkOptionalOneOf, type Errors } from '../../field-checks';
import { internalSuccessPolicy } from './internal-batch';
import { validateManagedBy } from './managed-by';
import { validatePodFailurePolicy } from './pod-failure-policy.validation';
import { validateSuccessPolicy } from './success-policy.validation';

/** Of indexed jobs: what their status can hold. */
const maxParallelism = 100_000;
const maxFailedIndexes = 100_000;
/** With more completions than these, the other two are kept lower. */
const manyCompletions = 100_000;
const parallelismOfMany = 10_000;
const failedIndexesOfMany = 10_000;

const needsIndexes = 'requires indexed completion mode';

/** validateJobSpec: what jobs and the jobs of CronJobs have in common. */
export function validateJobSpec(errors: Errors, spec: batchv1.JobSpec, path: FieldPath): void {
  checkNonNegative(errors, path.child('parallelism'), spec.parallelism);
  checkNonNegative(errors, path.child('completions'), spec.completions);
  checkNonNegative(errors, path.child('activeDeadlineSeconds'), spec.activeDeadlineSeconds);
  checkNonNegative(errors, path.child('backoffLimit'), spec.backoffLimit);
  checkNonNegative(errors, path.child('ttlSecondsAfterFinished'), spec.ttlSecondsAfterFinished);
  checkNonNegative(errors, path.child('backoffLimitPerIndex'), spec.backoffLimitPerIndex);
  checkNonNegative(errors, path.child('maxFailedIndexes'), spec.maxFailedIndexes);
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined)
    errors.push(fieldErrors.required(path.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified'));
  if (spec.managedBy !== undefined) validateManagedBy(errors, spec.managedBy, path.child('managedBy'));
  checkOptionalOneOf(errors, path.child('completionMode'), spec.completionMode, ['NonIndexed', 'Indexed']);
  if (spec.completionMode === 'Indexed') validateIndexed(errors, spec, path);
  if (spec.completionMode === undefined || spec.completionMode === 'NonIndexed')
    for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const)
      if (spec[field] !== undefined) errors.push(fieldErrors.invalid(path.child(field), spec[field], needsIndexes));
  if (spec.podFailurePolicy) validatePodFailurePolicy(errors, spec, path.child('podFailurePolicy'));
  if (spec.successPolicy) {
    const policyPath = path.child('successPolicy');
    if (spec.completionMode === 'Indexed') validateSuccessPolicy(errors, spec, policyPath);
    else errors.push(fieldErrors.invalid(policyPath, internalSuccessPolicy(spec.successPolicy), needsIndexes));
  }
  checkOptionalOneOf(
    errors,
    path.child('podReplacementPolicy'),
    spec.podReplacementPolicy,
    spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'],
  );
  validatePodTemplate(errors, spec.template, path.child('template'));
  validateRestartPolicy(errors, spec, path.child('template', 'spec', 'restartPolicy'));
}

function validateIndexed(errors: Errors, spec: batchv1.JobSpec, path: FieldPath): void {
  const { completions, parallelism, maxFailedIndexes: failed } = spec;
  const parallelismPath = path.child('parallelism');
  const failedPath = path.child('maxFailedIndexes');
  const checkAtMost = (at: FieldPath, value: number | undefined, most: number, suffix = ''): void => {
    if (value !== undefined && value > most)
      errors.push(fieldErrors.invalid(at, value, `must be less than or equal to ${String(most)}${suffix}`));
  };
  if (completions === undefined)
    errors.push(fieldErrors.required(path.child('completions'), 'when completion mode is Indexed'));
  checkAtMost(parallelismPath, parallelism, maxParallelism, ' when completion mode is Indexed');
  if (completions !== undefined && failed !== undefined && failed > completions)
    errors.push(fieldErrors.invalid(failedPath, failed, 'must be less than or equal to completions'));
  checkAtMost(failedPath, failed, maxFailedIndexes);
  if (completions === undefined || completions <= manyCompletions || spec.backoffLimitPerIndex === undefined) return;
  if (failed === undefined)
    errors.push(
      fieldErrors.required(failedPath, `must be specified when completions is above ${String(manyCompletions)}`),
    );
  const suffix = ` when completions are above ${String(manyCompletions)} and used with backoff limit per index`;
  checkAtMost(parallelismPath, parallelism, parallelismOfMany, suffix);
  checkAtMost(failedPath, failed, failedIndexesOfMany, suffix);
}

/** A pod that restarts forever never lets its job end. */
function validateRestartPolicy(errors: Errors, { template, podFailurePolicy }: batchv1.JobSpec, path: FieldPath): void {
  const policy = template.spec?.restartPolicy;
  // Always is the default of pods, so it counts as not given.
  if (!policy || policy === 'Always') errors.push(fieldErrors.required(path, 'valid values: "OnFailure", "Never"'));
  else if (policy !== 'OnFailure' && policy !== 'Never')
    errors.push(fieldErrors.notSupported(path, policy, ['OnFailure', 'Never']));
  else if (podFailurePolicy && policy !== 'Never')
    errors.push(fieldErrors.invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified'));
}
