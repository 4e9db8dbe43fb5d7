import type { Claim, Volume } from '@reckon/control/runtime';
import { boundTo, isMarked, marked, volumeMarks } from '@reckon/control/runtime';
import { type BinderParts, writeClaim, writeVolume } from './binder-parts';
import { setClaimBound, setVolumePhase } from './phases';

/**
 * Ties both together (`bind`): the volume first, because from then on no other claim can have it; the claim's spec then, and its
 * status last. Whichever write fails, the next look goes on from there.
 */
export async function bind(parts: BinderParts, volume: Volume, claim: Claim): Promise<void> {
  const tied = boundTo(volume, claim);
  const held = await setVolumePhase(parts, tied === volume ? volume : await writeVolume(parts, tied), 'Bound');
  await setClaimBound(parts, await tieClaim(parts, claim, held), held);
}

async function tieClaim(parts: BinderParts, claim: Claim, volume: Volume): Promise<Claim> {
  const { name = '' } = volume.metadata;
  const isTied = claim.spec?.volumeName === name;
  if (isTied && isMarked(claim, volumeMarks.bindCompleted)) return claim;
  return writeClaim(parts, {
    ...claim,
    metadata: marked(claim, {
      ...(isTied ? {} : { [volumeMarks.boundByController]: 'yes' }),
      [volumeMarks.bindCompleted]: 'yes',
    }),
    spec: { ...claim.spec, volumeName: name },
  });
}

/** Takes back what we tied; what a person has reserved stays reserved, for whichever claim has the name (`unbindVolume`). */
export async function unbind(parts: BinderParts, volume: Volume): Promise<void> {
  const metadata = { ...volume.metadata };
  const spec = { ...volume.spec };
  if (isMarked(volume, volumeMarks.boundByController)) {
    const others = Object.entries(metadata.annotations ?? {}).filter(
      ([mark]) => mark !== volumeMarks.boundByController,
    );
    if (others.length > 0) metadata.annotations = Object.fromEntries(others);
    else delete metadata.annotations;
    delete spec.claimRef;
  } else {
    spec.claimRef = { ...spec.claimRef };
    delete spec.claimRef.uid;
  }
  await setVolumePhase(parts, await writeVolume(parts, { ...volume, metadata, spec }), 'Available');
}
