import { goQuote } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';

/** A file of a volume, and what puts it there where several sources may. */
interface Placed {
  readonly path: string;
  readonly by: string;
}

type Items = readonly { readonly path?: string }[] | undefined;

const shown = ({ path, by }: Placed): string => (by === '' ? goQuote(path) : `${goQuote(path)} (${by})`);

/** Files of a volume of which one hides the other, or would have to be a folder (warningsForOverlappingVirtualPaths). */
export function overlapWarnings(volumes: readonly corev1.Volume[]): string[] {
  const warnings: string[] = [];
  for (const { name, configMap, secret, downwardAPI, projected } of volumes) {
    const volume = `volume ${goQuote(name)}`;
    const add = (source: string, files: readonly Placed[]): void => {
      for (const overlap of overlapsOf(files)) warnings.push(`${volume} (${source}): overlapping paths: ${overlap}`);
    };
    if (configMap?.items) add(`ConfigMap ${goQuote(configMap.name ?? '')}`, placed(configMap.items, ''));
    if (secret?.items) add(`Secret ${goQuote(secret.secretName ?? '')}`, placed(secret.items, ''));
    if (downwardAPI?.items) add('DownwardAPI', placed(downwardAPI.items, ''));
    const sources = projected?.sources ?? [];
    for (const source of sources)
      if (Object.keys(source).length === 0) warnings.push(`${volume} (Projected) has no sources provided`);
    add('Projected', sources.flatMap(projectedFiles));
  }
  return warnings;
}

const placed = (items: Items, by: string): Placed[] =>
  (items ?? []).map(({ path = '' }) => ({ path: path.replace(/\/+$/, ''), by }));

function projectedFiles({
  configMap,
  secret,
  downwardAPI,
  serviceAccountToken,
}: corev1.VolumeProjection): readonly Placed[] {
  if (configMap?.items) return placed(configMap.items, `ConfigMap ${goQuote(configMap.name ?? '')}`);
  if (secret?.items) return placed(secret.items, `Secret ${goQuote(secret.name ?? '')}`);
  if (downwardAPI?.items) return placed(downwardAPI.items, 'DownwardAPI');
  return serviceAccountToken ? placed([serviceAccountToken], 'ServiceAccountToken') : [];
}

function overlapsOf(files: readonly Placed[]): string[] {
  const overlaps: string[] = [];
  for (const [index, file] of files.entries())
    for (const other of files.slice(0, index))
      if (overlap(file.path, other.path)) overlaps.push(`${shown(file)} with ${shown(other)}`);
  return overlaps;
}

const overlap = (a: string, b: string): boolean =>
  a !== '' && b !== '' && (`${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`));
