import type { FieldPath } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { claimSizeWarnings } from '../persistent-volume-claim/claim-size.warnings';
import type { Warn } from './pod.warnings';

/** Drivers that are gone, with the path's last step as upstream writes it. */
const goneDrivers = [
  { field: 'photonPersistentDisk', message: 'deprecated in v1.11, non-functional in v1.16+' },
  { field: 'gitRepo', message: 'deprecated in v1.11, and disabled by default in v1.33+' },
  { field: 'scaleIO', message: 'deprecated in v1.16, non-functional in v1.22+' },
  { field: 'flocker', message: 'deprecated in v1.22, non-functional in v1.25+' },
  { field: 'storageos', shownAs: 'storageOS', message: 'deprecated in v1.22, non-functional in v1.25+' },
  { field: 'quobyte', message: 'deprecated in v1.22, non-functional in v1.25+' },
  { field: 'glusterfs', message: 'deprecated in v1.25, non-functional in v1.26+' },
  { field: 'cephfs', message: 'deprecated in v1.28, non-functional in v1.31+' },
  { field: 'rbd', message: 'deprecated in v1.28, non-functional in v1.31+' },
] as const satisfies readonly { field: keyof corev1.Volume; shownAs?: string; message: string }[];

export function volumeWarnings(volumes: readonly corev1.Volume[], path: FieldPath, warn: Warn): void {
  for (const [index, volume] of volumes.entries()) {
    const at = path.index(index);
    for (const driver of goneDrivers)
      if (volume[driver.field]) warn(at.child('shownAs' in driver ? driver.shownAs : driver.field), driver.message);
    const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
    if (claim) claimSizeWarnings(claim, at.child('ephemeral', 'volumeClaimTemplate', 'spec'), warn);
  }
}
