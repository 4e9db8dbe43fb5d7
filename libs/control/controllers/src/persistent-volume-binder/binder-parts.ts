import { reasonOf } from '@reckon/api/machinery';
import type { Lister } from '@reckon/client/cache';
import { type ResourceClient, refs } from '@reckon/client/rest';
import type { Claim, EventRecorder, NewestObjects, Result, StorageClass, Told, Volume } from '@reckon/control/runtime';
import { requeueAfter } from '@reckon/control/runtime';
import type { Pod } from '../replica-set/pod-state';

/** What the steps of the binder work with. */
export interface BinderParts {
  /** With what the binder has written itself: one binding is four writes, and each is made on the one before. */
  readonly volumes: NewestObjects<Volume>;
  readonly claims: NewestObjects<Claim>;
  readonly classes: Lister<StorageClass>;
  /** Indexed by the claims that they use. */
  readonly pods: Lister<Pod>;
  readonly volumeClient: ResourceClient<Volume>;
  readonly claimClient: ResourceClient<Claim>;
  readonly recorder: EventRecorder;
  /** Looks at a claim soon. */
  readonly enqueueClaim: (key: string) => void;
}

/** A claim that waits is looked at again, and what it waits for told again, as often as upstream's resync does. */
export const lookAgain: Result = requeueAfter(15_000);

export const tellOfClaim = ({ recorder }: BinderParts, claim: Claim, told: Told): void =>
  recorder.event(claim, refs.persistentVolumeClaims, told);

export const tellOfVolume = ({ recorder }: BinderParts, volume: Volume, told: Told): void =>
  recorder.event(volume, refs.persistentVolumes, told);

export const claimKeyOf = ({ spec }: Volume): string => {
  const { namespace = '', name = '' } = spec?.claimRef ?? {};
  return `${namespace}/${name}`;
};

/** Writes what was made of the newest version; a lost race is thrown, and the key comes back. What was written counts at once. */
export async function writeVolume(
  { volumeClient, volumes }: BinderParts,
  volume: Volume,
  subresource: '' | 'status' = '',
): Promise<Volume> {
  const written = await volumeClient.update(volume, subresource);
  volumes.keep(written);
  return written;
}

export async function writeClaim(
  { claimClient, claims }: BinderParts,
  claim: Claim,
  subresource: '' | 'status' = '',
): Promise<Claim> {
  const written = await claimClient.update(claim, subresource);
  claims.keep(written);
  return written;
}

/** The claim as the server has it now. */
export async function liveClaim({ claimClient }: BinderParts, volume: Volume): Promise<Claim | undefined> {
  const { namespace = '', name = '' } = volume.spec?.claimRef ?? {};
  try {
    return await claimClient.get(namespace, name);
  } catch (error) {
    if (reasonOf(error) === 'NotFound') return undefined;
    throw error;
  }
}
