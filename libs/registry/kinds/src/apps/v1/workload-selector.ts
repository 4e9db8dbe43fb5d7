import {
  type FieldPath,
  fieldErrors,
  type LabelSelector,
  labelSelectorFromObject,
  renderedMap,
  SelectorError,
  validateLabelSelector,
} from '@reckon/api/machinery';
import type { corev1, metav1 } from '@reckon/api/types';
import type { Errors } from '../../field-checks';
import { validatePodTemplate } from '../../core/v1/pod/validation/pod-template';

/** What is said of a selector that nothing could ever match, or everything. */
interface SelectorWords {
  readonly empty: string;
  readonly broken: string;
}

const deploymentWords: SelectorWords = {
  empty: 'empty selector is invalid for deployment',
  broken: 'invalid label selector',
};

/**
 * The selector of a workload and the template that it must select (ValidateDeploymentSpec and ValidateReplicaSetSpec
 * share these rules, down to the word "deployment").
 */
export function validateSelector(
  errors: Errors,
  selector: metav1.LabelSelector | undefined,
  path: FieldPath,
  words = deploymentWords,
): LabelSelector | undefined {
  if (!selector) errors.push(fieldErrors.required(path));
  else {
    errors.push(...validateLabelSelector(selector, path));
    if (isEmptySelector(selector)) errors.push(fieldErrors.invalid(path, selector, words.empty));
  }
  const parsed = parsedSelector(selector);
  // Why it is no selector has been said above, requirement by requirement; upstream adds this one line.
  if (parsed === undefined) errors.push(fieldErrors.invalid(path, selector, words.broken));
  return parsed;
}

export const isEmptySelector = ({ matchLabels, matchExpressions }: metav1.LabelSelector): boolean =>
  Object.keys(matchLabels ?? {}).length + (matchExpressions ?? []).length === 0;

/** Undefined when one of its requirements is none. */
export function parsedSelector(selector: metav1.LabelSelector | undefined): LabelSelector | undefined {
  try {
    return labelSelectorFromObject(selector);
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}

/** The labels of the template must be among those that the selector selects. */
export function checkTemplateLabels(
  errors: Errors,
  path: FieldPath,
  template: corev1.PodTemplateSpec,
  selector: LabelSelector,
): void {
  const labels = template.metadata?.labels;
  if (selector.empty || selector.matches(labels ?? {})) return;
  errors.push(
    fieldErrors.invalid(
      path.child('metadata', 'labels'),
      renderedMap(labels),
      '`selector` does not match template `labels`',
    ),
  );
}

/** Pods of a workload run on and on. */
export function checkRunsOn(errors: Errors, path: FieldPath, template: corev1.PodTemplateSpec, kind: string): void {
  const { restartPolicy = '', activeDeadlineSeconds } = template.spec ?? {};
  const specPath = path.child('spec');
  if (restartPolicy !== 'Always')
    errors.push(fieldErrors.notSupported(specPath.child('restartPolicy'), restartPolicy, ['Always']));
  if (activeDeadlineSeconds !== undefined)
    errors.push(
      fieldErrors.forbidden(
        specPath.child('activeDeadlineSeconds'),
        `activeDeadlineSeconds in ${kind} is not Supported`,
      ),
    );
}

/** ValidatePodTemplateSpecForReplicaSet. */
export function validateSelectedTemplate(
  errors: Errors,
  template: corev1.PodTemplateSpec | undefined,
  selector: LabelSelector,
  path: FieldPath,
): void {
  const pod = template ?? {};
  checkTemplateLabels(errors, path, pod, selector);
  validatePodTemplate(errors, pod, path);
  checkRunsOn(errors, path, pod, 'ReplicaSet');
}
