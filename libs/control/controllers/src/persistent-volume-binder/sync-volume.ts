import { objectKey } from '@reckon/client/cache';
import type { Claim, Volume } from '@reckon/control/runtime';
import { isMarked, isSameVolumeMode, volumeMarks } from '@reckon/control/runtime';
import { unbind } from './bind';
import { type BinderParts, claimKeyOf, liveClaim, tellOfClaim, tellOfVolume } from './binder-parts';
import { setVolumePhase } from './phases';
import { reclaim } from './reclaim';

/** What is to be done about a volume (pkg/controller/volume/persistentvolume `syncVolume`). */
export async function syncVolume(parts: BinderParts, volume: Volume): Promise<void> {
  const ref = volume.spec?.claimRef;
  if (ref === undefined || (ref.uid ?? '') === '') {
    // Free, or kept for a claim that is not bound yet: its own sync does that.
    await setVolumePhase(parts, volume, 'Available');
    return;
  }
  const claim = await claimOf(parts, volume);
  const volumeName = claim?.spec?.volumeName ?? '';
  if (claim === undefined) await release(parts, volume);
  else if (volumeName === '') finishByClaim(parts, volume, claim);
  else if (volumeName === volume.metadata.name) await setVolumePhase(parts, volume, 'Bound');
  else if (isMarked(volume, volumeMarks.provisionedBy) && volume.spec?.persistentVolumeReclaimPolicy === 'Delete')
    // Made for this claim, which has another: nobody wants it.
    await release(parts, volume);
  else await unbind(parts, volume);
}

/**
 * The claim that the volume is bound to; undefined when it is gone, even if another has its name now. A cache that does not show it
 * may only be behind, and a volume must not be reclaimed for that: the server is asked.
 */
async function claimOf(parts: BinderParts, volume: Volume): Promise<Claim | undefined> {
  const uid = volume.spec?.claimRef?.uid;
  const cached = parts.claims.byKey(claimKeyOf(volume));
  if (cached?.metadata.uid === uid) return cached;
  if (cached === undefined && isReleased(volume)) return undefined;
  const live = await liveClaim(parts, volume);
  return live?.metadata.uid === uid ? live : undefined;
}

const isReleased = ({ status }: Volume): boolean => status?.phase === 'Released' || status?.phase === 'Failed';

async function release(parts: BinderParts, volume: Volume): Promise<void> {
  await reclaim(parts, isReleased(volume) ? volume : await setVolumePhase(parts, volume, 'Released'));
}

/** Half done: the volume has its claim, the claim not yet its volume. */
function finishByClaim(parts: BinderParts, volume: Volume, claim: Claim): void {
  if (isSameVolumeMode(volume, claim)) {
    parts.enqueueClaim(objectKey(claim));
    return;
  }
  const told = { type: 'Warning', reason: 'VolumeMismatch' } as const;
  const why = 'due to incompatible volumeMode.';
  const [volumeName, claimName] = [volume.metadata.name ?? '', claim.metadata.name ?? ''];
  tellOfVolume(parts, volume, {
    ...told,
    message: `Cannot bind PersistentVolume to requested PersistentVolumeClaim "${claimName}" ${why}`,
  });
  tellOfClaim(parts, claim, {
    ...told,
    message: `Cannot bind PersistentVolume "${volumeName}" to requested PersistentVolumeClaim ${why}`,
  });
}
