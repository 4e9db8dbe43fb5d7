import {
  fieldErrors,
  fieldPath,
  parseQuantity,
  quantitySign,
  semanticEqual,
  validateDns1123Subdomain,
  validateLabelSelector,
} from '@reckon/api/machinery';
import type { storagev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { nodeLabelMessage, termWarnings } from '../../core/v1/pod/node-label.warnings';
import { checkText, type Errors, immutableMessage } from '../../field-checks';

export const csiStorageCapacityStrategy: Strategy<storagev1.CSIStorageCapacity> = {
  allowUnconditionalUpdate: false,
  returnsDeletedObject: true,
  validate: (_ctx, capacity) => validateCapacity(capacity, false),
  warningsOnCreate: (_ctx, capacity) => topologyWarnings(capacity),
  validateUpdate: (_ctx, capacity, old) => {
    const isBadAlready = validateLabelSelector(old.nodeTopology, fieldPath('')).length > 0;
    const errors = validateCapacity(capacity, isBadAlready);
    // What the capacity was asked for cannot become something else.
    if (!semanticEqual(capacity.nodeTopology, old.nodeTopology))
      errors.push(fieldErrors.invalid(fieldPath('nodeTopology'), capacity.nodeTopology ?? null, immutableMessage));
    if (capacity.storageClassName !== old.storageClassName)
      errors.push(fieldErrors.invalid(fieldPath('storageClassName'), capacity.storageClassName, immutableMessage));
    return errors;
  },
  warningsOnUpdate: (_ctx, capacity) => topologyWarnings(capacity),
};

/** ValidateCSIStorageCapacity. */
function validateCapacity(capacity: storagev1.CSIStorageCapacity, allowInvalidValues: boolean): Errors {
  const errors: Errors = [
    ...validateLabelSelector(capacity.nodeTopology, fieldPath('nodeTopology'), { allowInvalidValues }),
  ];
  checkText(errors, fieldPath('storageClassName'), capacity.storageClassName ?? '', validateDns1123Subdomain);
  if (capacity.capacity?.startsWith('-') && quantitySign(parseQuantity(capacity.capacity)) < 0)
    errors.push(fieldErrors.invalid(fieldPath('capacity'), capacity.capacity, 'must be greater than or equal to 0'));
  return errors;
}

/** pkg/api/node.GetWarningsForNodeSelector. */
function topologyWarnings({ nodeTopology }: storagev1.CSIStorageCapacity): string[] {
  const warnings: string[] = [];
  const path = fieldPath('nodeTopology');
  termWarnings({ matchExpressions: nodeTopology?.matchExpressions ?? [] }, path, (at, text) =>
    warnings.push(`${at.toString()}: ${text}`),
  );
  for (const label of Object.keys(nodeTopology?.matchLabels ?? {}).sort()) {
    const message = nodeLabelMessage(label);
    if (message !== undefined) warnings.push(`${path.child('matchLabels', label).toString()}: ${message}`);
  }
  return warnings;
}
