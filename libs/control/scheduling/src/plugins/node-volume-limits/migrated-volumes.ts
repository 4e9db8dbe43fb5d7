import type { corev1 } from '@reckon/api/types';

/** A volume as its CSI driver knows it. */
export interface CsiVolume {
  readonly driver: string;
  readonly handle: string;
}

/** What pods and volumes may name the old way, without a driver. */
type Source = Pick<
  corev1.PersistentVolumeSpec & corev1.Volume,
  'awsElasticBlockStore' | 'azureDisk' | 'gcePersistentDisk' | 'portworxVolume'
> & { readonly cinder?: { readonly volumeID: string } };

/** In-tree plugins by the provisioner of their classes, and who has taken over from them; '' counts nothing (csi-translation-lib). */
const drivers: Readonly<Record<string, string>> = {
  'kubernetes.io/aws-ebs': 'ebs.csi.aws.com',
  'kubernetes.io/azure-disk': 'disk.csi.azure.com',
  'kubernetes.io/cinder': 'cinder.csi.openstack.org',
  'kubernetes.io/gce-pd': 'pd.csi.storage.gke.io',
  'kubernetes.io/portworx-volume': 'pxd.portworx.com',
  'kubernetes.io/azure-file': '',
  'kubernetes.io/vsphere-volume': '',
};

/** The driver that makes the volumes of a class. */
export const driverOfProvisioner = (provisioner: string): string =>
  Object.hasOwn(drivers, provisioner) ? (drivers[provisioner] ?? '') : provisioner;

/** Undefined: no volume that a CSI driver has taken over. `zone`: of the volume's labels. */
export function migratedVolume(source: Source, zone = 'UNSPECIFIED'): CsiVolume | undefined {
  const { awsElasticBlockStore: ebs, azureDisk, gcePersistentDisk: disk, portworxVolume, cinder } = source;
  const as = (plugin: string, handle: string): CsiVolume => ({ driver: drivers[plugin] ?? '', handle });
  // May be written `aws://<zone>/<volume>`.
  if (ebs !== undefined) return as('kubernetes.io/aws-ebs', ebs.volumeID.slice(ebs.volumeID.lastIndexOf('/') + 1));
  if (azureDisk !== undefined) return as('kubernetes.io/azure-disk', azureDisk.diskURI);
  if (disk !== undefined) return as('kubernetes.io/gce-pd', `projects/UNSPECIFIED/zones/${zone}/disks/${disk.pdName}`);
  if (portworxVolume !== undefined) return as('kubernetes.io/portworx-volume', portworxVolume.volumeID);
  return cinder === undefined ? undefined : as('kubernetes.io/cinder', cinder.volumeID);
}
