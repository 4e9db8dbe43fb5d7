import { type FieldPath, fieldErrors, fieldPath } from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import type { Errors } from '../../field-checks';
import { countSpecChange } from '../../generation';
import { validateMatchResources, validateMutatingOperations } from './match-resources.validation';
import { validateParamRef, validatePolicyName } from './param.validation';
import { setMatchResourcesDefaults } from './rule.defaults';
import { staticNameWarnings } from './static-names';

type ValidatingBinding = admissionregistrationv1.ValidatingAdmissionPolicyBinding;
type MutatingBinding = admissionregistrationv1.MutatingAdmissionPolicyBinding;

function strategyOf<T extends ValidatingBinding | MutatingBinding>(
  validateFurther: (errors: Errors, path: FieldPath, spec: NonNullable<T['spec']>) => void,
): Strategy<T> {
  const validate = ({ spec = {} }: T): Errors => {
    const errors: Errors = [];
    const path = fieldPath('spec');
    validatePolicyName(errors, path.child('policyName'), spec.policyName);
    validateParamRef(errors, path.child('paramRef'), spec.paramRef);
    validateMatchResources(errors, path.child('matchResources'), spec.matchResources);
    validateFurther(errors, path, spec);
    return errors;
  };
  return {
    allowUnconditionalUpdate: false,
    resetFields: [],
    defaults: (binding) => setMatchResourcesDefaults(binding.spec?.matchResources),
    prepareForCreate: (_ctx, binding) => {
      binding.metadata.generation = 1;
    },
    validate: (_ctx, binding) => validate(binding),
    warningsOnCreate: (_ctx, binding) => staticNameWarnings(binding),
    prepareForUpdate: (_ctx, binding, old) => countSpecChange(binding, old, binding.spec, old.spec),
    validateUpdate: (_ctx, binding) => validate(binding),
    warningsOnUpdate: (_ctx, binding) => staticNameWarnings(binding),
  };
}

export const validatingAdmissionPolicyBindingStrategy = strategyOf<ValidatingBinding>((errors, path, spec) =>
  validateActions(errors, path.child('validationActions'), spec.validationActions ?? []),
);

export const mutatingAdmissionPolicyBindingStrategy = strategyOf<MutatingBinding>((errors, path, spec) =>
  validateMutatingOperations(errors, path.child('matchResources'), spec.matchResources),
);

const validationActions = ['Audit', 'Deny', 'Warn'];

/** validateValidationActions. */
function validateActions(errors: Errors, path: FieldPath, actions: readonly string[]): void {
  const seen = new Set<string>();
  for (const [index, action] of actions.entries()) {
    if (!validationActions.includes(action))
      errors.push(fieldErrors.notSupported(path.index(index), action, validationActions));
    if (seen.has(action)) errors.push(fieldErrors.duplicate(path.index(index), action));
    seen.add(action);
  }
  if (seen.has('Deny') && seen.has('Warn'))
    errors.push(
      fieldErrors.invalid(
        path,
        actions,
        'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
      ),
    );
  if (seen.size === 0) errors.push(fieldErrors.required(path, 'at least one validation action is required'));
}
