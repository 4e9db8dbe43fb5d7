import { type FieldPath, fieldErrors, fieldPath, renderedMap, validateLabelValue } from '@reckon/api/machinery';
import type { batchv1, metav1 } from '@reckon/api/types';
import { parsedSelector } from '../../apps/v1/workload-selector';
import type { Errors } from '../../field-checks';

export const jobNameLabel = 'batch.kubernetes.io/job-name';
export const controllerUidLabel = 'batch.kubernetes.io/controller-uid';
/** The same without a prefix: what they were called first, and still have to be called. */
const legacyJobNameLabel = 'job-name';
const legacyControllerUidLabel = 'controller-uid';

type Labels = Record<string, string>;

/** Gives the pods of a job labels that no other job's have, and the job a selector for them (generateSelector). */
export function generateSelector(job: batchv1.Job): void {
  const spec = (job.spec ??= { template: {} });
  const { name = '', uid = '' } = job.metadata;
  const template = (spec.template ??= {});
  const labels: Labels = ((template.metadata ??= {}).labels ??= {});
  // The uid is new: only an earlier try of this request, whose generated name was taken, can have left it here.
  const isSecondTry = uid !== '' && labels[controllerUidLabel] === uid;
  // What a client gave stays, and is refused by validation where it is wrong.
  for (const key of [legacyJobNameLabel, jobNameLabel])
    if (isSecondTry || !Object.hasOwn(labels, key)) labels[key] = name;
  for (const key of [legacyControllerUidLabel, controllerUidLabel]) if (!Object.hasOwn(labels, key)) labels[key] = uid;
  const matchLabels: Labels = ((spec.selector ??= {}).matchLabels ??= {});
  if (!Object.hasOwn(matchLabels, controllerUidLabel)) matchLabels[controllerUidLabel] = uid;
}

export interface GeneratedSelectorRules {
  /** Jobs from before the prefixed labels need not have them. */
  readonly requirePrefixedLabels: boolean;
}

/** validateGeneratedSelector. */
export function validateGeneratedSelector(
  errors: Errors,
  job: batchv1.Job,
  { requirePrefixedLabels }: GeneratedSelectorRules,
): void {
  const { manualSelector, selector, template } = job.spec ?? {};
  if (manualSelector === true || !selector) return;
  const { name = '', uid = '' } = job.metadata;
  if (uid === '') errors.push(fieldErrors.required(fieldPath('metadata', 'uid')));
  const expected: Labels = { [legacyControllerUidLabel]: uid, [legacyJobNameLabel]: name };
  if (requirePrefixedLabels) Object.assign(expected, { [controllerUidLabel]: uid, [jobNameLabel]: name });
  const path = fieldPath('spec').child('template', 'metadata', 'labels');
  for (const key of Object.keys(expected))
    checkLabel(errors, path, template?.metadata?.labels, key, expected[key] ?? '');
  const parsed = parsedSelector(selector);
  if (parsed?.matches(expected) === false)
    errors.push(
      fieldErrors.invalid(fieldPath('spec', 'selector'), renderedSelector(selector), '`selector` not auto-generated'),
    );
}

/** ValidateHasLabel. */
function checkLabel(errors: Errors, path: FieldPath, labels: Labels | undefined, key: string, value: string): void {
  const why = `must be '${value}'`;
  if (labels === undefined || !Object.hasOwn(labels, key)) errors.push(fieldErrors.required(path.key(key), why));
  else if (labels[key] !== value) errors.push(fieldErrors.invalid(path.key(key), renderedMap(labels), why));
}

/** A selector as `json.Marshal` writes it. */
export function renderedSelector(selector: metav1.LabelSelector | undefined): object | null {
  if (selector === undefined) return null;
  const { matchLabels, matchExpressions } = selector;
  return {
    ...(Object.keys(matchLabels ?? {}).length === 0 ? {} : { matchLabels: renderedMap(matchLabels) }),
    ...((matchExpressions ?? []).length === 0 ? {} : { matchExpressions }),
  };
}

/** LabelSelectorHasInvalidLabelValue. */
export const hasInvalidValue = (selector: metav1.LabelSelector | undefined): boolean =>
  (selector?.matchExpressions ?? []).some(({ values }) =>
    (values ?? []).some((value) => validateLabelValue(value).length > 0),
  );
