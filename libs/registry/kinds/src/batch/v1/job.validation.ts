import {
  type FieldPath,
  fieldErrors,
  fieldPath,
  renderedMap,
  semanticEqual,
  validateDns1123Label,
  validateLabelSelector,
} from '@reckon/api/machinery';
import type { batchv1 } from '@reckon/api/types';
import { parsedSelector } from '../../apps/v1/workload-selector';
import { type Errors, immutableMessage } from '../../field-checks';
import { internalFailurePolicy, internalSuccessPolicy } from './internal-batch';
import {
  controllerUidLabel,
  hasInvalidValue,
  jobNameLabel,
  renderedSelector,
  validateGeneratedSelector,
} from './job-selector';
import { validateJobSpec } from './job-spec.validation';
import { validateTemplateUpdate } from './job-template-update.validation';

/** What an older job may keep (validationOptionsForJob). */
interface Rules {
  readonly requirePrefixedLabels: boolean;
  readonly allowInvalidValues: boolean;
}

/** ValidateJob. */
export function validateJob(job: batchv1.Job): Errors {
  const errors: Errors = [];
  validate(errors, job, { requirePrefixedLabels: true, allowInvalidValues: false });
  return errors;
}

/** ValidateJob, then ValidateJobUpdate, which looks at the spec once more: upstream says each problem of it twice. */
export function validateJobUpdate(job: batchv1.Job, old: batchv1.Job): Errors {
  const oldLabels = old.spec?.template.metadata?.labels ?? {};
  const rules: Rules = {
    requirePrefixedLabels: Object.hasOwn(oldLabels, jobNameLabel) && Object.hasOwn(oldLabels, controllerUidLabel),
    allowInvalidValues: hasInvalidValue(old.spec?.selector),
  };
  const errors: Errors = [];
  validate(errors, job, rules);
  const path = fieldPath('spec');
  const spec = job.spec ?? { template: {} };
  const oldSpec = old.spec ?? { template: {} };
  validateSelectingSpec(errors, spec, path, rules);
  validateCompletions(errors, spec, oldSpec, path.child('completions'));
  const checkSame = <Field extends keyof batchv1.JobSpec>(
    field: Field,
    render: (value: batchv1.JobSpec[Field]) => unknown = (value) => value,
  ): void => {
    if (!semanticEqual(spec[field], oldSpec[field]))
      errors.push(fieldErrors.invalid(path.child(field), render(spec[field]), immutableMessage));
  };
  checkSame('selector', renderedSelector);
  validateTemplateUpdate(errors, job, old, path);
  checkSame('completionMode');
  checkSame('podFailurePolicy', internalFailurePolicy);
  checkSame('backoffLimitPerIndex');
  checkSame('managedBy');
  checkSame('successPolicy', internalSuccessPolicy);
  return errors;
}

function validate(errors: Errors, job: batchv1.Job, rules: Rules): void {
  const spec = job.spec ?? { template: {} };
  validateGeneratedSelector(errors, job, rules);
  validateSelectingSpec(errors, spec, fieldPath('spec'), rules);
  if (spec.completionMode === 'Indexed' && (spec.completions ?? 0) > 0) checkHostNames(errors, job);
}

/** ValidateJobSpec. */
function validateSelectingSpec(errors: Errors, spec: batchv1.JobSpec, path: FieldPath, rules: Rules): void {
  validateJobSpec(errors, spec, path);
  if (!spec.selector) errors.push(fieldErrors.required(path.child('selector')));
  else errors.push(...validateLabelSelector(spec.selector, path.child('selector'), rules));
  const labels = spec.template.metadata?.labels;
  if (parsedSelector(spec.selector)?.matches(labels ?? {}) === false)
    errors.push(
      fieldErrors.invalid(
        path.child('template', 'metadata', 'labels'),
        renderedMap(labels),
        '`selector` does not match template `labels`',
      ),
    );
}

/** The index becomes part of the pods' host names; better to say now that the last will not fit. */
function checkHostNames(errors: Errors, { metadata, spec }: batchv1.Job): void {
  const name = metadata.name ?? '';
  const longest = `${name}-${String((spec?.completions ?? 0) - 1)}`;
  if (validateDns1123Label(longest).length > 0)
    errors.push(
      fieldErrors.invalid(
        fieldPath('metadata', 'name'),
        name,
        `will not able to create pod with invalid DNS label: ${longest}`,
      ),
    );
}

/** Jobs of indexes may grow and shrink, width and length together. */
function validateCompletions(errors: Errors, spec: batchv1.JobSpec, old: batchv1.JobSpec, path: FieldPath): void {
  const { completions } = spec;
  if (completions === old.completions) return;
  if (spec.completionMode !== 'Indexed') errors.push(fieldErrors.invalid(path, completions, immutableMessage));
  else if (completions !== undefined && completions !== spec.parallelism)
    errors.push(fieldErrors.invalid(path, completions, 'can only be modified in tandem with spec.parallelism'));
}
