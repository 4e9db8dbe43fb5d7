import { celTypes } from '@reckon/api/cel';
import type { KubeObject } from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import { type CompiledExpression, compileExpression } from '../expressions/compile-expression';
import { type MatchConditions, matchConditions } from '../expressions/match-conditions';
import { matchResources } from './match-resources';
import type { Policy } from './policy-index';
import { type PolicyVariables, policyVariables } from './policy-variables';

export interface Validation {
  readonly condition: CompiledExpression;
  readonly messageExpression: CompiledExpression | undefined;
  readonly message: string;
  readonly reason: string;
}

export interface AuditAnnotation {
  readonly key: string;
  readonly value: CompiledExpression;
}

export interface ValidatingPolicy extends Policy {
  readonly conditions: MatchConditions | undefined;
  readonly variables: PolicyVariables;
  readonly validations: readonly Validation[];
  readonly auditAnnotations: readonly AuditAnnotation[];
}

/** Of a stored policy: checked and defaulted (policy/validating `compilePolicy`). */
export function validatingPolicy(object: KubeObject): ValidatingPolicy {
  const { metadata, spec = {} } = object as admissionregistrationv1.ValidatingAdmissionPolicy;
  const hasParams = spec.paramKind != null;
  const failurePolicy = spec.failurePolicy === 'Ignore' ? 'Ignore' : 'Fail';
  const scope = { hasParams, hasAuthorizer: true };
  const variables = policyVariables(spec.variables, scope);
  const environment = variables.environment(scope);
  // Messages and annotations are not to tell what somebody may do.
  const telling = variables.environment({ hasParams, hasAuthorizer: false });
  return {
    name: metadata.name ?? '',
    match: matchResources(spec.matchConstraints ?? {}),
    failurePolicy,
    paramKind: spec.paramKind ?? undefined,
    conditions: matchConditions(spec.matchConditions, failurePolicy, scope),
    variables,
    validations: (spec.validations ?? []).map(({ expression, message = '', messageExpression = '', reason = '' }) => ({
      condition: compileExpression(expression, environment, [celTypes.bool]),
      messageExpression:
        messageExpression === '' ? undefined : compileExpression(messageExpression, telling, [celTypes.string]),
      message,
      reason,
    })),
    auditAnnotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      value: compileExpression(valueExpression, telling, [celTypes.string, celTypes.null]),
    })),
  };
}
