import { controllerOf, reasonOf } from '@reckon/api/machinery';
import type { resourcev1 } from '@reckon/api/types';
import { type Lister, objectKey } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import type { ControllerContext } from '../controller-context';
import type { Pod } from '../replica-set/pod-state';
import { isPodDone, type ResourceClaim } from './claims-for-pod';

const finalizer = 'resource.kubernetes.io/delete-protection';

export interface FreeClaimDeps {
  readonly context: ControllerContext;
  readonly pods: Lister<Pod>;
}

/**
 * Takes back what pods that are done have reserved, the devices of a claim that nobody uses any more, and the claim itself where it was
 * made for such a pod (resourceclaim.syncClaim).
 */
export async function freeClaim(deps: FreeClaimDeps, claim: ResourceClaim): Promise<void> {
  const client = deps.context.rest.resource<ResourceClaim>(refs.resourceClaims);
  const { namespace = '', name = '', uid } = claim.metadata;
  const reserved = claim.status?.reservedFor ?? [];
  const left: resourcev1.ResourceClaimConsumerReference[] = [];
  for (const one of reserved) if (await isInUse(deps, namespace, one)) left.push(one);
  try {
    let current = claim;
    const isDeleted = claim.metadata.deletionTimestamp !== undefined;
    const isIdle = left.length === 0 && claim.status?.allocation !== undefined && (reserved.length > 0 || isDeleted);
    if (left.length < reserved.length || isIdle) {
      const status = { ...claim.status, reservedFor: left };
      if (left.length === 0) {
        delete status.allocation;
        delete (status as resourcev1.ResourceClaimStatus).reservedFor;
      }
      current = await client.updateStatus({ ...claim, status });
    }
    // Nothing is to be given back any more.
    if (current.status?.allocation === undefined && current.metadata.finalizers?.includes(finalizer) === true)
      if (isIdle || isDeleted)
        current = await client.update({
          ...current,
          metadata: { ...current.metadata, finalizers: current.metadata.finalizers.filter((f) => f !== finalizer) },
        });
    const owner = controllerOf(claim);
    if (left.length > 0 || isDeleted || owner?.kind !== 'Pod') return;
    const pod = deps.pods.byKey(`${namespace}/${owner.name}`);
    if (pod?.metadata.uid !== owner.uid || pod === undefined || !isPodDone(pod)) return;
    await client.delete(namespace, name, uid === undefined ? {} : { preconditions: { uid } });
  } catch (error) {
    // Gone already.
    if (reasonOf(error) !== 'NotFound') throw error;
  }
}

async function isInUse(
  { context, pods }: FreeClaimDeps,
  namespace: string,
  { apiGroup = '', resource, name, uid }: resourcev1.ResourceClaimConsumerReference,
): Promise<boolean> {
  // What else may use a claim is known to whoever made it.
  if (apiGroup !== '' || resource !== 'pods') return true;
  const known = pods.byKey(`${namespace}/${name}`);
  if (known?.metadata.uid === uid) return !isPodDone(known);
  try {
    // The cache may not know it yet.
    const pod = await context.rest.resource<Pod>(refs.pods).get(namespace, name);
    return pod.metadata.uid === uid && !isPodDone(pod);
  } catch (error) {
    if (reasonOf(error) === 'NotFound') return false;
    throw error;
  }
}

/** The keys of the claims that a consumer has reserved, for when it is done. */
export const reservedBy = (claims: Lister<ResourceClaim>, pod: Pod): string[] =>
  claims
    .list(pod.metadata.namespace)
    .filter(
      (claim) =>
        claim.status?.reservedFor?.some(({ uid }) => uid === pod.metadata.uid) === true ||
        controllerOf(claim)?.uid === pod.metadata.uid,
    )
    .map(objectKey);
