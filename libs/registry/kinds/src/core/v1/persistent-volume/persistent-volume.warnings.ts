import { fieldPath } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { termWarnings } from '../pod/node-label.warnings';
import { betaMountOptionsWarnings, betaStorageClassWarnings } from './beta-annotations';

/** Drivers that are gone, with the path's last step as upstream writes it. */
const goneDrivers = [
  { field: 'cephfs', message: 'deprecated in v1.28, non-functional in v1.31+' },
  { field: 'photonPersistentDisk', message: 'deprecated in v1.11, non-functional in v1.16+' },
  { field: 'scaleIO', message: 'deprecated in v1.16, non-functional in v1.22+' },
  { field: 'storageos', shownAs: 'storageOS', message: 'deprecated in v1.22, non-functional in v1.25+' },
  { field: 'glusterfs', message: 'deprecated in v1.25, non-functional in v1.26+' },
  { field: 'rbd', message: 'deprecated in v1.28, non-functional in v1.31+' },
] as const satisfies readonly { field: keyof corev1.PersistentVolumeSpec; shownAs?: string; message: string }[];

/** pkg/api/persistentvolume.GetWarningsForPersistentVolume. */
export function persistentVolumeWarnings({ metadata, spec = {} }: corev1.PersistentVolume): string[] {
  const warnings = [...betaStorageClassWarnings(metadata), ...betaMountOptionsWarnings(metadata)];
  if (spec.persistentVolumeReclaimPolicy === 'Recycle')
    warnings.push(
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    );
  const termsPath = fieldPath('spec', 'nodeAffinity', 'required', 'nodeSelectorTerms');
  for (const [index, term] of (spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).entries())
    termWarnings(term, termsPath.index(index), (at, text) => warnings.push(`${at.toString()}: ${text}`));
  for (const driver of goneDrivers)
    if (spec[driver.field])
      warnings.push(`spec.${'shownAs' in driver ? driver.shownAs : driver.field}: ${driver.message}`);
  return warnings;
}
