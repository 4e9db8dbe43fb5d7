import { reasonOf } from '@reckon/api/machinery';
import type { Volume } from '@reckon/control/runtime';
import { isMarked, volumeMarks } from '@reckon/control/runtime';
import { unbind } from './bind';
import { type BinderParts, tellOfVolume } from './binder-parts';
import { setVolumePhase } from './phases';
import { dispose, isRecyclable } from './volume-plugins';

/** Does with a volume that its claim has left as its policy says (`reclaimVolume`). */
export async function reclaim(parts: BinderParts, volume: Volume): Promise<void> {
  // Another program looks after it.
  if (isMarked(volume, volumeMarks.migratedTo) && volume.metadata.annotations?.[volumeMarks.migratedTo] !== '') return;
  switch (volume.spec?.persistentVolumeReclaimPolicy ?? 'Retain') {
    case 'Retain':
      return;
    case 'Recycle':
      await recycle(parts, volume);
      return;
    case 'Delete':
      await remove(parts, volume);
      return;
    default:
      await fail(parts, volume, 'VolumeUnknownReclaimPolicy', 'Volume has unrecognized PersistentVolumeReclaimPolicy');
  }
}

const fail = (parts: BinderParts, volume: Volume, reason: string, message: string): Promise<Volume> =>
  setVolumePhase(parts, volume, 'Failed', { type: 'Warning', reason, message });

/** Upstream starts a pod that wipes it; behind our nodes there is nothing to wipe. */
async function recycle(parts: BinderParts, volume: Volume): Promise<void> {
  if (!isRecyclable(volume.spec ?? {})) {
    await fail(parts, volume, 'VolumeFailedRecycle', 'No recycler plugin found for the volume!');
    return;
  }
  await unbind(parts, volume);
  tellOfVolume(parts, volume, { type: 'Normal', reason: 'VolumeRecycled', message: 'Volume recycled' });
}

async function remove(parts: BinderParts, volume: Volume): Promise<void> {
  const { name = '', uid, resourceVersion, annotations, deletionTimestamp } = volume.metadata;
  const disposal = dispose(name, volume.spec ?? {}, annotations?.[volumeMarks.provisionedBy] ?? '');
  if (disposal.kind === 'external') return;
  if (disposal.kind === 'failed') {
    await fail(parts, volume, 'VolumeFailedDelete', disposal.message);
    return;
  }
  if (deletionTimestamp !== undefined) return;
  try {
    await parts.volumeClient.delete('', name, {
      preconditions: {
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
    });
  } catch (error) {
    if (reasonOf(error) !== 'NotFound') throw error;
  }
}
