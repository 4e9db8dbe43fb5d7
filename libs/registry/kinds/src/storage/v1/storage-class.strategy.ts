import { fieldErrors, fieldPath, jsonEqual, validateLabelName } from '@reckon/api/machinery';
import type { FieldPath } from '@reckon/api/machinery';
import type { corev1, storagev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { checkOptionalOneOf, type Errors, immutableMessage } from '../../field-checks';
import { nodeLabelMessage } from '../../core/v1/pod/node-label.warnings';
import { validateParameters, validateProvisioner } from './provisioning.validation';

const reclaimPolicies = ['Delete', 'Retain'];
const bindingModes = ['Immediate', 'WaitForFirstConsumer'];

export const storageClassStrategy: Strategy<storagev1.StorageClass> = {
  defaults: (storageClass) => {
    storageClass.reclaimPolicy ??= 'Delete';
    storageClass.volumeBindingMode ??= 'Immediate';
  },
  returnsDeletedObject: true,
  validate: (_ctx, storageClass) => validateStorageClass(storageClass),
  warningsOnCreate: (_ctx, storageClass) => topologyWarnings(storageClass),
  validateUpdate: (_ctx, storageClass, old) => {
    const errors = validateStorageClass(storageClass);
    // A volume cannot be asked afterwards what its class was.
    if (!jsonEqual(storageClass.parameters, old.parameters))
      errors.push(fieldErrors.forbidden(fieldPath('parameters'), 'updates to parameters are forbidden.'));
    if (storageClass.provisioner !== old.provisioner)
      errors.push(fieldErrors.forbidden(fieldPath('provisioner'), 'updates to provisioner are forbidden.'));
    if (storageClass.reclaimPolicy !== old.reclaimPolicy)
      errors.push(fieldErrors.forbidden(fieldPath('reclaimPolicy'), 'updates to reclaimPolicy are forbidden.'));
    if (storageClass.volumeBindingMode !== old.volumeBindingMode)
      errors.push(
        fieldErrors.invalid(fieldPath('volumeBindingMode'), storageClass.volumeBindingMode, immutableMessage),
      );
    return errors;
  },
  warningsOnUpdate: (_ctx, storageClass) => topologyWarnings(storageClass),
};

/** ValidateStorageClass. */
function validateStorageClass(storageClass: storagev1.StorageClass): Errors {
  const errors: Errors = [];
  validateProvisioner(errors, fieldPath('provisioner'), storageClass.provisioner ?? '');
  validateParameters(errors, fieldPath('parameters'), storageClass.parameters, 'may be empty');
  if (storageClass.reclaimPolicy)
    checkOptionalOneOf(errors, fieldPath('reclaimPolicy'), storageClass.reclaimPolicy, reclaimPolicies);
  checkOptionalOneOf(errors, fieldPath('volumeBindingMode'), storageClass.volumeBindingMode, bindingModes);
  validateTopologies(errors, fieldPath('allowedTopologies'), storageClass.allowedTopologies ?? []);
  return errors;
}

/** A term as upstream compares terms: the values of each key, whatever their order. */
type RawTerm = Readonly<Record<string, readonly string[]>>;

function validateTopologies(errors: Errors, path: FieldPath, terms: readonly corev1.TopologySelectorTerm[]): void {
  // Upstream starts with as many empty terms as there are terms, so a term without keys is a duplicate of each of these.
  const seen: RawTerm[] = terms.map(() => ({}));
  for (const [index, term] of terms.entries()) {
    const expressionsPath = path.index(index).child('matchLabelExpressions');
    const raw = validateTerm(errors, expressionsPath, term);
    for (const earlier of seen) if (jsonEqual(raw, earlier)) errors.push(fieldErrors.duplicate(expressionsPath, ''));
    seen.push(raw);
  }
}

/** ValidateTopologySelectorTerm. */
function validateTerm(errors: Errors, path: FieldPath, term: corev1.TopologySelectorTerm): RawTerm {
  const valuesOf = new Map<string, readonly string[]>();
  for (const [index, expression] of (term.matchLabelExpressions ?? []).entries()) {
    const { key } = expression;
    const values = expression.values ?? [];
    const expressionPath = path.index(index);
    const valuesPath = expressionPath.child('values');
    if (values.length === 0) errors.push(fieldErrors.required(valuesPath));
    const seen = new Set<string>();
    for (const [i, value] of values.entries()) {
      if (seen.has(value)) errors.push(fieldErrors.duplicate(valuesPath.index(i), value));
      seen.add(value);
    }
    errors.push(...validateLabelName(key, expressionPath.child('key')));
    if (valuesOf.has(key)) errors.push(fieldErrors.duplicate(expressionPath.child('key'), key));
    valuesOf.set(key, [...seen].sort());
  }
  return Object.fromEntries(valuesOf);
}

/** pkg/api/storage.GetWarningsForStorageClass. */
function topologyWarnings({ allowedTopologies }: storagev1.StorageClass): string[] {
  const warnings: string[] = [];
  for (const [i, { matchLabelExpressions }] of (allowedTopologies ?? []).entries())
    for (const [j, { key }] of (matchLabelExpressions ?? []).entries()) {
      const message = nodeLabelMessage(key);
      if (message === undefined) continue;
      const path = fieldPath('allowedTopologies').index(i).child('matchLabelExpressions').index(j).child('key');
      warnings.push(`${path.toString()}: ${message}`);
    }
  return warnings;
}
