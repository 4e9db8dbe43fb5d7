import { fieldErrors, fieldPath, semanticEqual, validateLabelSelector } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { type Errors, immutableMessage } from '../../../field-checks';
import { objectDifference } from '../../../object-difference';
import { type ClaimTolerance, validateClaimSpec } from '../persistent-volume-claim-spec';
import { annotationOf, betaStorageClass } from '../persistent-volume/beta-annotations';
import { volumeForm } from '../persistent-volume/volume-form';
import { compareQuantityTexts } from '../resource-checks';

type Claim = corev1.PersistentVolumeClaim;
type Spec = corev1.PersistentVolumeClaimSpec;

/** ValidatePersistentVolumeClaim. */
export function validateClaim(claim: Claim): Errors {
  const errors: Errors = [];
  validateClaimSpec(errors, fieldPath('spec'), claim.spec ?? {});
  return errors;
}

/** What the strategy and ValidatePersistentVolumeClaimUpdate find, each of which looks at the whole spec. */
export function validateClaimUpdate(claim: Claim, old: Claim): Errors {
  const errors: Errors = [];
  const spec = claim.spec ?? {};
  const before = old.spec ?? {};
  const path = fieldPath('spec');
  const tolerated = toleratedIn(before);
  validateClaimSpec(errors, path, spec, tolerated);
  validateClaimSpec(errors, path, spec, tolerated);
  checkSpecKept(errors, claim, old);
  checkNotShrunk(errors, claim, old);
  if (spec.volumeMode !== before.volumeMode)
    errors.push(fieldErrors.invalid(fieldPath('volumeMode'), spec.volumeMode, immutableMessage));
  const attributes = spec.volumeAttributesClassName;
  // A class can be taken back until it has had its effect.
  if (
    !attributes &&
    attributes !== before.volumeAttributesClassName &&
    old.status?.currentVolumeAttributesClassName !== undefined
  )
    errors.push(
      fieldErrors.forbidden(
        path.child('volumeAttributesClassName'),
        `update to ${attributes === undefined ? 'nil' : 'empty string'} is forbidden when status.currentVolumeAttributesClassName is not nil`,
      ),
    );
  return errors;
}

/** ValidationOptionsForPersistentVolumeClaim. */
function toleratedIn(old: Spec): ClaimTolerance {
  return {
    badSelectorValues: old.selector !== undefined && validateLabelSelector(old.selector, fieldPath('')).length > 0,
    badApiGroups: old.dataSource?.apiGroup !== undefined || old.dataSourceRef?.apiGroup !== undefined,
  };
}

/**
 * A claim stays what it was, so that quotas and limits cannot be evaded; but once it may be given a volume and a class, and
 * while bound it may grow.
 */
function checkSpecKept(errors: Errors, claim: Claim, old: Claim): void {
  const now: Spec = { ...claim.spec };
  const before: Spec = { ...old.spec };
  if (!before.volumeName) copyField(now, before, 'volumeName');
  if (takesClassFromAnnotation(claim, old)) delete now.storageClassName;
  else {
    const annotation = annotationOf(claim.metadata, betaStorageClass) ?? '';
    if (annotation !== (annotationOf(old.metadata, betaStorageClass) ?? ''))
      errors.push(
        fieldErrors.invalid(fieldPath('metadata', 'annotations', betaStorageClass), annotation, immutableMessage),
      );
    if (takesFirstClass(claim, old)) delete now.storageClassName;
  }
  if (claim.status?.phase === 'Bound') {
    if (now.resources?.requests)
      now.resources = {
        ...now.resources,
        requests: { ...now.resources.requests, storage: before.resources?.requests?.storage ?? '0' },
      };
    copyField(before, now, 'volumeAttributesClassName');
  }
  if (semanticEqual(now, before)) return;
  const difference = objectDifference(
    volumeForm('PersistentVolumeClaimSpec', before),
    volumeForm('PersistentVolumeClaimSpec', now),
  );
  errors.push(
    fieldErrors.forbidden(
      fieldPath('spec'),
      `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${difference}`,
    ),
  );
}

function copyField(from: Spec, to: Spec, field: 'volumeName' | 'volumeAttributesClassName'): void {
  if (from[field] === undefined) delete to[field];
  else to[field] = from[field];
}

/** `validateStorageClassUpgradeFromAnnotation`: the class moves from the annotation to the field. */
function takesClassFromAnnotation(claim: Claim, old: Claim): boolean {
  const before = annotationOf(old.metadata, betaStorageClass);
  if (before === undefined || old.spec?.storageClassName !== undefined) return false;
  const annotation = annotationOf(claim.metadata, betaStorageClass) ?? before;
  return claim.spec?.storageClassName === before && annotation === before;
}

/** `validateStorageClassUpgradeFromNil`: a claim that never had a class gets one. */
function takesFirstClass(claim: Claim, old: Claim): boolean {
  const name = claim.spec?.storageClassName;
  if (name === undefined || old.spec?.storageClassName !== undefined) return false;
  const before = annotationOf(old.metadata, betaStorageClass);
  return before === undefined || before === name;
}

/** A claim may ask for less only while the volume has not grown to what was asked. */
function checkNotShrunk(errors: Errors, claim: Claim, old: Claim): void {
  const size = claim.spec?.resources?.requests?.storage ?? '0';
  const before = old.spec?.resources?.requests?.storage ?? '0';
  const reached = old.status?.capacity?.storage ?? '0';
  if (compareQuantityTexts(size, before) < 0 && compareQuantityTexts(size, reached) <= 0)
    errors.push(
      fieldErrors.forbidden(
        fieldPath('spec', 'resources', 'requests', 'storage'),
        'field can not be less than status.capacity',
      ),
    );
}
