import { type FieldPath, fieldErrors, fieldPath, semanticEqual, validateQualifiedName } from '@reckon/api/machinery';
import type { storagev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { volumeForm } from '../../core/v1/persistent-volume/volume-form';
import { checkDriverName } from '../../core/v1/pod/validation/volume-sources';
import { byteLength, checkNonNegative, type Errors, immutableMessage } from '../../field-checks';

const maximumNodeIdBytes = 256;

export const csiNodeStrategy: Strategy<storagev1.CSINode> = {
  allowUnconditionalUpdate: false,
  returnsDeletedObject: true,
  validate: (_ctx, node) => validateDrivers([], node),
  // The strategy and ValidateCSINodeUpdate each look at all drivers.
  validateUpdate: (_ctx, node, old) => {
    const errors = validateDrivers(validateDrivers([], node), node);
    for (const before of driversOf(old))
      for (const driver of driversOf(node))
        if (driver.name === before.name) checkDriverKept(errors, fieldPath('spec', 'drivers'), driver, before);
    return errors;
  },
};

const driversOf = (node: storagev1.CSINode): readonly storagev1.CSINodeDriver[] => node.spec?.drivers ?? [];

function validateDrivers(errors: Errors, node: storagev1.CSINode): Errors {
  const names = new Set<string>();
  for (const [index, driver] of driversOf(node).entries()) {
    const path = fieldPath('spec', 'drivers').index(index);
    const name = driver.name ?? '';
    const nodeID = driver.nodeID ?? '';
    checkDriverName(errors, path.child('name'), name);
    if (nodeID === '') errors.push(fieldErrors.required(path.child('nodeID')));
    if (byteLength(nodeID) > maximumNodeIdBytes)
      errors.push(
        fieldErrors.invalid(path.child('nodeID'), nodeID, `must be ${String(maximumNodeIdBytes)} characters or less`),
      );
    checkNonNegative(errors, path.child('allocatable', 'count'), driver.allocatable?.count);
    if (names.has(name)) errors.push(fieldErrors.duplicate(path.child('name'), name));
    names.add(name);
    validateTopologyKeys(errors, path, driver.topologyKeys ?? []);
  }
  return errors;
}

function validateTopologyKeys(errors: Errors, path: FieldPath, keys: readonly string[]): void {
  const seen = new Set<string>();
  for (const key of keys) {
    if (key === '') errors.push(fieldErrors.required(path));
    if (seen.has(key)) errors.push(fieldErrors.duplicate(path, key));
    seen.add(key);
    // Upstream shows all keys as the value.
    for (const message of validateQualifiedName(key)) errors.push(fieldErrors.invalid(path, keys, message));
  }
}

/** How many volumes the node takes may change, nothing else (MutableCSINodeAllocatableCount). */
function checkDriverKept(
  errors: Errors,
  path: FieldPath,
  driver: storagev1.CSINodeDriver,
  old: storagev1.CSINodeDriver,
): void {
  const now = { ...driver };
  const before = { ...old };
  delete now.allocatable;
  delete before.allocatable;
  if (!semanticEqual(now, before))
    errors.push(fieldErrors.invalid(path, volumeForm('CSINodeDriver', now), immutableMessage));
}
