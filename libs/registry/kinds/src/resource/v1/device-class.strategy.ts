import { fieldErrors, fieldPath, semanticEqual } from '@reckon/api/machinery';
import type { resourcev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { isExtended } from '../../core/v1/resource-names';
import type { Errors } from '../../field-checks';
import { countSpecChange } from '../../generation';
import { validateConfiguration, validateSelectors } from './device-parts.validation';
import { checkItems } from './list-checks';
import { type SelectorChecker, uncheckedSelectors } from './selector-checker';

type Spec = resourcev1.DeviceClassSpec;

const mostConfigurations = 32;

export const deviceClassStrategy = (check: SelectorChecker = uncheckedSelectors): Strategy<resourcev1.DeviceClass> => ({
  prepareForCreate: (_ctx, deviceClass) => {
    deviceClass.spec ??= {};
    deviceClass.metadata.generation = 1;
  },
  validate: (_ctx, deviceClass) => validateSpec([], deviceClass.spec, undefined, check),
  prepareForUpdate: (_ctx, deviceClass, old) => {
    deviceClass.spec ??= {};
    countSpecChange(deviceClass, old, deviceClass.spec, old.spec);
  },
  validateUpdate: (_ctx, deviceClass, old) => validateSpec([], deviceClass.spec, old.spec, check),
});

/** `validateDeviceClassSpec`: lists that stay as they are keep what they were allowed. */
function validateSpec(errors: Errors, spec: Spec, old: Spec | undefined, check: SelectorChecker): Errors {
  const path = fieldPath('spec');
  const originOf = (field: 'selectors' | 'config'): 'new' | 'stored' =>
    old !== undefined && semanticEqual(spec[field], old[field]) ? 'stored' : 'new';
  validateSelectors(errors, path.child('selectors'), spec.selectors, originOf('selectors'), check);
  checkItems(errors, path.child('config'), spec.config, mostConfigurations, (_, itemPath, config) => {
    validateConfiguration(errors, itemPath, config, originOf('config'));
  });
  const name = spec.extendedResourceName;
  if (name !== undefined && !isExtended(name))
    errors.push(
      fieldErrors.invalid(path.child('extendedResourceName'), name, 'must be a valid extended resource name'),
    );
  return errors;
}
