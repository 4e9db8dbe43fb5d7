import { type FieldPath, fieldErrors, validateLabelSelector } from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import type { Errors } from '../../field-checks';
import { matchPolicies } from './policies';
import { validateNamedRule } from './rule.validation';

/** What a mutation can apply to: nothing that is being deleted. */
const mutatingOperations = ['*', 'CONNECT', 'CREATE', 'UPDATE'];

/** validateMatchResources. */
export function validateMatchResources(
  errors: Errors,
  path: FieldPath,
  match: admissionregistrationv1.MatchResources | undefined,
): void {
  if (match === undefined) return;
  const policyPath = path.child('matchPolicy');
  if (match.matchPolicy === undefined) errors.push(fieldErrors.required(policyPath));
  else if (!matchPolicies.includes(match.matchPolicy))
    errors.push(fieldErrors.notSupported(policyPath, match.matchPolicy, matchPolicies));
  for (const field of ['namespaceSelector', 'objectSelector'] as const) {
    const selector = match[field];
    if (selector === undefined) errors.push(fieldErrors.required(path.child(field)));
    else errors.push(...validateLabelSelector(selector, path.child(field)));
  }
  for (const field of ['resourceRules', 'excludeResourceRules'] as const)
    for (const [index, rule] of (match[field] ?? []).entries())
      validateNamedRule(errors, path.child(field).index(index), rule);
}

/** The constraints of a policy: at least one rule, which says what types its expressions see. */
export function validateMatchConstraints(
  errors: Errors,
  path: FieldPath,
  match: admissionregistrationv1.MatchResources | undefined,
): void {
  if (match === undefined) {
    errors.push(fieldErrors.required(path));
    return;
  }
  validateMatchResources(errors, path, match);
  if ((match.resourceRules ?? []).length === 0) errors.push(fieldErrors.required(path.child('resourceRules')));
}

/** Upstream's path names no rule. */
export function validateMutatingOperations(
  errors: Errors,
  path: FieldPath,
  match: admissionregistrationv1.MatchResources | undefined,
): void {
  for (const rule of match?.resourceRules ?? [])
    for (const operation of rule.operations ?? [])
      if (!mutatingOperations.includes(operation))
        errors.push(fieldErrors.notSupported(path.child('resourceRules', 'operations'), operation, mutatingOperations));
}
