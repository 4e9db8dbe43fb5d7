import { type CelChecker, type CelScope, type CelType, listOf, objectType } from '@reckon/api/cel';
import { type FieldPath, fieldErrors, fieldPath } from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { checkOneOf, type Errors } from '../../field-checks';
import { countSpecChange } from '../../generation';
import { checkExpression, trimSpace } from './expressions';
import { validateMatchConditions } from './match-conditions.validation';
import { validateMatchConstraints, validateMutatingOperations } from './match-resources.validation';
import { validateParamKind } from './param.validation';
import { reinvocationPolicies } from './policies';
import { validateFailurePolicy, validateVariables } from './policy.validation';
import { setMatchResourcesDefaults } from './rule.defaults';
import { staticNameWarnings } from './static-names';
import { hasSameConditions } from './validating-admission-policy.validation';

type Policy = admissionregistrationv1.MutatingAdmissionPolicy;

export const mutatingAdmissionPolicyStrategy = (cel: CelChecker): Strategy<Policy> => ({
  allowUnconditionalUpdate: false,
  resetFields: [],
  defaults: (policy) => {
    const spec = (policy.spec ??= {});
    spec.failurePolicy ??= 'Fail';
    setMatchResourcesDefaults(spec.matchConstraints);
  },
  prepareForCreate: (_ctx, policy) => {
    policy.metadata.generation = 1;
  },
  validate: (_ctx, policy) => validateMutatingPolicy(cel, policy, undefined),
  warningsOnCreate: (_ctx, policy) => staticNameWarnings(policy),
  prepareForUpdate: (_ctx, policy, old) => countSpecChange(policy, old, policy.spec, old.spec),
  validateUpdate: (_ctx, policy, old) => validateMutatingPolicy(cel, policy, old),
  warningsOnUpdate: (_ctx, policy) => staticNameWarnings(policy),
});

/** ValidateMutatingAdmissionPolicy, ValidateMutatingAdmissionPolicyUpdate. */
function validateMutatingPolicy(cel: CelChecker, policy: Policy, old: Policy | undefined): Errors {
  const errors: Errors = [];
  const path = fieldPath('spec');
  const spec = policy.spec ?? {};
  validateFailurePolicy(errors, path.child('failurePolicy'), spec.failurePolicy);
  if (spec.paramKind !== undefined) validateParamKind(errors, path.child('paramKind'), spec.paramKind);
  const constraintsPath = path.child('matchConstraints');
  validateMatchConstraints(errors, constraintsPath, spec.matchConstraints);
  validateMutatingOperations(errors, constraintsPath, spec.matchConstraints);
  const scope: CelScope = { hasParams: spec.paramKind !== undefined, hasAuthorizer: true };
  if (!hasSameConditions(policy, old))
    validateMatchConditions(errors, path.child('matchConditions'), spec.matchConditions, { cel, scope });
  const composed = validateVariables(errors, path.child('variables'), spec.variables, {
    cel,
    scope,
    hasComposition: true,
  });
  const mutations = spec.mutations ?? [];
  if (mutations.length === 0)
    errors.push(fieldErrors.required(path.child('mutations'), 'mutations must contain at least one item'));
  const rules = { cel, scope: { ...composed, hasPatchTypes: true } };
  for (const [index, mutation] of mutations.entries())
    validateMutation(errors, path.child('mutations').index(index), mutation, rules);
  checkOneOf(errors, path.child('reinvocationPolicy'), spec.reinvocationPolicy, reinvocationPolicies);
  return errors;
}

/** How each type of patch is written: its field, and what its expression must come to. */
const patches: readonly { readonly type: string; readonly field: PatchField; readonly result: CelType }[] = [
  { type: 'ApplyConfiguration', field: 'applyConfiguration', result: objectType('Object') },
  { type: 'JSONPatch', field: 'jsonPatch', result: listOf(objectType('JSONPatch')) },
];

type PatchField = 'applyConfiguration' | 'jsonPatch';

interface Rules {
  readonly cel: CelChecker;
  readonly scope: CelScope;
}

/** validateMutation: the one of the two fields that its type names. */
function validateMutation(
  errors: Errors,
  path: FieldPath,
  mutation: admissionregistrationv1.Mutation,
  rules: Rules,
): void {
  const { patchType } = mutation;
  const own = patches.find(({ type }) => type === patchType);
  if (own === undefined) {
    checkOneOf(
      errors,
      path.child('patchType'),
      patchType,
      patches.map(({ type }) => type),
    );
    return;
  }
  const patch = mutation[own.field];
  if (patch === undefined)
    errors.push(fieldErrors.required(path.child(own.field), `must be specified when patchType is ${own.type}`));
  else {
    const expressionPath = path.child(own.field, 'expression');
    const expression = trimSpace(patch.expression ?? '');
    if (expression === '') errors.push(fieldErrors.required(expressionPath));
    else checkExpression(errors, expressionPath, expression, { ...rules, results: [own.result] });
  }
  for (const { field } of patches)
    if (field !== own.field && mutation[field] !== undefined)
      errors.push(
        fieldErrors.invalid(path.child(field), `{${field}}`, `must not be specified when patchType is ${own.type}`),
      );
}
