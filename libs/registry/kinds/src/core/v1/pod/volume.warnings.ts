import { type FieldPath, goQuote } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
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
  for (const [index, volume] of volumes.entries())
    for (const driver of goneDrivers)
      if (volume[driver.field])
        warn(path.index(index).child('shownAs' in driver ? driver.shownAs : driver.field), driver.message);
  tokenPathWarnings(volumes, path, warn);
}

/** A file that another source puts where a token belongs. */
function tokenPathWarnings(volumes: readonly corev1.Volume[], path: FieldPath, warn: Warn): void {
  const sources = volumes.flatMap((volume, index) =>
    (volume.projected?.sources ?? []).map((source) => ({
      source,
      at: path.index(index).child('projected', 'sources'),
    })),
  );
  const tokens = new Set(
    sources.flatMap(({ source }) => (source.serviceAccountToken ? [source.serviceAccountToken.path] : [])),
  );
  if (tokens.size === 0) return;
  const check = (at: FieldPath, file: string): void => {
    if (tokens.has(file)) warn(at, `has duplicated path with ServiceAccountToken ${goQuote(file)}`);
  };
  for (const { source, at } of sources) {
    for (const [i, item] of (source.configMap?.items ?? []).entries()) check(at.child('configMap').index(i), item.path);
    for (const [i, item] of (source.secret?.items ?? []).entries()) check(at.child('secrets').index(i), item.path);
    for (const [i, item] of (source.downwardAPI?.items ?? []).entries())
      check(at.child('downwardAPI').index(i), item.path);
    if (source.clusterTrustBundle) check(at.child('ClusterTrustBundle'), source.clusterTrustBundle.path);
  }
}
