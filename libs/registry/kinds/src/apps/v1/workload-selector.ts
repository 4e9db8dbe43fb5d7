import {
  type FieldPath,
  fieldErrors,
  type LabelSelector,
  labelSelectorFromObject,
  SelectorError,
  validateLabelSelector,
} from '@reckon/api/machinery';
import type { corev1, metav1 } from '@reckon/api/types';
import type { Errors } from '../../field-checks';
import { validatePodTemplate } from '../../core/v1/pod/validation/pod-template';

/**
 * The selector of a workload and the template that it must select (ValidateDeploymentSpec and ValidateReplicaSetSpec
 * share these rules, down to the word "deployment").
 */
export function validateSelector(
  errors: Errors,
  selector: metav1.LabelSelector | undefined,
  path: FieldPath,
): LabelSelector | undefined {
  if (!selector) errors.push(fieldErrors.required(path));
  else {
    errors.push(...validateLabelSelector(selector, path));
    if (Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0)
      errors.push(fieldErrors.invalid(path, selector, 'empty selector is invalid for deployment'));
  }
  try {
    return labelSelectorFromObject(selector);
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    // Why it is no selector has been said above, requirement by requirement; upstream adds this one line.
    errors.push(fieldErrors.invalid(path, selector, 'invalid label selector'));
    return undefined;
  }
}

/** ValidatePodTemplateSpecForReplicaSet. */
export function validateSelectedTemplate(
  errors: Errors,
  template: corev1.PodTemplateSpec | undefined,
  selector: LabelSelector,
  path: FieldPath,
): void {
  const pod = template ?? {};
  const labels = pod.metadata?.labels;
  if (!selector.empty && !selector.matches(labels ?? {}))
    errors.push(
      fieldErrors.invalid(
        path.child('metadata', 'labels'),
        labels ?? null,
        '`selector` does not match template `labels`',
      ),
    );
  validatePodTemplate(errors, pod, path);
  if (pod.spec?.restartPolicy !== 'Always')
    errors.push(
      fieldErrors.notSupported(path.child('spec', 'restartPolicy'), pod.spec?.restartPolicy ?? '', ['Always']),
    );
  if (pod.spec?.activeDeadlineSeconds !== undefined)
    errors.push(
      fieldErrors.forbidden(
        path.child('spec', 'activeDeadlineSeconds'),
        'activeDeadlineSeconds in ReplicaSet is not Supported',
      ),
    );
}
