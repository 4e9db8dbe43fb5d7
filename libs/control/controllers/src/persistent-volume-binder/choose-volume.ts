import type { Claim, Volume } from '@reckon/control/runtime';
import {
  classNameOf,
  compareSizes,
  findMatchingVolume,
  hasAccessModes,
  isBoundTo,
  isSameAttributesClass,
  isSameVolumeMode,
  requestOf,
  sizeOf,
  type VolumeSearch,
} from '@reckon/control/runtime';

/**
 * The volume for a claim that names none (index.go `findByClaim`): of those with the fewest access modes that have all that it wants,
 * then of the next, so that a volume that many may share is not spent on one who wants it alone.
 */
export function chooseVolume(
  claim: Claim,
  volumes: readonly Volume[],
  among: VolumeSearch['among'],
): Volume | undefined {
  const byModes = new Map<string, Volume[]>();
  for (const volume of volumes) {
    const isTaken = volume.spec?.claimRef !== undefined && !isBoundTo(volume, claim);
    if (isTaken || !hasAccessModes(volume, claim)) continue;
    const modes = [...new Set(volume.spec?.accessModes)].sort().join();
    const group = byModes.get(modes);
    if (group === undefined) byModes.set(modes, [volume]);
    else group.push(volume);
  }
  const groups = [...byModes].sort(([a], [b]) => count(a) - count(b) || (a < b ? -1 : 1));
  for (const [, group] of groups) {
    const found = findMatchingVolume(claim, group, { among });
    if (found !== undefined) return found;
  }
  return undefined;
}

const count = (modes: string): number => modes.split(',').length;

/** Why a claim cannot have the volume that it names (`checkVolumeSatisfyClaim`); undefined: it can. */
export function misfit(volume: Volume, claim: Claim): string | undefined {
  const { name = '', deletionTimestamp } = volume.metadata;
  if (deletionTimestamp !== undefined) return `the volume is marked for deletion "${name}"`;
  if (compareSizes(sizeOf(volume), requestOf(claim)) < 0) return 'requested PV is too small';
  if (classNameOf(volume) !== classNameOf(claim)) return 'storageClassName does not match';
  if (!isSameAttributesClass(volume, claim)) return 'volumeAttributesClassName does not match';
  if (!isSameVolumeMode(volume, claim)) return 'incompatible volumeMode';
  if (!hasAccessModes(volume, claim)) return 'incompatible accessMode';
  return undefined;
}
