import { posix } from 'node:path';
import { type FieldPath, fieldErrors, renderedMap, validateDns1123Subdomain } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkText, type Errors } from '../../../field-checks';
import { checkAccessModes, volumeModes } from '../persistent-volume-claim-spec';
import { type ValueRule, validateNodeSelector } from '../pod/validation/affinity';
import { checkBasicQuantity, checkPositiveQuantity } from '../resource-checks';
import { type VolumeSourceCheck, volumeSources } from './volume-sources';

const reclaimPolicies = ['Delete', 'Recycle', 'Retain'];
const inline = 'in the context of inline volumes';
const notInline = `may not be specified ${inline}`;

/**
 * The sources in the order in which upstream looks at them: the first is checked, every further one refused. Some are
 * refused, or checked, under a path that is not quite their name.
 */
const order: readonly {
  readonly field: keyof typeof volumeSources;
  readonly refusedAs?: string;
  readonly checkedAs?: string;
  /** Checked whatever stands before it. */
  readonly isNeverRefused?: true;
}[] = [
  { field: 'hostPath' },
  { field: 'gcePersistentDisk', checkedAs: 'persistentDisk' },
  { field: 'awsElasticBlockStore' },
  { field: 'glusterfs' },
  { field: 'flocker' },
  { field: 'nfs' },
  { field: 'rbd' },
  { field: 'quobyte' },
  { field: 'cephfs', refusedAs: 'cephFS' },
  { field: 'iscsi' },
  { field: 'cinder' },
  { field: 'fc' },
  { field: 'flexVolume', isNeverRefused: true },
  { field: 'azureFile' },
  { field: 'vsphereVolume' },
  { field: 'photonPersistentDisk' },
  { field: 'portworxVolume' },
  { field: 'azureDisk' },
  { field: 'scaleIO' },
  { field: 'local' },
  { field: 'storageos' },
  { field: 'csi' },
];

export const volumeSourceFields = order.map(({ field }) => field);

interface VolumeSpecRules {
  readonly volumeName: string;
  /** Whether the values of node labels are checked: not where the stored volume has bad ones. */
  readonly nodeLabelValues: ValueRule;
}

/** ValidatePersistentVolumeSpec of a volume of the cluster. */
export function validateVolumeSpec(
  errors: Errors,
  path: FieldPath,
  spec: corev1.PersistentVolumeSpec,
  rules: VolumeSpecRules,
): void {
  validateAccessModes(errors, path.child('accessModes'), spec.accessModes ?? []);
  validateCapacity(errors, path.child('capacity'), spec.capacity);
  const policy = spec.persistentVolumeReclaimPolicy;
  const policyPath = path.child('persistentVolumeReclaimPolicy');
  if (policy && !reclaimPolicies.includes(policy))
    errors.push(fieldErrors.notSupported(policyPath, policy, reclaimPolicies));
  if (spec.nodeAffinity) validateNodeAffinity(errors, path.child('nodeAffinity'), spec.nodeAffinity, rules);
  validateSource(errors, path, spec, rules.volumeName);
  if (spec.storageClassName)
    checkText(errors, path.child('storageClassName'), spec.storageClassName, validateDns1123Subdomain);
  if (spec.volumeMode !== undefined && !volumeModes.includes(spec.volumeMode))
    errors.push(fieldErrors.notSupported(path.child('volumeMode'), spec.volumeMode, volumeModes));
  validateAttributesClass(errors, path, spec);
}

