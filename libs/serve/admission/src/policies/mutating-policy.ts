import { listOf, objectType } from '@reckon/api/cel';
import type { KubeObject } from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import { type CompiledExpression, compileExpression } from '../expressions/compile-expression';
import { type MatchConditions, matchConditions } from '../expressions/match-conditions';
import { matchResources } from './match-resources';
import type { Policy } from './policy-index';
import { type PolicyVariables, policyVariables } from './policy-variables';

export interface Mutation {
  readonly type: 'ApplyConfiguration' | 'JSONPatch';
  readonly expression: CompiledExpression;
}

export interface MutatingPolicy extends Policy {
  readonly conditions: MatchConditions | undefined;
  readonly variables: PolicyVariables;
  readonly mutations: readonly Mutation[];
  readonly isReinvocable: boolean;
}

/** Of a stored policy: checked and defaulted (policy/mutating `compilePolicy`). */
export function mutatingPolicy(object: KubeObject): MutatingPolicy {
  const { metadata, spec = {} } = object as admissionregistrationv1.MutatingAdmissionPolicy;
  const failurePolicy = spec.failurePolicy === 'Ignore' ? 'Ignore' : 'Fail';
  const scope = { hasParams: spec.paramKind != null, hasAuthorizer: true };
  const variables = policyVariables(spec.variables, scope);
  const environment = variables.environment({ ...scope, hasPatchTypes: true });
  return {
    name: metadata.name ?? '',
    match: matchResources(spec.matchConstraints ?? {}),
    failurePolicy,
    paramKind: spec.paramKind ?? undefined,
    conditions: matchConditions(spec.matchConditions, failurePolicy, scope),
    variables,
    isReinvocable: spec.reinvocationPolicy === 'IfNeeded',
    mutations: (spec.mutations ?? []).map(({ patchType, applyConfiguration, jsonPatch }): Mutation =>
      patchType === 'JSONPatch'
        ? {
            type: 'JSONPatch',
            expression: compileExpression(jsonPatch?.expression ?? '', environment, [listOf(objectType('JSONPatch'))]),
          }
        : {
            type: 'ApplyConfiguration',
            expression: compileExpression(applyConfiguration?.expression ?? '', environment, [objectType('Object')]),
          },
    ),
  };
}
