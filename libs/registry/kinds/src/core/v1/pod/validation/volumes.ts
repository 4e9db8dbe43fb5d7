import { type FieldPath, fieldErrors, validateDns1123Label, validateDns1123Subdomain } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { byteLength, checkText, type Errors } from '../../../../field-checks';
import { legacySources } from './legacy-volume-sources';
import { validateProjected } from './projected-volume';
import { type SourceCheck, type SourceContext, sources } from './volume-sources';

/**
 * The sources in the order in which upstream looks at them: the first is checked, every further one refused. Some are
 * refused, or checked, under a path that is not quite their name.
 */
const order: readonly {
  readonly field: Exclude<keyof corev1.Volume, 'name'>;
  readonly refusedAs?: string;
  readonly checkedAs?: string;
}[] = [
  { field: 'emptyDir' },
  { field: 'hostPath' },
  { field: 'gitRepo' },
  { field: 'gcePersistentDisk', checkedAs: 'persistentDisk' },
  { field: 'awsElasticBlockStore' },
  { field: 'secret' },
  { field: 'nfs' },
  { field: 'iscsi' },
  { field: 'glusterfs' },
  { field: 'flocker' },
  { field: 'persistentVolumeClaim' },
  { field: 'rbd' },
  { field: 'cinder' },
  { field: 'cephfs', refusedAs: 'cephFS' },
  { field: 'quobyte' },
  { field: 'downwardAPI', refusedAs: 'downwarAPI' },
  { field: 'fc' },
  { field: 'flexVolume' },
  { field: 'configMap' },
  { field: 'azureFile' },
  { field: 'vsphereVolume' },
  { field: 'photonPersistentDisk' },
  { field: 'portworxVolume' },
  { field: 'azureDisk' },
  { field: 'storageos' },
  { field: 'projected' },
  { field: 'scaleIO' },
  { field: 'csi' },
  { field: 'ephemeral' },
  { field: 'image' },
];

const checks: Readonly<Record<string, SourceCheck>> = { ...legacySources, ...sources, projected: validateProjected };

/** ValidateVolumes; gives the good ones by name, which mounts may refer to. */
export function validateVolumes(
  errors: Errors,
  path: FieldPath,
  volumes: readonly corev1.Volume[],
  context: SourceContext,
): Map<string, corev1.Volume> {
  const good = new Map<string, corev1.Volume>();
  const created = new Set(
    context.podName === ''
      ? []
      : volumes.filter(({ ephemeral }) => ephemeral).map(({ name }) => `${context.podName}-${name}`),
  );
  for (const [index, volume] of volumes.entries()) {
    const volumePath = path.index(index);
    const before = errors.length;
    validateSource(errors, volumePath, volume, context);
    if (!volume.name) errors.push(fieldErrors.required(volumePath.child('name')));
    else checkText(errors, volumePath.child('name'), volume.name, validateDns1123Label);
    if (good.has(volume.name)) errors.push(fieldErrors.duplicate(volumePath.child('name'), volume.name));
    if (errors.length === before) good.set(volume.name, volume);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim && created.has(claim))
      errors.push(
        fieldErrors.invalid(
          volumePath.child('persistentVolumeClaim', 'claimName'),
          claim,
          'must not reference a PVC that gets created for an ephemeral volume',
        ),
      );
  }
  return good;
}

function validateSource(errors: Errors, path: FieldPath, volume: corev1.Volume, context: SourceContext): void {
  let found = 0;
  for (const { field, refusedAs, checkedAs } of order) {
    const source = volume[field];
    if (source === undefined || source === null) continue;
    // An emptyDir beside something else is checked and then the other one refused, so the count comes first.
    if (found++ > 0)
      errors.push(fieldErrors.forbidden(path.child(refusedAs ?? field), 'may not specify more than 1 volume type'));
    else {
      // The table pairs each check with its own source.
      checks[field]?.(errors, path.child(checkedAs ?? field), source as never, context);
      if (field === 'ephemeral') checkCreatedClaim(errors, path.child('name'), volume.name, context);
    }
    if (field === 'iscsi') checkPortalLength(errors, path.child('name'), volume);
  }
  if (found === 0) errors.push(fieldErrors.required(path, 'must specify a volume type'));
}

function checkPortalLength(errors: Errors, path: FieldPath, { name, iscsi }: corev1.Volume): void {
  if (iscsi?.initiatorName === undefined || byteLength(`${name ?? ''}:${iscsi.targetPortal ?? ''}`) <= 64) return;
  errors.push(
    fieldErrors.invalid(
      path,
      name ?? '',
      'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.',
    ),
  );
}

/** The claim made for an ephemeral volume is named after pod and volume. */
function checkCreatedClaim(errors: Errors, path: FieldPath, volumeName: string, { podName }: SourceContext): void {
  if (podName === '' || !volumeName) return;
  const claimName = `${podName}-${volumeName}`;
  for (const message of validateDns1123Subdomain(claimName))
    errors.push(fieldErrors.invalid(path, volumeName, `PVC name ${JSON.stringify(claimName)}: ${message}`));
}
