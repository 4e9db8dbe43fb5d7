import type { corev1 } from '@reckon/api/types';
import { setVolumeSourceDefaults } from '../pod/volume.defaults';
import { roundResourceList } from '../resource-list';

/** SetDefaults_PersistentVolume. */
export function setPersistentVolumeDefaults(volume: corev1.PersistentVolume): void {
  const status = (volume.status ??= {});
  if (!status.phase) status.phase = 'Pending';
  const spec = (volume.spec ??= {});
  if (!spec.persistentVolumeReclaimPolicy) spec.persistentVolumeReclaimPolicy = 'Retain';
  spec.volumeMode ??= 'Filesystem';
  setVolumeSpecDefaults(spec);
}

/** Those of the parts, which a volume inside an attachment gets as well. */
export function setVolumeSpecDefaults(spec: corev1.PersistentVolumeSpec): void {
  roundResourceList(spec.capacity);
  setVolumeSourceDefaults(spec);
}
