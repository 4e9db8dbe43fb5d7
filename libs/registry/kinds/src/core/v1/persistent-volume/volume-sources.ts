import {
  type FieldPath,
  fieldErrors,
  nameIsDnsLabel,
  validateDns1123Label,
  validateDns1123Subdomain,
} from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkRequired, checkText, type Errors } from '../../../field-checks';
import { checkNoBacksteps } from '../pod/validation/paths';
import { legacySources } from '../pod/validation/legacy-volume-sources';
import { checkDriverName, sources } from '../pod/validation/volume-sources';

/** Checks one kind of source. Each takes its own type; the table in `volume-spec.validation.ts` pairs them. */
export type VolumeSourceCheck = (errors: Errors, path: FieldPath, source: never, volumeName: string) => void;

const lunMessage = 'must be between 0 and 255, inclusive';
const initiators: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[a-zA-Z0-9]{16}$/,
  naa: /^naa.[a-zA-Z0-9]{32}$/,
};

/** What a volume of the cluster may be made of; where a pod's volume has the same source, its check is the same. */
export const volumeSources = {
  hostPath: sources.hostPath,
  gcePersistentDisk: legacySources.gcePersistentDisk,
  awsElasticBlockStore: legacySources.awsElasticBlockStore,
  glusterfs: (errors: Errors, path: FieldPath, source: corev1.GlusterfsPersistentVolumeSource): void => {
    checkRequired(errors, path.child('endpoints'), source.endpoints);
    checkRequired(errors, path.child('path'), source.path);
    const { endpointsNamespace } = source;
    if (endpointsNamespace === undefined) return;
    const namespacePath = path.child('endpointsNamespace');
    if (endpointsNamespace === '')
      errors.push(
        fieldErrors.invalid(
          namespacePath,
          endpointsNamespace,
          'if the endpointnamespace is set, it must be a valid namespace name',
        ),
      );
    else checkText(errors, namespacePath, endpointsNamespace, (name) => nameIsDnsLabel(name, 'name'));
  },
  flocker: legacySources.flocker,
  nfs: sources.nfs,
  rbd: legacySources.rbd,
  quobyte: legacySources.quobyte,
  cephfs: legacySources.cephfs,
  iscsi: (errors: Errors, path: FieldPath, source: corev1.ISCSIPersistentVolumeSource, volumeName: string): void => {
    checkRequired(errors, path.child('targetPortal'), source.targetPortal);
    if (source.initiatorName !== undefined && Buffer.byteLength(`${volumeName}:${source.targetPortal ?? ''}`) > 64)
      errors.push(
        fieldErrors.invalid(
          path.child('targetportal'),
          source.targetPortal ?? '',
          'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.',
        ),
      );
    if (!source.iqn) errors.push(fieldErrors.required(path.child('iqn')));
    else checkInitiator(errors, path.child('iqn'), source.iqn);
    const lun = source.lun ?? 0;
    if (lun < 0 || lun > 255) errors.push(fieldErrors.invalid(path.child('lun'), lun, lunMessage));
    if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef)
      errors.push(fieldErrors.required(path.child('secretRef')));
    if (source.secretRef) checkRequired(errors, path.child('secretRef', 'name'), source.secretRef.name);
    if (source.initiatorName !== undefined) checkInitiator(errors, path.child('initiatorname'), source.initiatorName);
  },
  cinder: (errors: Errors, path: FieldPath, source: corev1.CinderPersistentVolumeSource): void => {
    checkRequired(errors, path.child('volumeID'), source.volumeID);
    if (source.secretRef) checkNamed(errors, path.child('secretRef'), source.secretRef);
  },
  fc: legacySources.fc,
  flexVolume: legacySources.flexVolume,
  azureFile: (errors: Errors, path: FieldPath, source: corev1.AzureFilePersistentVolumeSource): void => {
    checkRequired(errors, path.child('secretName'), source.secretName);
    checkRequired(errors, path.child('shareName'), source.shareName);
    if (source.secretNamespace !== undefined)
      checkRequired(errors, path.child('secretNamespace'), source.secretNamespace);
  },
  vsphereVolume: legacySources.vsphereVolume,
  photonPersistentDisk: legacySources.photonPersistentDisk,
  portworxVolume: legacySources.portworxVolume,
  azureDisk: legacySources.azureDisk,
  scaleIO: legacySources.scaleIO,
  local: (errors: Errors, path: FieldPath, source: corev1.LocalVolumeSource): void => {
    if (!source.path) errors.push(fieldErrors.required(path.child('path')));
    else checkNoBacksteps(errors, path.child('path'), source.path);
  },
  storageos: (errors: Errors, path: FieldPath, source: corev1.StorageOSPersistentVolumeSource): void => {
    if (!source.volumeName) errors.push(fieldErrors.required(path.child('volumeName')));
    else checkText(errors, path.child('volumeName'), source.volumeName, validateDns1123Label);
    if (source.volumeNamespace)
      checkText(errors, path.child('volumeNamespace'), source.volumeNamespace, validateDns1123Label);
    if (source.secretRef) checkNamed(errors, path.child('secretRef'), source.secretRef);
  },
  csi: (errors: Errors, path: FieldPath, source: corev1.CSIPersistentVolumeSource): void => {
    checkDriverName(errors, path.child('driver'), source.driver ?? '');
    checkRequired(errors, path.child('volumeHandle'), source.volumeHandle);
    // Which secret the node stages with is nobody's business.
    for (const field of [
      'controllerPublishSecretRef',
      'controllerExpandSecretRef',
      'nodePublishSecretRef',
      'nodeExpandSecretRef',
    ] as const) {
      const secret = source[field];
      if (secret) checkSecretReference(errors, path.child(field), secret);
    }
  },
} satisfies Record<string, VolumeSourceCheck>;

interface Named {
  readonly name?: string;
  readonly namespace?: string;
}

function checkNamed(errors: Errors, path: FieldPath, reference: Named): void {
  checkRequired(errors, path.child('name'), reference.name);
  checkRequired(errors, path.child('namespace'), reference.namespace);
}

/** `validatePVSecretReference`. */
function checkSecretReference(errors: Errors, path: FieldPath, { name, namespace }: Named): void {
  if (!name) errors.push(fieldErrors.required(path.child('name')));
  else checkText(errors, path.child('name'), name, validateDns1123Subdomain);
  if (!namespace) errors.push(fieldErrors.required(path.child('namespace')));
  else checkText(errors, path.child('namespace'), namespace, validateDns1123Label);
}

function checkInitiator(errors: Errors, path: FieldPath, name: string): void {
  if (initiators[name.slice(0, 3)]?.test(name) !== true)
    errors.push(fieldErrors.invalid(path, name, 'must be valid format'));
}
