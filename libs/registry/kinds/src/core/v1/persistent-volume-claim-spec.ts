import {
  type FieldPath,
  fieldErrors,
  nameIsDnsLabel,
  validateAnnotations,
  validateDns1123Subdomain,
  validateLabelSelector,
  validateLabels,
} from '@reckon/api/machinery';
import type { corev1, metav1 } from '@reckon/api/types';
import { checkText, type Errors } from '../../field-checks';
import { checkPositiveQuantity } from './resource-checks';

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const volumeModes = ['Block', 'Filesystem'];

/** ValidatePersistentVolumeClaimTemplate: the claim that an ephemeral volume will become. */
export function validateClaimTemplate(
  errors: Errors,
  path: FieldPath,
  template: corev1.PersistentVolumeClaimTemplate,
): void {
  validateTemplateMeta(errors, path.child('metadata'), template.metadata ?? {});
  validateClaimSpec(errors, path.child('spec'), template.spec);
}

const foreignMeta = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'ownerReferences',
  'finalizers',
] as const;

function validateTemplateMeta(errors: Errors, path: FieldPath, meta: metav1.ObjectMeta): void {
  errors.push(...validateAnnotations(meta.annotations, path.child('annotations')));
  errors.push(...validateLabels(meta.labels, path.child('labels')));
  for (const field of foreignMeta) {
    const value = meta[field];
    if (value !== undefined && value.length > 0)
      errors.push(fieldErrors.forbidden(path.child(field === 'uid' ? 'uID' : field), 'cannot be set'));
  }
}

/** What a stored claim already has wrong, by rules that came after it, and may keep. */
export interface ClaimTolerance {
  readonly badSelectorValues: boolean;
  readonly badApiGroups: boolean;
}

const nothingTolerated: ClaimTolerance = { badSelectorValues: false, badApiGroups: false };

/** ValidatePersistentVolumeClaimSpec. */
export function validateClaimSpec(
  errors: Errors,
  path: FieldPath,
  spec: corev1.PersistentVolumeClaimSpec,
  tolerated = nothingTolerated,
): void {
  const modes = spec.accessModes ?? [];
  const modesPath = path.child('accessModes');
  if (modes.length === 0) errors.push(fieldErrors.required(modesPath, 'at least 1 access mode is required'));
  if (spec.selector)
    errors.push(
      ...validateLabelSelector(spec.selector, path.child('selector'), {
        allowInvalidValues: tolerated.badSelectorValues,
      }),
    );
  checkAccessModes(errors, modesPath, modes);
  const storagePath = path.child('resources').key('storage');
  const storage = spec.resources?.requests?.storage;
  if (storage === undefined) errors.push(fieldErrors.required(storagePath));
  else checkPositiveQuantity(errors, storagePath, storage);
  if (spec.storageClassName)
    checkText(errors, path.child('storageClassName'), spec.storageClassName, validateDns1123Subdomain);
  if (spec.volumeMode !== undefined && !volumeModes.includes(spec.volumeMode))
    errors.push(fieldErrors.notSupported(path.child('volumeMode'), spec.volumeMode, volumeModes));
  validateDataSources(errors, path, spec, tolerated);
  if (spec.volumeAttributesClassName)
    checkText(
      errors,
      path.child('volumeAttributesClassName'),
      spec.volumeAttributesClassName,
      validateDns1123Subdomain,
    );
}

/** How volumes and claims may be used; each mode must be known, and the exclusive one alone. */
export function checkAccessModes(errors: Errors, path: FieldPath, modes: readonly string[]): void {
  for (const mode of modes)
    if (!accessModes.includes(mode)) errors.push(fieldErrors.notSupported(path, mode, accessModes));
  if (
    modes.includes('ReadWriteOncePod') &&
    modes.some((mode) => mode !== 'ReadWriteOncePod' && accessModes.includes(mode))
  )
    errors.push(fieldErrors.forbidden(path, 'may not use ReadWriteOncePod with other access modes'));
}

function validateDataSources(
  errors: Errors,
  path: FieldPath,
  spec: corev1.PersistentVolumeClaimSpec,
  tolerated: ClaimTolerance,
): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource) validateDataSource(errors, path.child('dataSource'), dataSource, tolerated);
  if (dataSourceRef) {
    const refPath = path.child('dataSourceRef');
    validateDataSource(errors, refPath, dataSourceRef, tolerated);
    if (dataSourceRef.namespace)
      checkText(errors, refPath.child('namespace'), dataSourceRef.namespace, (name) => nameIsDnsLabel(name, 'name'));
  }
  if (!dataSource || !dataSourceRef) return;
  // Upstream shows the path itself as the value, a struct of which nothing is public.
  if (dataSourceRef.namespace)
    errors.push(fieldErrors.invalid(path, {}, 'may not be specified when dataSourceRef.namespace is specified'));
  else if (
    dataSource.apiGroup !== dataSourceRef.apiGroup ||
    dataSource.kind !== dataSourceRef.kind ||
    dataSource.name !== dataSourceRef.name
  )
    errors.push(fieldErrors.invalid(path, {}, 'must match dataSourceRef'));
}

function validateDataSource(
  errors: Errors,
  path: FieldPath,
  source: corev1.TypedLocalObjectReference,
  tolerated: ClaimTolerance,
): void {
  if (!source.name) errors.push(fieldErrors.required(path.child('name')));
  if (!source.kind) errors.push(fieldErrors.required(path.child('kind')));
  const group = source.apiGroup ?? '';
  if (group === '' && source.kind !== 'PersistentVolumeClaim')
    errors.push(
      fieldErrors.invalid(
        path,
        source.kind ?? '',
        "must be 'PersistentVolumeClaim' when referencing the default apiGroup",
      ),
    );
  if (group !== '' && !tolerated.badApiGroups)
    checkText(errors, path.child('apiGroup'), group, validateDns1123Subdomain);
}
