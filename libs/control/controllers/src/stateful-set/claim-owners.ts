import { type KubeObject, type OwnerReference, newControllerReference } from '@reckon/api/machinery';
import type { Pod } from '../replica-set/pod-state';
import { type Claim, type StatefulSet, isInRange, podType, statefulSetType } from './stateful-set';

interface OwnerType {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * With whom a claim goes away (`persistentVolumeClaimRetentionPolicy`): with its pod, when that is one too many, with the set, or with
 * nobody.
 */
function ownerOfClaim(set: StatefulSet, pod: Pod): 'pod' | 'set' | undefined {
  const { whenScaled, whenDeleted } = set.spec?.persistentVolumeClaimRetentionPolicy ?? {};
  if (whenScaled === 'Delete' && !isInRange(set, pod)) return 'pod';
  return whenDeleted === 'Delete' ? 'set' : undefined;
}

/**
 * Whether the owners of a claim are what the policy asks for. True too where it must not be touched: it belongs to a former set or pod
 * of the name, whose garbage it is, or to another controller (statefulset `isClaimOwnerUpToDate`).
 */
export function areOwnersRight(claim: Claim, set: StatefulSet, pod: Pod): boolean {
  if (isOfNamesake(claim, set, statefulSetType) || isOfNamesake(claim, pod, podType)) return true;
  const [ofSet, ofPod] = [isOwnedBy(claim, set), isOwnedBy(claim, pod)];
  if (hasOtherController(claim, set, pod)) return !ofSet && !ofPod;
  const isHalfOwned = ownersOf(claim).some(
    ({ uid, controller }) => (uid === set.metadata.uid || uid === pod.metadata.uid) && controller !== true,
  );
  if (isHalfOwned) return false;
  const wanted = ownerOfClaim(set, pod);
  return ofSet === (wanted === 'set') && ofPod === (wanted === 'pod');
}

/** The owners that a claim should have (statefulset `updateClaimOwnerRefForSetAndPod`). */
export function rightOwners(claim: Claim, set: StatefulSet, pod: Pod): OwnerReference[] {
  const others = ownersOf(claim).filter(
    (reference) => !names(reference, set, statefulSetType) && !names(reference, pod, podType),
  );
  if (hasOtherController(claim, set, pod)) return others;
  switch (ownerOfClaim(set, pod)) {
    case 'set':
      return [...others, newControllerReference(set, statefulSetType)];
    case 'pod':
      return [...others, newControllerReference(pod, podType)];
    case undefined:
      return others;
  }
}

/** The claim goes with a pod of this name that is not this pod: it must be gone before a new pod may have a new one. */
export const isOfFormerPod = (claim: Claim, pod: Pod): boolean => isOfNamesake(claim, pod, podType);

const ownersOf = ({ metadata }: Claim): readonly OwnerReference[] => metadata.ownerReferences ?? [];

const isOwnedBy = (claim: Claim, { metadata: { uid } }: KubeObject): boolean =>
  uid !== undefined && ownersOf(claim).some((reference) => reference.uid === uid);

const names = (reference: OwnerReference, { metadata }: KubeObject, type: OwnerType): boolean =>
  reference.apiVersion === type.apiVersion && reference.kind === type.kind && reference.name === metadata.name;

function isOfNamesake(claim: Claim, owner: KubeObject, type: OwnerType): boolean {
  const reference = ownersOf(claim).find((r) => names(r, owner, type));
  return reference !== undefined && reference.uid !== owner.metadata.uid;
}

/** Does not matter while claims are kept anyway. */
function hasOtherController(claim: Claim, set: StatefulSet, pod: Pod): boolean {
  const { whenScaled, whenDeleted } = set.spec?.persistentVolumeClaimRetentionPolicy ?? {};
  if (whenScaled !== 'Delete' && whenDeleted !== 'Delete') return false;
  return ownersOf(claim).some((reference) => {
    if (names(reference, set, statefulSetType)) return reference.uid !== set.metadata.uid;
    if (names(reference, pod, podType)) return reference.uid !== pod.metadata.uid;
    return reference.controller === true;
  });
}
