import { type CelChecker, type CelScope, type CelType, celTypes, isCelIdentifier, variableType } from '@reckon/api/cel';
import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import type { Errors } from '../../field-checks';
import { checkExpression, trimSpace } from './expressions';
import { failurePolicies } from './policies';

export function validateFailurePolicy(errors: Errors, path: FieldPath, policy: string | undefined): void {
  if (policy === undefined) errors.push(fieldErrors.required(path));
  else if (!failurePolicies.includes(policy)) errors.push(fieldErrors.notSupported(path, policy, failurePolicies));
}

/**
 * validateVariable for each; the scope has what the later expressions of the policy see. Each variable sees those before
 * it, and so do the expressions of mutations; a policy without variables has no `variables`, unless it mutates.
 */
export function validateVariables(
  errors: Errors,
  path: FieldPath,
  variables: readonly admissionregistrationv1.Variable[] | undefined,
  {
    cel,
    scope,
    hasComposition,
  }: { readonly cel: CelChecker; readonly scope: CelScope; readonly hasComposition: boolean },
): CelScope {
  if (!hasComposition && (variables ?? []).length === 0) return scope;
  const types = new Map<string, CelType>();
  const composed = { ...scope, variables: types };
  for (const [index, { name = '', expression = '' }] of (variables ?? []).entries()) {
    const variablePath = path.index(index);
    if (trimSpace(name) === '') errors.push(fieldErrors.required(variablePath.child('name'), 'name is not specified'));
    else if (!isCelIdentifier(name))
      errors.push(fieldErrors.invalid(variablePath.child('name'), name, 'must be a valid CEL identifier'));
    const expressionPath = variablePath.child('expression');
    if (trimSpace(expression) === '') {
      errors.push(fieldErrors.required(expressionPath, 'expression is not specified'));
      continue;
    }
    const type = checkExpression(errors, expressionPath, expression, { cel, scope: composed, results: [] });
    types.set(name, type === undefined ? celTypes.dyn : variableType(type));
  }
  return composed;
}
