import {
  type FieldPath,
  fieldErrors,
  validateAnnotations,
  validateDns1123Subdomain,
  validateLabelSelector,
  validateLabels,
} from '@reckon/api/machinery';
import type { corev1, metav1 } from '@reckon/api/types';
import { checkText, type Errors } from '../../field-checks';
import { checkPositiveQuantity } from './resource-checks';

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const volumeModes = ['Block', 'Filesystem'];

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

/** ValidatePersistentVolumeClaimSpec. */
export function validateClaimSpec(errors: Errors, path: FieldPath, spec: corev1.PersistentVolumeClaimSpec): void {
  const modes = spec.accessModes ?? [];
  const modesPath = path.child('accessModes');
  if (modes.length === 0) errors.push(fieldErrors.required(modesPath, 'at least 1 access mode is required'));
  if (spec.selector) errors.push(...validateLabelSelector(spec.selector, path.child('selector')));
  for (const mode of modes)
    if (!accessModes.includes(mode)) errors.push(fieldErrors.notSupported(modesPath, mode, accessModes));
  if (
    modes.includes('ReadWriteOncePod') &&
    modes.some((mode) => mode !== 'ReadWriteOncePod' && accessModes.includes(mode))
  )
    errors.push(fieldErrors.forbidden(modesPath, 'may not use ReadWriteOncePod with other access modes'));
  const storagePath = path.child('resources').key('storage');
  const storage = spec.resources?.requests?.storage;
  if (storage === undefined) errors.push(fieldErrors.required(storagePath));
  else checkPositiveQuantity(errors, storagePath, storage);
  if (spec.storageClassName)
    checkText(errors, path.child('storageClassName'), spec.storageClassName, validateDns1123Subdomain);
  if (spec.volumeMode !== undefined && !volumeModes.includes(spec.volumeMode))
    errors.push(fieldErrors.notSupported(path.child('volumeMode'), spec.volumeMode, volumeModes));
  validateDataSources(errors, path, spec);
  if (spec.volumeAttributesClassName)
    checkText(
      errors,
      path.child('volumeAttributesClassName'),
      spec.volumeAttributesClassName,
      validateDns1123Subdomain,
    );
}

function validateDataSources(errors: Errors, path: FieldPath, spec: corev1.PersistentVolumeClaimSpec): void {
  const { dataSource, dataSourceRef } = spec;
  for (const [field, source] of [
    ['dataSource', dataSource],
    ['dataSourceRef', dataSourceRef],
  ] as const) {
    if (!source) continue;
    const sourcePath = path.child(field);
    if (!source.name) errors.push(fieldErrors.required(sourcePath.child('name')));
    if (!source.kind) errors.push(fieldErrors.required(sourcePath.child('kind')));
    const group = source.apiGroup ?? '';
    if (group === '' && source.kind !== 'PersistentVolumeClaim')
      errors.push(
        fieldErrors.invalid(
          sourcePath,
          source.kind,
          "must be 'PersistentVolumeClaim' when referencing the default apiGroup",
        ),
      );
    if (group !== '') checkText(errors, sourcePath.child('apiGroup'), group, validateDns1123Subdomain);
  }
  if (!dataSource || !dataSourceRef) return;
  if (dataSourceRef.namespace)
    errors.push(
      fieldErrors.invalid(
        path,
        path.child('dataSource').toString(),
        'may not be specified when dataSourceRef.namespace is specified',
      ),
    );
  else if (
    (dataSource.apiGroup ?? '') !== (dataSourceRef.apiGroup ?? '') ||
    dataSource.kind !== dataSourceRef.kind ||
    dataSource.name !== dataSourceRef.name
  )
    errors.push(fieldErrors.invalid(path, path.child('dataSource').toString(), 'must match dataSourceRef'));
}
