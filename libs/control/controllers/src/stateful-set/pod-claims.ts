import { aggregateMessage, reasonOf } from '@reckon/api/machinery';
import { textOf } from '../ownership/owned-pods';
import type { Pod } from '../replica-set/pod-state';
import { areOwnersRight, isOfFormerPod, rightOwners } from './claim-owners';
import { claimsOf } from './claim-templates';
import { type SetSync, claimAt, tellOfClaim } from './set-sync';
import { type Claim, ordinalOf } from './stateful-set';

/** Makes the claims of a pod that are not there; fails if one is on its way out, for a pod cannot live on that. */
export async function createClaims(sync: SetSync, pod: Pod): Promise<void> {
  const failures: string[] = [];
  for (const claim of claimsOf(sync.set, ordinalOf(pod))) {
    const name = claim.metadata.name ?? '';
    const known = claimAt(sync, name) ?? (await created(sync, claim, pod, failures));
    if (known?.metadata.deletionTimestamp !== undefined) failures.push(`pvc ${name} is being deleted`);
  }
  if (failures.length > 0) throw new Error(aggregateMessage(failures));
}

async function created(sync: SetSync, claim: Claim, pod: Pod, failures: string[]): Promise<Claim | undefined> {
  const { namespace = '', name = '' } = claim.metadata;
  const owners = rightOwners(claim, sync.set, pod);
  try {
    const made = await sync.claimClient.create({
      ...claim,
      metadata: { ...claim.metadata, ...(owners.length === 0 ? {} : { ownerReferences: owners }) },
    });
    tellOfClaim(sync, claim, pod);
    return made;
  } catch (failure) {
    // The cache does not show it yet.
    if (reasonOf(failure) === 'AlreadyExists') return sync.claimClient.get(namespace, name);
    failures.push(`failed to create PVC ${name}: ${textOf(failure)}`);
    tellOfClaim(sync, claim, pod, { failure });
    return undefined;
  }
}

/** Whether the claims that are there go away with whom they should (`ClaimsMatchRetentionPolicy`). */
export const areClaimsRight = (sync: SetSync, pod: Pod): boolean =>
  knownClaims(sync, pod).every((claim) => areOwnersRight(claim, sync.set, pod));

/** `UpdatePodClaimForRetentionPolicy` */
export async function mendClaims(sync: SetSync, pod: Pod): Promise<void> {
  for (const claim of knownClaims(sync, pod)) {
    if (areOwnersRight(claim, sync.set, pod)) continue;
    try {
      await sync.claimClient.update({
        ...claim,
        metadata: { ...claim.metadata, ownerReferences: rightOwners(claim, sync.set, pod) },
      });
    } catch (error) {
      if (reasonOf(error) === 'Conflict') throw error;
      const name = claim.metadata.name ?? '';
      throw new Error(`Could not update claim ${name} for delete policy ownerRefs: ${textOf(error)}`, { cause: error });
    }
  }
}

/** The pod's claim is still that of a former pod, and goes with it: the pod must wait for that (`PodClaimIsStale`). */
export const mustWaitForClaims = (sync: SetSync, pod: Pod): boolean =>
  sync.set.spec?.persistentVolumeClaimRetentionPolicy?.whenScaled === 'Delete' &&
  knownClaims(sync, pod).some((claim) => isOfFormerPod(claim, pod));

const knownClaims = (sync: SetSync, pod: Pod): Claim[] =>
  claimsOf(sync.set, ordinalOf(pod)).flatMap(({ metadata }) => claimAt(sync, metadata.name ?? '') ?? []);
