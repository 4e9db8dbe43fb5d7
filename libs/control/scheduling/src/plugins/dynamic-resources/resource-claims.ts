import { controllerOf } from '@reckon/api/machinery';
import type { NewestObjects } from '@reckon/control/runtime';
import type { Pod, ResourceClaim } from '../../framework/kinds';

export type ClaimView = Pick<NewestObjects<ResourceClaim>, 'byKey' | 'list' | 'keep' | 'restore'>;

/** More consumers of one claim there cannot be (`ResourceClaimReservedForMaxSize`). */
const mostConsumers = 256;

export const claimsOfPod = ({ spec }: Pod): boolean => (spec?.resourceClaims?.length ?? 0) > 0;

/** The name of the claim behind each entry of the pod; a text: why one has none yet (dynamic-resource-allocation/resourceclaim.Name). */
function claimNames({ metadata, spec, status }: Pod): { name: string; isOwn: boolean }[] | string {
  const names: { name: string; isOwn: boolean }[] = [];
  for (const { name, resourceClaimName, resourceClaimTemplateName } of spec?.resourceClaims ?? []) {
    if (resourceClaimName !== undefined) names.push({ name: resourceClaimName, isOwn: false });
    else if (resourceClaimTemplateName !== undefined) {
      const made = status?.resourceClaimStatuses?.find((one) => one.name === name);
      if (made === undefined)
        return `pod "${metadata.namespace ?? ''}/${metadata.name ?? ''}": ResourceClaim not created yet`;
      // Nothing was to be made.
      if (made.resourceClaimName !== undefined) names.push({ name: made.resourceClaimName, isOwn: true });
    }
  }
  return names;
}

/** The claims of the pod; a text: why it cannot be scheduled as they are (`foreachPodResourceClaim`). */
export function podResourceClaims(view: Pick<ClaimView, 'byKey'>, pod: Pod): ResourceClaim[] | string {
  const names = claimNames(pod);
  if (typeof names === 'string') return names;
  const { namespace = '', name: podName = '', uid } = pod.metadata;
  const claims: ResourceClaim[] = [];
  for (const { name, isOwn } of names) {
    const claim = view.byKey(`${namespace}/${name}`);
    if (claim === undefined) return `resourceclaim.resource.k8s.io ${JSON.stringify(name)} not found`;
    if (claim.metadata.deletionTimestamp !== undefined) return `resourceclaim ${JSON.stringify(name)} is being deleted`;
    if (isOwn && controllerOf(claim)?.uid !== uid)
      return `ResourceClaim ${namespace}/${name} was not created for pod ${namespace}/${podName} (pod is not owner)`;
    if (!claims.includes(claim)) claims.push(claim);
  }
  return claims;
}

export const isReservedFor = ({ status }: ResourceClaim, { metadata }: Pod): boolean =>
  status?.reservedFor?.some(({ uid }) => uid === metadata.uid) === true;

/** Whether there is room for another consumer. */
export const canBeReserved = ({ status }: ResourceClaim): boolean => (status?.reservedFor?.length ?? 0) < mostConsumers;

/** Whether a pod names the claim, as far as can be told. */
export function namesClaim(pod: Pod, namespace: string | undefined, name: string | undefined): boolean {
  if (pod.metadata.namespace !== namespace) return false;
  const names = claimNames(pod);
  return typeof names !== 'string' && names.some((one) => one.name === name);
}
