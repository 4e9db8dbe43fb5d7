import type { corev1 } from '@reckon/api/types';
import type { Claim, Told, Volume } from '@reckon/control/runtime';
import { compareSizes, sizeOf } from '@reckon/control/runtime';
import { type BinderParts, tellOfClaim, tellOfVolume, writeClaim, writeVolume } from './binder-parts';

export type VolumePhase = 'Available' | 'Bound' | 'Released' | 'Failed';

/** Writes the phase when it is another than before (`updateVolumePhase`); `told` is then told, and its message kept. */
export async function setVolumePhase(
  parts: BinderParts,
  volume: Volume,
  phase: VolumePhase,
  told?: Told,
): Promise<Volume> {
  if (volume.status?.phase === phase) return volume;
  const status: corev1.PersistentVolumeStatus = { ...volume.status, phase };
  if (told === undefined) delete status.message;
  else status.message = told.message;
  const written = await writeVolume(parts, { ...volume, status }, 'status');
  if (told !== undefined) tellOfVolume(parts, written, told);
  return written;
}

/**
 * What a claim says of the volume that it is bound to (`updateClaimStatus`). How large it is, and of which attributes, is taken from
 * the volume once: later others may know better than the volume (a file system that has not grown yet).
 */
export async function setClaimBound(parts: BinderParts, claim: Claim, volume: Volume): Promise<Claim> {
  const before = claim.status ?? {};
  const accessModes = volume.spec?.accessModes ?? [];
  const isNew = before.phase !== 'Bound';
  const isSame =
    !isNew &&
    accessModes.length === (before.accessModes?.length ?? 0) &&
    accessModes.every((mode, i) => mode === before.accessModes?.[i]);
  if (isSame) return claim;
  return writeClaim(
    parts,
    { ...claim, status: { ...before, phase: 'Bound', accessModes, ...(isNew ? takenFrom(volume, before) : {}) } },
    'status',
  );
}

function takenFrom(volume: Volume, before: corev1.PersistentVolumeClaimStatus): corev1.PersistentVolumeClaimStatus {
  const { capacity, volumeAttributesClassName } = volume.spec ?? {};
  if (capacity?.['storage'] === undefined)
    throw new Error(`PersistentVolume "${volume.metadata.name ?? ''}" is without a storage capacity`);
  const known = before.capacity?.['storage'];
  return {
    ...(known !== undefined && compareSizes(known, sizeOf(volume)) === 0 ? {} : { capacity }),
    ...(volumeAttributesClassName === undefined ? {} : { currentVolumeAttributesClassName: volumeAttributesClassName }),
  };
}

/** The claim has no volume (yet, or any more). */
export async function setClaimUnbound(
  parts: BinderParts,
  claim: Claim,
  phase: 'Pending' | 'Lost',
  told?: Told,
): Promise<Claim> {
  // Told once, when it comes to be.
  if (told !== undefined && claim.status?.phase === phase) return claim;
  const { accessModes, capacity, currentVolumeAttributesClassName, ...rest } = claim.status ?? {};
  const isSame =
    rest.phase === phase &&
    accessModes === undefined &&
    capacity === undefined &&
    currentVolumeAttributesClassName === undefined;
  if (isSame) return claim;
  const written = await writeClaim(parts, { ...claim, status: { ...rest, phase } }, 'status');
  if (told !== undefined) tellOfClaim(parts, written, told);
  return written;
}