/** ValidatePersistentVolumeSpec of the volume that stands in an attachment: only what CSI needs. */
export function validateInlineVolumeSpec(errors: Errors, path: FieldPath, spec: corev1.PersistentVolumeSpec): void {
  if (spec.claimRef) errors.push(fieldErrors.forbidden(path.child('claimRef'), notInline));
  if (Object.keys(spec.capacity ?? {}).length > 0)
    errors.push(fieldErrors.forbidden(path.child('capacity'), notInline));
  if (!spec.csi) errors.push(fieldErrors.required(path.child('csi'), `has to be specified ${inline}`));
  validateAccessModes(errors, path.child('accessModes'), spec.accessModes ?? []);
  const policy = spec.persistentVolumeReclaimPolicy;
  if (policy && policy !== 'Retain')
    errors.push(fieldErrors.forbidden(path.child('persistentVolumeReclaimPolicy'), `may only be Retain ${inline}`));
  if (spec.nodeAffinity) errors.push(fieldErrors.forbidden(path.child('nodeAffinity'), notInline));
  validateSource(errors, path, spec, '', 'inline');
  if (spec.storageClassName) errors.push(fieldErrors.forbidden(path.child('storageClassName'), notInline));
  if (spec.volumeMode !== undefined && spec.volumeMode !== 'Filesystem')
    errors.push(
      fieldErrors.forbidden(path.child('volumeMode'), `may not specify volumeMode other than Filesystem ${inline}`),
    );
}

function validateAccessModes(errors: Errors, path: FieldPath, modes: readonly string[]): void {
  if (modes.length === 0) errors.push(fieldErrors.required(path));
  checkAccessModes(errors, path, modes);
}

function validateCapacity(errors: Errors, path: FieldPath, capacity: Record<string, string> | undefined): void {
  const names = Object.keys(capacity ?? {});
  if (names.length === 0) errors.push(fieldErrors.required(path));
  if (names.length !== 1 || names[0] !== 'storage')
    errors.push(fieldErrors.notSupported(path, renderedMap(capacity), ['storage']));
  for (const name of names) {
    const quantity = capacity?.[name] ?? '0';
    checkBasicQuantity(errors, path.key(name), quantity);
    checkPositiveQuantity(errors, path.key(name), quantity);
  }
}

function validateNodeAffinity(
  errors: Errors,
  path: FieldPath,
  affinity: corev1.VolumeNodeAffinity,
  rules: VolumeSpecRules,
): void {
  if (affinity.required) validateNodeSelector(errors, path.child('required'), affinity.required, rules.nodeLabelValues);
  else errors.push(fieldErrors.required(path.child('required'), 'must specify required node constraints'));
}

const checks: Readonly<Record<string, VolumeSourceCheck>> = volumeSources;

function validateSource(
  errors: Errors,
  path: FieldPath,
  spec: corev1.PersistentVolumeSpec,
  volumeName: string,
  where: 'cluster' | 'inline' = 'cluster',
): void {
  let found = 0;
  for (const { field, refusedAs, checkedAs, isNeverRefused } of order) {
    const source = spec[field];
    if (source === undefined || source === null) continue;
    if (found++ > 0 && isNeverRefused === undefined) {
      errors.push(fieldErrors.forbidden(path.child(refusedAs ?? field), 'may not specify more than 1 volume type'));
      continue;
    }
    // The table pairs each check with its own source.
    checks[field]?.(errors, path.child(checkedAs ?? field), source as never, volumeName);
    if (field === 'local' && (where === 'inline' || !spec.nodeAffinity))
      errors.push(fieldErrors.required(path.child('nodeAffinity'), 'Local volume requires node affinity'));
  }
  if (found === 0) errors.push(fieldErrors.required(path, 'must specify a volume type'));
  // Recycling empties the directory.
  if (spec.hostPath && spec.persistentVolumeReclaimPolicy === 'Recycle' && isRoot(spec.hostPath.path ?? ''))
    errors.push(
      fieldErrors.forbidden(
        path.child('persistentVolumeReclaimPolicy'),
        "may not be 'recycle' for a hostPath mount of '/'",
      ),
    );
}

const isRoot = (path: string): boolean => path !== '' && posix.normalize(path) === '/';

function validateAttributesClass(errors: Errors, path: FieldPath, spec: corev1.PersistentVolumeSpec): void {
  const name = spec.volumeAttributesClassName;
  if (name === undefined) return;
  const namePath = path.child('volumeAttributesClassName');
  if (name === '') errors.push(fieldErrors.required(namePath, 'an empty string is disallowed'));
  else checkText(errors, namePath, name, validateDns1123Subdomain);
  if (!spec.csi)
    errors.push(fieldErrors.required(path.child('csi'), 'has to be specified when using volumeAttributesClassName'));
}
