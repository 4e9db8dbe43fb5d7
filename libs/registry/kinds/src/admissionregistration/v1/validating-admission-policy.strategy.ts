import type { CelChecker } from '@reckon/api/cel';
import { fieldErrors, fieldPath } from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { validateConditions } from '../../condition-checks';
import { keepMetaForStatus } from '../../core/v1/pod/subresource-meta';
import type { Errors } from '../../field-checks';
import { countSpecChange } from '../../generation';
import { keepSpec, keepStatus } from '../../status-keeping';
import { trimSpace } from './expressions';
import { setMatchResourcesDefaults } from './rule.defaults';
import { staticNameWarnings } from './static-names';
import { validateValidatingPolicy } from './validating-admission-policy.validation';

type Policy = admissionregistrationv1.ValidatingAdmissionPolicy;

function setDefaults(policy: Policy): void {
  const spec = (policy.spec ??= {});
  spec.failurePolicy ??= 'Fail';
  setMatchResourcesDefaults(spec.matchConstraints);
}

export const validatingAdmissionPolicyStrategy = (cel: CelChecker): Strategy<Policy> => ({
  allowUnconditionalUpdate: false,
  defaults: setDefaults,
  prepareForCreate: (_ctx, policy) => {
    policy.status = {};
    policy.metadata.generation = 1;
  },
  validate: (_ctx, policy) => validateValidatingPolicy(cel, policy),
  warningsOnCreate: (_ctx, policy) => staticNameWarnings(policy),
  prepareForUpdate: (_ctx, policy, old) => {
    keepStatus(policy, old);
    countSpecChange(policy, old, policy.spec, old.spec);
  },
  validateUpdate: (_ctx, policy, old) => validateValidatingPolicy(cel, policy, old),
  warningsOnUpdate: (_ctx, policy) => staticNameWarnings(policy),
});

export const validatingAdmissionPolicyStatusStrategy: Strategy<Policy> = {
  allowUnconditionalUpdate: false,
  resetFields: [['spec'], ['metadata']],
  defaults: setDefaults,
  prepareForUpdate: (_ctx, policy, old) => {
    keepSpec(policy, old);
    keepMetaForStatus(policy.metadata, old.metadata);
  },
  validateUpdate: (_ctx, policy) => validateStatus(policy.status ?? {}),
};

/** validateValidatingAdmissionPolicyStatus. */
function validateStatus(status: admissionregistrationv1.ValidatingAdmissionPolicyStatus): Errors {
  const errors: Errors = [];
  const path = fieldPath('status');
  const warningsPath = path.child('typeChecking', 'expressionWarnings');
  for (const [index, { fieldRef, warning }] of (status.typeChecking?.expressionWarnings ?? []).entries()) {
    const warningPath = warningsPath.index(index);
    if (!warning) errors.push(fieldErrors.required(warningPath.child('warning')));
    if (trimSpace(fieldRef ?? '') === '') errors.push(fieldErrors.required(warningPath.child('fieldRef')));
  }
  validateConditions(errors, path.child('conditions'), status.conditions ?? []);
  return errors;
}
