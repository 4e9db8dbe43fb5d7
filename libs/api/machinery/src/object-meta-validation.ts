import { semanticEqual } from './deep-equal';
import { type FieldError, fieldErrors, type FieldPath } from './field-error';
import { validateFieldManager } from './field-manager';
import { goStringList } from './go-quote';
import { validateQualifiedName } from './label-format';
import { validateLabels } from './label-selector-object';
import { type NameRule, nameIsDnsLabel } from './name-rule';
import type { ManagedFieldsEntry, ObjectMeta } from './object';
import { validateOwnerReferences } from './owner-reference-validation';
import { isLongerThan, mustBeAtLeast, utf8Length } from './validation-message';

/** All annotations of an object together: 256 KiB. */
export const annotationsSizeLimit = 256 * 1024;
export const fieldIsImmutable = 'field is immutable';
const subresourceMaximum = 256;

export interface ObjectMetaRules {
  readonly namespaced: boolean;
  readonly nameRule: NameRule;
  readonly path: FieldPath;
}

/** validation.ValidateObjectMeta: on creation, after a name was generated. */
export function validateObjectMeta(meta: ObjectMeta, { namespaced, nameRule, path }: ObjectMetaRules): FieldError[] {
  const errors: FieldError[] = [];
  const { name = '', generateName = '', namespace = '', generation = 0 } = meta;
  if (generateName !== '') {
    for (const message of nameRule(generateName, 'prefix')) {
      errors.push(fieldErrors.invalid(path.child('generateName'), generateName, message));
    }
  }
  if (name === '') errors.push(fieldErrors.required(path.child('name'), 'name or generateName is required'));
  else
    for (const message of nameRule(name, 'name')) errors.push(fieldErrors.invalid(path.child('name'), name, message));

  if (!namespaced) {
    if (namespace !== '') errors.push(fieldErrors.forbidden(path.child('namespace'), 'not allowed on this type'));
  } else if (namespace === '') errors.push(fieldErrors.required(path.child('namespace')));
  else {
    for (const message of nameIsDnsLabel(namespace, 'name')) {
      errors.push(fieldErrors.invalid(path.child('namespace'), namespace, message));
    }
  }
  errors.push(...validateNonNegative(generation, path.child('generation')));
  if (meta.labels != null) errors.push(...validateLabels(meta.labels, path.child('labels')));
  errors.push(...validateAnnotations(meta.annotations, path.child('annotations')));
  if (meta.ownerReferences != null) {
    errors.push(...validateOwnerReferences(meta.ownerReferences, path.child('ownerReferences')));
  }
  errors.push(...validateFinalizers(meta.finalizers ?? [], path.child('finalizers')));
  errors.push(...validateManagedFields(meta.managedFields ?? [], path.child('managedFields')));
  return errors;
}

/** validation.ValidateObjectMetaUpdate. */
export function validateObjectMetaUpdate(next: ObjectMeta, old: ObjectMeta, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp != null) {
    errors.push(...validateNoNewFinalizers(next.finalizers ?? [], old.finalizers ?? [], path.child('finalizers')));
  }
  if ((next.resourceVersion ?? '') === '') {
    errors.push(fieldErrors.invalid(path.child('resourceVersion'), '', 'must be specified for an update'));
  }
  const generation = next.generation ?? 0;
  if (generation < (old.generation ?? 0)) {
    errors.push(fieldErrors.invalid(path.child('generation'), generation, 'must not be decremented'));
  }
  for (const field of ['name', 'namespace', 'uid'] as const) {
    errors.push(...validateImmutable(next[field] ?? '', old[field] ?? '', path.child(field)));
  }
  for (const field of ['creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    errors.push(...validateImmutable(next[field], old[field], path.child(field)));
  }
  if (next.labels != null) errors.push(...validateLabels(next.labels, path.child('labels')));
  errors.push(...validateAnnotations(next.annotations, path.child('annotations')));
  if (next.ownerReferences != null) {
    errors.push(...validateOwnerReferences(next.ownerReferences, path.child('ownerReferences')));
  }
  errors.push(...validateManagedFields(next.managedFields ?? [], path.child('managedFields')));
  return errors;
}

/** validation.ValidateImmutableField; structs must be rendered as `renderValue` asks. */
export function validateImmutable(next: unknown, old: unknown, path: FieldPath): FieldError[] {
  return semanticEqual(next, old) ? [] : [fieldErrors.invalid(path, next, fieldIsImmutable)];
}

/** validation.ValidateNonnegativeField. */
export function validateNonNegative(value: number, path: FieldPath): FieldError[] {
  return value < 0 ? [fieldErrors.invalid(path, value, mustBeAtLeast(0))] : [];
}

/** validation.ValidateAnnotations: keys as those of labels, but in any case. */
export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | null | undefined,
  path: FieldPath,
): FieldError[] {
  if (annotations == null) return [];
  const errors: FieldError[] = [];
  let size = 0;
  for (const key of Object.keys(annotations).sort()) {
    for (const message of validateQualifiedName(key.toLowerCase()))
      errors.push(fieldErrors.invalid(path, key, message));
    size += utf8Length(key) + utf8Length(annotations[key] ?? '');
  }
  if (size > annotationsSizeLimit) errors.push(fieldErrors.tooLong(path, annotationsSizeLimit));
  return errors;
}

/** validation.ValidateFinalizers. */
export function validateFinalizers(finalizers: readonly string[], path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  for (const finalizer of finalizers) errors.push(...validateFinalizerName(finalizer, path));
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(fieldErrors.invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return errors;
}

export function validateFinalizerName(finalizer: string, path: FieldPath): FieldError[] {
  return validateQualifiedName(finalizer).map((message) => fieldErrors.invalid(path, finalizer, message));
}

function validateNoNewFinalizers(next: readonly string[], old: readonly string[], path: FieldPath): FieldError[] {
  const added = [...new Set(next)].filter((finalizer) => !old.includes(finalizer)).sort();
  if (added.length === 0) return [];
  return [
    fieldErrors.forbidden(
      path,
      `no new finalizers can be added if the object is being deleted, found new finalizers ${goStringList(added)}`,
    ),
  ];
}

/** metav1validation.ValidateManagedFields. */
export function validateManagedFields(entries: readonly ManagedFieldsEntry[], path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, entry] of entries.entries()) {
    const at = path.index(i);
    const { operation = '', fieldsType = '', manager = '', subresource = '' } = entry;
    if (operation !== 'Apply' && operation !== 'Update') {
      errors.push(fieldErrors.invalid(at.child('operation'), operation, 'must be `Apply` or `Update`'));
    }
    if (fieldsType !== '' && fieldsType !== 'FieldsV1') {
      errors.push(fieldErrors.invalid(at.child('fieldsType'), fieldsType, 'must be `FieldsV1`'));
    }
    errors.push(...validateFieldManager(manager, at.child('manager')));
    if (isLongerThan(subresource, subresourceMaximum)) {
      errors.push(fieldErrors.tooLong(at.child('subresource'), subresourceMaximum));
    }
  }
  return errors;
}
