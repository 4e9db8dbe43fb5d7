import {
  type FieldPath,
  fieldErrors,
  validateDns1123Label,
  validateDns1123Subdomain,
  validateLabelName,
  validateLabelSelector,
  validateLabelValue,
} from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkText, type Errors } from '../../../../field-checks';
import { validateLabelKeys } from './label-keys';
import type { Tolerated } from './pod-context';

export type ValueRule = 'checked' | 'free';

/** `validateAffinity`. */
export function validateAffinity(
  errors: Errors,
  path: FieldPath,
  affinity: corev1.Affinity,
  tolerated: Tolerated,
): void {
  if (affinity.nodeAffinity) validateNodeAffinity(errors, path.child('nodeAffinity'), affinity.nodeAffinity, tolerated);
  for (const field of ['podAffinity', 'podAntiAffinity'] as const) {
    const terms = affinity[field];
    if (terms) validatePodTerms(errors, path.child(field), terms, tolerated);
  }
}

function validateNodeAffinity(
  errors: Errors,
  path: FieldPath,
  affinity: corev1.NodeAffinity,
  tolerated: Tolerated,
): void {
  const required = affinity.requiredDuringSchedulingIgnoredDuringExecution;
  if (required)
    validateNodeSelector(
      errors,
      path.child('requiredDuringSchedulingIgnoredDuringExecution'),
      required,
      tolerated.badNodeAffinityValues ? 'free' : 'checked',
    );
  const preferred = affinity.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  for (const [index, term] of preferred.entries()) {
    const termPath = path.child('preferredDuringSchedulingIgnoredDuringExecution').index(index);
    checkWeight(errors, termPath, term.weight);
    validateTerm(errors, termPath.child('preference'), term.preference, 'free');
  }
}

function checkWeight(errors: Errors, path: FieldPath, weight: number): void {
  if (weight <= 0 || weight > 100)
    errors.push(fieldErrors.invalid(path.child('weight'), weight, 'must be in the range 1-100'));
}

/** ValidateNodeSelector. */
export function validateNodeSelector(
  errors: Errors,
  path: FieldPath,
  selector: corev1.NodeSelector,
  values: ValueRule,
): void {
  const termsPath = path.child('nodeSelectorTerms');
  const terms = selector.nodeSelectorTerms ?? [];
  if (terms.length === 0) errors.push(fieldErrors.required(termsPath, 'must have at least one node selector term'));
  for (const [index, term] of terms.entries()) validateTerm(errors, termsPath.index(index), term, values);
}

function validateTerm(errors: Errors, path: FieldPath, term: corev1.NodeSelectorTerm, values: ValueRule): void {
  for (const [index, requirement] of (term.matchExpressions ?? []).entries())
    validateRequirement(errors, path.child('matchExpressions').index(index), requirement, values);
  for (const [index, requirement] of (term.matchFields ?? []).entries())
    validateFieldRequirement(errors, path.child('matchFields').index(index), requirement);
}

function validateRequirement(
  errors: Errors,
  path: FieldPath,
  requirement: corev1.NodeSelectorRequirement,
  rule: ValueRule,
): void {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0)
        errors.push(fieldErrors.required(path.child('values'), "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0)
        errors.push(
          fieldErrors.forbidden(
            path.child('values'),
            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
          ),
        );
      break;
    case 'Gt':
    case 'Lt':
      if (values.length !== 1)
        errors.push(
          fieldErrors.required(path.child('values'), "must be specified single value when `operator` is 'Lt' or 'Gt'"),
        );
      break;
    default:
      errors.push(
        fieldErrors.invalid(path.child('operator'), requirement.operator ?? '', 'not a valid selector operator'),
      );
  }
  errors.push(...validateLabelName(requirement.key, path.child('key')));
  if (rule === 'checked')
    for (const [index, value] of values.entries())
      for (const message of validateLabelValue(value))
        errors.push(fieldErrors.invalid(path.child('values').index(index), value, message));
}

/** The one field that nodes can be selected by is their name. */
function validateFieldRequirement(errors: Errors, path: FieldPath, requirement: corev1.NodeSelectorRequirement): void {
  const values = requirement.values ?? [];
  if (requirement.operator === 'In' || requirement.operator === 'NotIn') {
    if (values.length !== 1)
      errors.push(
        fieldErrors.required(
          path.child('values'),
          "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
        ),
      );
  } else
    errors.push(
      fieldErrors.invalid(path.child('operator'), requirement.operator ?? '', 'not a valid selector operator'),
    );
  if (requirement.key !== 'metadata.name')
    errors.push(fieldErrors.invalid(path.child('key'), requirement.key, 'not a valid field selector key'));
  else
    for (const [index, value] of values.entries())
      checkText(errors, path.child('values').index(index), value, validateDns1123Subdomain);
}

/** Attraction and repulsion have the same form. */
function validatePodTerms(
  errors: Errors,
  path: FieldPath,
  affinity: corev1.PodAffinity | corev1.PodAntiAffinity,
  tolerated: Tolerated,
): void {
  for (const [index, term] of (affinity.requiredDuringSchedulingIgnoredDuringExecution ?? []).entries())
    validatePodTerm(errors, path.child('requiredDuringSchedulingIgnoredDuringExecution').index(index), term, tolerated);
  for (const [index, weighted] of (affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    const termPath = path.child('preferredDuringSchedulingIgnoredDuringExecution').index(index);
    checkWeight(errors, termPath, weighted.weight);
    validatePodTerm(errors, termPath.child('podAffinityTerm'), weighted.podAffinityTerm, tolerated);
  }
}

function validatePodTerm(errors: Errors, path: FieldPath, term: corev1.PodAffinityTerm, tolerated: Tolerated): void {
  const rules = { allowInvalidValues: tolerated.badSelectorValues };
  errors.push(...validateLabelSelector(term.labelSelector, path.child('labelSelector'), rules));
  errors.push(...validateLabelSelector(term.namespaceSelector, path.child('namespaceSelector'), rules));
  for (const name of term.namespaces ?? []) checkText(errors, path.child('namespace'), name, validateDns1123Label);
  validateLabelKeys(errors, path, term);
  const topologyPath = path.child('topologyKey');
  if (!term.topologyKey) errors.push(fieldErrors.required(topologyPath, 'can not be empty'));
  errors.push(...validateLabelName(term.topologyKey ?? '', topologyPath));
}
