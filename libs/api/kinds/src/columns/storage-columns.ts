import type { ObjectMeta } from '@reckon/api/machinery';
import type { corev1, storagev1 } from '@reckon/api/types';
import { ageColumn, columns, nameColumn } from './column';

const unset = '<unset>';

const annotationOf = (metadata: ObjectMeta, name: string): string | undefined =>
  metadata.annotations != null && Object.hasOwn(metadata.annotations, name) ? metadata.annotations[name] : undefined;

/** Where the class stood before it was a field wins over the field (helper.GetPersistentVolumeClass). */
const classOf = (metadata: ObjectMeta, field: string | undefined): string =>
  annotationOf(metadata, 'volume.beta.kubernetes.io/storage-class') ?? field ?? '';

const shortModes: readonly (readonly [mode: string, short: string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

/** helper.GetAccessModesAsString: each once, in its own order. */
const modesText = (modes: readonly string[] | undefined): string =>
  shortModes.flatMap(([mode, short]) => (modes?.includes(mode) === true ? [short] : [])).join(',');

const phaseOf = (object: { readonly metadata: ObjectMeta; readonly status?: { readonly phase?: string } }): string =>
  object.metadata.deletionTimestamp == null ? (object.status?.phase ?? '') : 'Terminating';

export const persistentVolumeColumns = columns<corev1.PersistentVolume>([
  nameColumn,
  {
    name: 'Capacity',
    description: ['core/v1.PersistentVolumeSpec', 'capacity'],
    cell: (volume) => volume.spec?.capacity?.storage ?? '0',
  },
  {
    name: 'Access Modes',
    description: ['core/v1.PersistentVolumeSpec', 'accessModes'],
    cell: (volume) => modesText(volume.spec?.accessModes),
  },
  {
    name: 'Reclaim Policy',
    description: ['core/v1.PersistentVolumeSpec', 'persistentVolumeReclaimPolicy'],
    cell: (volume) => volume.spec?.persistentVolumeReclaimPolicy ?? '',
  },
  { name: 'Status', description: ['core/v1.PersistentVolumeStatus', 'phase'], cell: phaseOf },
  {
    name: 'Claim',
    description: ['core/v1.PersistentVolumeSpec', 'claimRef'],
    cell: ({ spec }) => (spec?.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : ''),
  },
  {
    name: 'StorageClass',
    description: 'StorageClass of the pv',
    cell: ({ metadata, spec }) => classOf(metadata, spec?.storageClassName),
  },
  {
    name: 'VolumeAttributesClass',
    description: 'VolumeAttributesClass of the pv',
    cell: (volume) => volume.spec?.volumeAttributesClassName ?? unset,
  },
  {
    name: 'Reason',
    description: ['core/v1.PersistentVolumeStatus', 'reason'],
    cell: (volume) => volume.status?.reason ?? '',
  },
  ageColumn,
  {
    name: 'VolumeMode',
    priority: 1,
    description: ['core/v1.PersistentVolumeSpec', 'volumeMode'],
    cell: (volume) => volume.spec?.volumeMode ?? unset,
  },
]);

/** What a claim got is known once it names its volume. */
const isBound = ({ spec }: corev1.PersistentVolumeClaim): boolean => Boolean(spec?.volumeName);

export const persistentVolumeClaimColumns = columns<corev1.PersistentVolumeClaim>([
  nameColumn,
  { name: 'Status', description: ['core/v1.PersistentVolumeClaimStatus', 'phase'], cell: phaseOf },
  {
    name: 'Volume',
    description: ['core/v1.PersistentVolumeClaimSpec', 'volumeName'],
    cell: (claim) => claim.spec?.volumeName ?? '',
  },
  {
    name: 'Capacity',
    description: ['core/v1.PersistentVolumeClaimStatus', 'capacity'],
    cell: (claim) => (isBound(claim) ? (claim.status?.capacity?.storage ?? '0') : ''),
  },
  {
    name: 'Access Modes',
    description: ['core/v1.PersistentVolumeClaimStatus', 'accessModes'],
    cell: (claim) => (isBound(claim) ? modesText(claim.status?.accessModes) : ''),
  },
  {
    name: 'StorageClass',
    description: 'StorageClass of the pvc',
    cell: ({ metadata, spec }) => classOf(metadata, spec?.storageClassName),
  },
  {
    name: 'VolumeAttributesClass',
    description: 'VolumeAttributesClass of the pvc',
    cell: (claim) => claim.spec?.volumeAttributesClassName ?? unset,
  },
  ageColumn,
  {
    name: 'VolumeMode',
    priority: 1,
    description: ['core/v1.PersistentVolumeClaimSpec', 'volumeMode'],
    cell: (claim) => claim.spec?.volumeMode ?? unset,
  },
]);

/** A class that others fall back to says so beside its name. */
const markedName = (metadata: ObjectMeta, ...annotations: readonly string[]): string =>
  `${metadata.name ?? ''}${annotations.some((name) => annotationOf(metadata, name) === 'true') ? ' (default)' : ''}`;

export const storageClassColumns = columns<storagev1.StorageClass>([
  {
    ...nameColumn,
    cell: ({ metadata }) =>
      markedName(
        metadata,
        'storageclass.kubernetes.io/is-default-class',
        'storageclass.beta.kubernetes.io/is-default-class',
      ),
  },
  {
    name: 'Provisioner',
    description: ['storage/v1.StorageClass', 'provisioner'],
    cell: (storageClass) => storageClass.provisioner,
  },
  {
    name: 'ReclaimPolicy',
    description: ['storage/v1.StorageClass', 'reclaimPolicy'],
    cell: (storageClass) => storageClass.reclaimPolicy ?? 'Delete',
  },
  {
    name: 'VolumeBindingMode',
    description: ['storage/v1.StorageClass', 'volumeBindingMode'],
    cell: (storageClass) => storageClass.volumeBindingMode ?? 'Immediate',
  },
  {
    name: 'AllowVolumeExpansion',
    description: ['storage/v1.StorageClass', 'allowVolumeExpansion'],
    cell: (storageClass) => storageClass.allowVolumeExpansion ?? false,
  },
  ageColumn,
]);

export const csiDriverColumns = columns<storagev1.CSIDriver>([
  nameColumn,
  {
    name: 'AttachRequired',
    type: 'boolean',
    description: ['storage/v1.CSIDriverSpec', 'attachRequired'],
    cell: (driver) => driver.spec.attachRequired ?? true,
  },
  {
    name: 'PodInfoOnMount',
    type: 'boolean',
    description: ['storage/v1.CSIDriverSpec', 'podInfoOnMount'],
    cell: (driver) => driver.spec.podInfoOnMount ?? false,
  },
  {
    name: 'StorageCapacity',
    type: 'boolean',
    description: ['storage/v1.CSIDriverSpec', 'storageCapacity'],
    cell: (driver) => driver.spec.storageCapacity ?? false,
  },
  {
    name: 'TokenRequests',
    description: ['storage/v1.CSIDriverSpec', 'tokenRequests'],
    cell: (driver) => driver.spec.tokenRequests?.map(({ audience }) => audience).join(',') ?? unset,
  },
  {
    name: 'RequiresRepublish',
    type: 'boolean',
    description: ['storage/v1.CSIDriverSpec', 'requiresRepublish'],
    cell: (driver) => driver.spec.requiresRepublish ?? false,
  },
  {
    name: 'Modes',
    description: ['storage/v1.CSIDriverSpec', 'volumeLifecycleModes'],
    cell: (driver) => (driver.spec.volumeLifecycleModes ?? []).join(',') || '<none>',
  },
  ageColumn,
]);

export const csiNodeColumns = columns<storagev1.CSINode>([
  nameColumn,
  {
    name: 'Drivers',
    type: 'integer',
    description: 'Drivers indicates the number of CSI drivers registered on the node',
    cell: (node) => (node.spec.drivers ?? []).length,
  },
  ageColumn,
]);

export const volumeAttachmentColumns = columns<storagev1.VolumeAttachment>([
  nameColumn,
  {
    name: 'Attacher',
    format: 'name',
    description: ['storage/v1.VolumeAttachmentSpec', 'attacher'],
    cell: (attachment) => attachment.spec.attacher,
  },
  {
    name: 'PV',
    description: ['storage/v1.VolumeAttachmentSource', 'persistentVolumeName'],
    cell: (attachment) => attachment.spec.source.persistentVolumeName ?? '',
  },
  {
    name: 'Node',
    description: ['storage/v1.VolumeAttachmentSpec', 'nodeName'],
    cell: (attachment) => attachment.spec.nodeName,
  },
  {
    name: 'Attached',
    type: 'boolean',
    description: ['storage/v1.VolumeAttachmentStatus', 'attached'],
    cell: (attachment) => attachment.status?.attached ?? false,
  },
  ageColumn,
]);

export const volumeAttributesClassColumns = columns<storagev1.VolumeAttributesClass>([
  {
    ...nameColumn,
    cell: ({ metadata }) => markedName(metadata, 'volumeattributesclass.alpha.kubernetes.io/is-default-class'),
  },
  {
    name: 'DriverName',
    description: ['storage/v1.VolumeAttributesClass', 'driverName'],
    cell: (attributesClass) => attributesClass.driverName,
  },
  ageColumn,
]);
