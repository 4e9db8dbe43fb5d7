import { fieldErrors, fieldPath, jsonEqual } from '@reckon/api/machinery';
import type { storagev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import type { Errors } from '../../field-checks';
import { validateParameters, validateProvisioner } from './provisioning.validation';

export const volumeAttributesClassStrategy: Strategy<storagev1.VolumeAttributesClass> = {
  returnsDeletedObject: true,
  validate: (_ctx, attributesClass) => validateVolumeAttributesClass([], attributesClass),
  validateUpdate: (_ctx, attributesClass, old) => {
    const errors: Errors = [];
    if (attributesClass.driverName !== old.driverName)
      errors.push(fieldErrors.forbidden(fieldPath('driverName'), 'updates to driverName are forbidden.'));
    if (!jsonEqual(attributesClass.parameters, old.parameters))
      errors.push(fieldErrors.forbidden(fieldPath('parameters'), 'updates to parameters are forbidden.'));
    return validateVolumeAttributesClass(errors, attributesClass);
  },
};

function validateVolumeAttributesClass(errors: Errors, attributesClass: storagev1.VolumeAttributesClass): Errors {
  validateProvisioner(errors, fieldPath('driverName'), attributesClass.driverName ?? '');
  validateParameters(errors, fieldPath('parameters'), attributesClass.parameters, 'must have one');
  return errors;
}
