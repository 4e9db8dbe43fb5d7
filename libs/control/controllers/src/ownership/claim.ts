import {
  type KubeObject,
  type LabelSelector,
  controllerOf,
  newControllerReference,
  reasonOf,
} from '@reckon/api/machinery';
import type { ResourceClient } from '@reckon/client/rest';

export interface Claim<T extends KubeObject> {
  readonly owner: KubeObject;
  readonly ownerType: { readonly apiVersion: string; readonly kind: string };
  readonly selector: LabelSelector;
  readonly candidates: readonly T[];
  readonly client: ResourceClient<T>;
  /** The owner as the server has it now: an owner that is being deleted, or a namesake, must not adopt. */
  readonly freshOwner: () => Promise<KubeObject>;
  /** What else an object needs to belong, beside the selector. */
  readonly isMember?: (object: T) => boolean;
  /** Put on what is adopted and taken off what is let go, in the same write. */
  readonly finalizer?: string;
}

/** The owner is not the one that we know, or is going: it may adopt nothing. */
export class AdoptionError extends Error {
  readonly code = 'Adoption';
}

/**
 * Sorts out who belongs to whom (pkg/controller.BaseControllerRefManager.ClaimObject): keeps what the owner controls and selects,
 * lets go what it controls but no longer selects, adopts what it selects and nobody controls. Gives back what it controls now.
 */
export async function claim<T extends KubeObject>(claim: Claim<T>): Promise<T[]> {
  const { owner, selector, candidates, isMember = () => true } = claim;
  const isGoing = owner.metadata.deletionTimestamp !== undefined;
  const claimed: T[] = [];
  let adoptable: Promise<void> | undefined;
  for (const object of candidates) {
    const controller = controllerOf(object);
    const isSelected = selector.matches(object.metadata.labels) && isMember(object);
    if (controller !== undefined) {
      if (controller.uid !== owner.metadata.uid) continue;
      if (isSelected) claimed.push(object);
      else if (!isGoing) await release(claim, object);
    } else if (isSelected && !isGoing && object.metadata.deletionTimestamp === undefined) {
      await (adoptable ??= checkFresh(claim));
      if (await adopt(claim, object)) claimed.push(object);
    }
  }
  return claimed;
}

async function checkFresh<T extends KubeObject>({ owner, ownerType, freshOwner }: Claim<T>): Promise<void> {
  const fresh = await freshOwner();
  const name = `${owner.metadata.namespace ?? ''}/${owner.metadata.name ?? ''}`;
  if (fresh.metadata.uid !== owner.metadata.uid)
    throw new AdoptionError(
      `original ${ownerType.kind} ${name} is gone: got uid ${fresh.metadata.uid ?? ''}, wanted ${owner.metadata.uid ?? ''}`,
    );
  if (fresh.metadata.deletionTimestamp !== undefined)
    throw new AdoptionError(`${name} has just been deleted at ${fresh.metadata.deletionTimestamp}`);
}

/** The uid in the patch makes the server refuse it for a namesake. */
async function adopt<T extends KubeObject>(
  { owner, ownerType, client, finalizer }: Claim<T>,
  object: T,
): Promise<boolean> {
  const held = finalizer === undefined ? {} : { finalizers: [finalizer] };
  return patchOwners(client, object, { ...newControllerReference(owner, ownerType) }, held);
}

async function release<T extends KubeObject>({ owner, client, finalizer }: Claim<T>, object: T): Promise<void> {
  const freed = finalizer === undefined ? {} : { '$deleteFromPrimitiveList/finalizers': [finalizer] };
  await patchOwners(client, object, { $patch: 'delete', uid: owner.metadata.uid ?? '' }, freed);
}

/** False when the object is gone, or replaced by a namesake, or already let go. */
async function patchOwners<T extends KubeObject>(
  client: ResourceClient<T>,
  object: T,
  reference: Readonly<Record<string, unknown>>,
  alongside: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const { namespace = '', name = '', uid } = object.metadata;
  try {
    await client.patch(namespace, name, {
      type: 'strategic',
      body: { metadata: { uid, ownerReferences: [reference], ...alongside } },
    });
    return true;
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === 'NotFound' || (reason === 'Invalid' && reference['$patch'] === 'delete')) return false;
    throw error;
  }
}
