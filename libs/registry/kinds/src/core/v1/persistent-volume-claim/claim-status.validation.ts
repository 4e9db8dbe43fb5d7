import { type FieldPath, fieldErrors, fieldPath, validateQualifiedName } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkText, type Errors } from '../../../field-checks';
import { checkBasicQuantity, checkResourceQuantity } from '../resource-checks';
import { isNative } from '../resource-names';

const resizeStates = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
];

/** ValidatePersistentVolumeClaimStatusUpdate. */
export function validateClaimStatus(claim: corev1.PersistentVolumeClaim): Errors {
  const errors: Errors = [];
  if (!claim.metadata.resourceVersion) errors.push(fieldErrors.required(fieldPath('resourceVersion')));
  if ((claim.spec?.accessModes ?? []).length === 0) errors.push(fieldErrors.required(fieldPath('Spec', 'accessModes')));
  const { capacity = {}, allocatedResourceStatuses = {}, allocatedResources = {} } = claim.status ?? {};
  const path = fieldPath('status');
  for (const name of Object.keys(capacity))
    checkBasicQuantity(errors, path.child('capacity').key(name), capacity[name] ?? '0');
  const statesPath = path.child('allocatedResourceStatus');
  for (const name of Object.keys(allocatedResourceStatuses)) {
    checkResourceKey(errors, statesPath, name);
    if (!resizeStates.includes(allocatedResourceStatuses[name] ?? ''))
      errors.push(fieldErrors.notSupported(statesPath, name, resizeStates));
  }
  const allocatedPath = path.child('allocatedResources');
  for (const name of Object.keys(allocatedResources)) {
    const before = errors.length;
    checkResourceKey(errors, allocatedPath, name);
    if (errors.length === before) checkBasicQuantity(errors, allocatedPath.key(name), allocatedResources[name] ?? '0');
    if (errors.length === before)
      checkResourceQuantity(errors, allocatedPath.key(name), 'storage', allocatedResources[name] ?? '0');
  }
  return errors;
}

/** `validatePersistentVolumeClaimResourceKey`: of the system's own resources only storage can be resized. */
function checkResourceKey(errors: Errors, path: FieldPath, name: string): void {
  const before = errors.length;
  checkText(errors, path, name, validateQualifiedName);
  if (errors.length === before && isNative(name) && name !== 'storage')
    errors.push(fieldErrors.notSupported(path, name, ['storage']));
}
