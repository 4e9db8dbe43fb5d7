import type { Claim, Result, Volume } from '@reckon/control/runtime';
import { classNameOf, done, isBoundTo, isDelayed, isMarked, volumeMarks } from '@reckon/control/runtime';
import { bind } from './bind';
import { type BinderParts, lookAgain, tellOfClaim, writeClaim } from './binder-parts';
import { chooseVolume, misfit } from './choose-volume';
import { defaultClass } from './default-class';
import { setClaimUnbound } from './phases';
import { provision } from './provision';
import { podsWaitingWith } from './waiting-pods';

/** What is to be done about a claim (pkg/controller/volume/persistentvolume `syncClaim`). */
export function syncClaim(parts: BinderParts, claim: Claim): Promise<Result> {
  if (isMarked(claim, volumeMarks.bindCompleted)) return keepBound(parts, claim);
  return claim.spec?.volumeName === undefined || claim.spec.volumeName === ''
    ? findVolume(parts, claim)
    : takeNamed(parts, claim, claim.spec.volumeName);
}

/** A claim that any volume will do for. */
async function findVolume(parts: BinderParts, claim: Claim): Promise<Result> {
  const className = classNameOf(claim);
  const mustWait = isDelayed(parts.classes.byKey(className));
  const volume = chooseVolume(claim, parts.volumes.list(), mustWait ? 'reserved-only' : 'all');
  if (volume !== undefined) {
    await bind(parts, volume, claim);
    return done;
  }
  if (await giveDefaultClass(parts, claim)) return done;
  if (mustWait && !isMarked(claim, volumeMarks.selectedNode)) tellOfWaiting(parts, claim);
  else if (className !== '') {
    await provision(parts, claim);
    return lookAgain;
  } else
    tellOfClaim(parts, claim, {
      type: 'Normal',
      reason: 'FailedBinding',
      message: 'no persistent volumes available for this claim and no storage class is set',
    });
  await setClaimUnbound(parts, claim, 'Pending');
  return lookAgain;
}

/** A claim that says nothing of a class is of the default one, even when that came later (`assignDefaultStorageClass`). */
async function giveDefaultClass(parts: BinderParts, claim: Claim): Promise<boolean> {
  if (claim.spec?.storageClassName !== undefined || isMarked(claim, volumeMarks.betaClass)) return false;
  const name = defaultClass(parts.classes.list())?.metadata.name;
  if (name === undefined) return false;
  await writeClaim(parts, { ...claim, spec: { ...claim.spec, storageClassName: name } });
  return true;
}

function tellOfWaiting(parts: BinderParts, claim: Claim): void {
  const pods = podsWaitingWith(parts.pods, claim);
  const message =
    pods.length === 0
      ? 'waiting for first consumer to be created before binding'
      : `waiting for ${pods.length === 1 ? 'pod' : 'pods'} ${pods.join(',')} to be scheduled`;
  const reason = pods.length === 0 ? 'WaitForFirstConsumer' : 'WaitForPodScheduled';
  tellOfClaim(parts, claim, { type: 'Normal', reason, message });
}

/** A claim that names its volume. */
async function takeNamed(parts: BinderParts, claim: Claim, volumeName: string): Promise<Result> {
  const volume = parts.volumes.byKey(volumeName);
  if (volume !== undefined) {
    const why = refusal(volume, claim);
    if (why === undefined) {
      await bind(parts, volume, claim);
      return done;
    }
    tellOfClaim(parts, claim, { type: 'Warning', ...why });
  }
  await setClaimUnbound(parts, claim, 'Pending');
  return lookAgain;
}

function refusal(volume: Volume, claim: Claim): { readonly reason: string; readonly message: string } | undefined {
  const { name = '' } = volume.metadata;
  if (volume.spec?.claimRef === undefined) {
    const why = misfit(volume, claim);
    if (why === undefined) return undefined;
    return { reason: 'VolumeMismatch', message: `Cannot bind to requested volume "${name}": ${why}` };
  }
  if (isBoundTo(volume, claim)) return undefined;
  return { reason: 'FailedBinding', message: `volume "${name}" already bound to a different claim.` };
}

/** A claim that was bound once: its volume is there and its own, or it is lost for good (`syncBoundClaim`). */
async function keepBound(parts: BinderParts, claim: Claim): Promise<Result> {
  const volumeName = claim.spec?.volumeName ?? '';
  const volume = volumeName === '' ? undefined : parts.volumes.byKey(volumeName);
  const owner = volume?.spec?.claimRef;
  if (volume !== undefined && (owner === undefined || owner.uid === claim.metadata.uid))
    await bind(parts, volume, claim);
  else await setClaimUnbound(parts, claim, 'Lost', { type: 'Warning', ...lossOf(volumeName, volume) });
  return done;
}

function lossOf(volumeName: string, volume: Volume | undefined): { readonly reason: string; readonly message: string } {
  if (volume !== undefined)
    return {
      reason: 'ClaimMisbound',
      message: 'Two claims are bound to the same volume, this one is bound incorrectly',
    };
  const what = volumeName === '' ? 'reference to PersistentVolume' : 'its PersistentVolume';
  return { reason: 'ClaimLost', message: `Bound claim has lost ${what}. Data on the volume is lost!` };
}
