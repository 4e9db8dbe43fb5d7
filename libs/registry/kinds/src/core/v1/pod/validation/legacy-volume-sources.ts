import { type FieldPath, fieldErrors, validateDns1123Label } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { byteLength, checkOptionalOneOf, checkRequired, checkText, type Errors } from '../../../../field-checks';
import { checkDescendingPath } from './paths';
import type { SourceCheck } from './volume-sources';

const partitionMessage = 'must be between 1 and 255, inclusive';
const lunMessage = 'must be between 0 and 255, inclusive';
const initiators: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[a-zA-Z0-9]{16}$/,
  naa: /^naa.[a-zA-Z0-9]{32}$/,
};

/** Required fields of drivers that the tree no longer has; the API still takes them. */
export const legacySources = {
  gitRepo: (errors: Errors, path: FieldPath, source: corev1.GitRepoVolumeSource): void => {
    checkRequired(errors, path.child('repository'), source.repository);
    checkDescendingPath(errors, path.child('directory'), source.directory ?? '');
  },
  gcePersistentDisk: (errors: Errors, path: FieldPath, source: corev1.GCEPersistentDiskVolumeSource): void => {
    checkRequired(errors, path.child('pdName'), source.pdName);
    checkPartition(errors, path, source.partition);
  },
  awsElasticBlockStore: (errors: Errors, path: FieldPath, source: corev1.AWSElasticBlockStoreVolumeSource): void => {
    checkRequired(errors, path.child('volumeID'), source.volumeID);
    checkPartition(errors, path, source.partition);
  },
  iscsi: (errors: Errors, path: FieldPath, source: corev1.ISCSIVolumeSource): void => {
    checkRequired(errors, path.child('targetPortal'), source.targetPortal);
    if (!source.iqn) errors.push(fieldErrors.required(path.child('iqn')));
    else checkInitiator(errors, path.child('iqn'), source.iqn);
    checkLun(errors, path, source.lun);
    if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef)
      errors.push(fieldErrors.required(path.child('secretRef')));
    if (source.initiatorName !== undefined) checkInitiator(errors, path.child('initiatorname'), source.initiatorName);
  },
  glusterfs: (errors: Errors, path: FieldPath, source: corev1.GlusterfsVolumeSource): void => {
    checkRequired(errors, path.child('endpoints'), source.endpoints);
    checkRequired(errors, path.child('path'), source.path);
  },
  flocker: (errors: Errors, path: FieldPath, source: corev1.FlockerVolumeSource): void => {
    const { datasetName = '', datasetUUID = '' } = source;
    if (datasetName === '' && datasetUUID === '')
      errors.push(fieldErrors.required(path, 'one of datasetName and datasetUUID is required'));
    if (datasetName !== '' && datasetUUID !== '')
      errors.push(
        fieldErrors.invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'),
      );
    if (datasetName.includes('/'))
      errors.push(fieldErrors.invalid(path.child('datasetName'), datasetName, "must not contain '/'"));
  },
  rbd: (errors: Errors, path: FieldPath, source: corev1.RBDVolumeSource): void => {
    if ((source.monitors ?? []).length === 0) errors.push(fieldErrors.required(path.child('monitors')));
    checkRequired(errors, path.child('image'), source.image);
  },
  cinder: (errors: Errors, path: FieldPath, source: corev1.CinderVolumeSource): void => {
    checkRequired(errors, path.child('volumeID'), source.volumeID);
    if (source.secretRef) checkRequired(errors, path.child('secretRef', 'name'), source.secretRef.name);
  },
  cephfs: (errors: Errors, path: FieldPath, source: corev1.CephFSVolumeSource): void => {
    if ((source.monitors ?? []).length === 0) errors.push(fieldErrors.required(path.child('monitors')));
  },
  quobyte: (errors: Errors, path: FieldPath, source: corev1.QuobyteVolumeSource): void => {
    const needsPairs = 'must be a host:port pair or multiple pairs separated by commas';
    if (!source.registry) errors.push(fieldErrors.required(path.child('registry'), needsPairs));
    else if (byteLength(source.tenant ?? '') >= 65)
      errors.push(
        fieldErrors.required(path.child('tenant'), 'must be a UUID and may not exceed a length of 64 characters'),
      );
    else
      for (const pair of source.registry.split(','))
        if (!/^(?:\[[^\][]*\]|[^:\][]*):[^:\][]*$/.test(pair))
          errors.push(fieldErrors.invalid(path.child('registry'), source.registry, needsPairs));
    checkRequired(errors, path.child('volume'), source.volume);
  },
  fc: (errors: Errors, path: FieldPath, source: corev1.FCVolumeSource): void => {
    const names = source.targetWWNs ?? [];
    const ids = source.wwids ?? [];
    if (names.length === 0 && ids.length === 0)
      errors.push(
        fieldErrors.required(path.child('targetWWNs'), 'must specify either targetWWNs or wwids, but not both'),
      );
    if (names.length > 0 && ids.length > 0)
      errors.push(
        fieldErrors.invalid(
          path.child('targetWWNs'),
          names,
          'targetWWNs and wwids can not be specified simultaneously',
        ),
      );
    if (names.length === 0) return;
    if (source.lun === undefined)
      errors.push(fieldErrors.required(path.child('lun'), 'lun is required if targetWWNs is specified'));
    else checkLun(errors, path, source.lun);
  },
  flexVolume: (errors: Errors, path: FieldPath, source: corev1.FlexVolumeSource): void => {
    checkRequired(errors, path.child('driver'), source.driver);
    for (const key of Object.keys(source.options ?? {})) {
      const domain = `.${(key.includes('/') ? key.slice(0, key.indexOf('/')) : key).toLowerCase()}`;
      if (domain.endsWith('.kubernetes.io') || domain.endsWith('.k8s.io'))
        errors.push(
          fieldErrors.invalid(path.child('options').key(key), key, 'kubernetes.io and k8s.io namespaces are reserved'),
        );
    }
  },
  azureFile: (errors: Errors, path: FieldPath, source: corev1.AzureFileVolumeSource): void => {
    checkRequired(errors, path.child('secretName'), source.secretName);
    checkRequired(errors, path.child('shareName'), source.shareName);
  },
  vsphereVolume: (errors: Errors, path: FieldPath, source: corev1.VsphereVirtualDiskVolumeSource): void =>
    checkRequired(errors, path.child('volumePath'), source.volumePath),
  photonPersistentDisk: (errors: Errors, path: FieldPath, source: corev1.PhotonPersistentDiskVolumeSource): void =>
    checkRequired(errors, path.child('pdID'), source.pdID),
  portworxVolume: (errors: Errors, path: FieldPath, source: corev1.PortworxVolumeSource): void =>
    checkRequired(errors, path.child('volumeID'), source.volumeID),
  azureDisk: (errors: Errors, path: FieldPath, source: corev1.AzureDiskVolumeSource): void => {
    checkRequired(errors, path.child('diskName'), source.diskName);
    checkRequired(errors, path.child('diskURI'), source.diskURI);
    checkOptionalOneOf(errors, path.child('cachingMode'), source.cachingMode, ['None', 'ReadOnly', 'ReadWrite']);
    checkOptionalOneOf(errors, path.child('kind'), source.kind, ['Dedicated', 'Managed', 'Shared']);
    const uri = source.diskURI ?? '';
    const managed = source.kind === 'Managed';
    if (source.kind !== undefined && !uri.startsWith(managed ? '/subscriptions/' : 'https://'))
      errors.push(
        fieldErrors.notSupported(path.child('diskURI'), uri, [
          managed
            ? '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
            : 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd',
        ]),
      );
  },
  storageos: (errors: Errors, path: FieldPath, source: corev1.StorageOSVolumeSource): void => {
    if (!source.volumeName) errors.push(fieldErrors.required(path.child('volumeName')));
    else checkText(errors, path.child('volumeName'), source.volumeName, validateDns1123Label);
    if (source.volumeNamespace)
      checkText(errors, path.child('volumeNamespace'), source.volumeNamespace, validateDns1123Label);
    if (source.secretRef) checkRequired(errors, path.child('secretRef', 'name'), source.secretRef.name);
  },
  scaleIO: (errors: Errors, path: FieldPath, source: corev1.ScaleIOVolumeSource): void => {
    checkRequired(errors, path.child('gateway'), source.gateway);
    checkRequired(errors, path.child('system'), source.system);
    checkRequired(errors, path.child('volumeName'), source.volumeName);
  },
} satisfies Record<string, SourceCheck>;

function checkPartition(errors: Errors, path: FieldPath, partition: number | undefined): void {
  if (partition !== undefined && (partition < 0 || partition > 255))
    errors.push(fieldErrors.invalid(path.child('partition'), partition, partitionMessage));
}

function checkLun(errors: Errors, path: FieldPath, lun: number): void {
  if (lun < 0 || lun > 255) errors.push(fieldErrors.invalid(path.child('lun'), lun, lunMessage));
}

function checkInitiator(errors: Errors, path: FieldPath, name: string): void {
  const pattern = initiators[name.slice(0, 3)];
  if (pattern === undefined)
    errors.push(fieldErrors.invalid(path, name, 'must be valid format starting with iqn, eui, or naa'));
  else if (!pattern.test(name)) errors.push(fieldErrors.invalid(path, name, 'must be valid format'));
}
