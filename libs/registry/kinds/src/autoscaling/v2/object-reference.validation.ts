import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { autoscalingv2 } from '@reckon/api/types';
import { checkRequiredText, type Errors } from '../../field-checks';
import { pathSegmentRule } from './path-segment';

/** How much the apiVersion of a reference matters. */
export type ReferenceRules = 'any' | 'parsable' | 'with a group';

/** ValidateCrossVersionObjectReference. */
export function validateReference(
  errors: Errors,
  reference: autoscalingv2.CrossVersionObjectReference,
  path: FieldPath,
  rules: ReferenceRules,
): void {
  checkRequiredText(errors, path.child('kind'), reference.kind, pathSegmentRule);
  checkRequiredText(errors, path.child('name'), reference.name, pathSegmentRule);
  const problem = apiVersionProblem(reference, rules);
  if (problem !== undefined)
    errors.push(fieldErrors.invalid(path.child('apiVersion'), reference.apiVersion ?? '', problem));
}

/** ValidateAPIVersion. */
export function apiVersionProblem(
  { apiVersion = '' }: autoscalingv2.CrossVersionObjectReference,
  rules: ReferenceRules,
): string | undefined {
  if (rules === 'any') return undefined;
  // schema.ParseGroupVersion, which takes a lone slash for nothing.
  const parts = apiVersion === '/' ? [''] : apiVersion.split('/');
  if (parts.length > 2) return `unexpected GroupVersion string: ${apiVersion}`;
  const group = parts.length === 2 ? parts[0] : '';
  return rules === 'with a group' && group === '' ? 'apiVersion must specify API group' : undefined;
}
