import { labelSelectorFromObject, parseQuantity, quantityValue } from '@reckon/api/machinery';
import type { Lister } from '@reckon/client/cache';
import { type Claim, requestOf, type StorageClass } from '@reckon/control/runtime';
import type { CsiDriver, CsiStorageCapacity } from '../../framework/kinds';

/** Which drivers tell of the room that is left for new volumes, and what they tell. */
export interface StorageSpace {
  readonly drivers: Pick<Lister<CsiDriver>, 'byKey'>;
  readonly capacities: Pick<Lister<CsiStorageCapacity>, 'list'>;
}

const bytes = (quantity: string): bigint => quantityValue(parseQuantity(quantity));

/** So much a new volume may have at most; undefined: none is told of. */
export function largestVolume({ capacity, maximumVolumeSize }: CsiStorageCapacity): bigint | undefined {
  const limit = maximumVolumeSize ?? capacity;
  return limit === undefined ? undefined : bytes(limit);
}

/** Whether the driver of the class has room for the claim where the node is; one that does not tell has (`hasEnoughCapacity`). */
export function hasEnoughSpace(
  { drivers, capacities }: StorageSpace,
  { metadata: { name }, provisioner }: StorageClass,
  claim: Claim,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (drivers.byKey(provisioner)?.spec.storageCapacity !== true) return true;
  const wanted = bytes(requestOf(claim));
  return capacities
    .list()
    .some(
      (one) =>
        one.storageClassName === name &&
        (largestVolume(one) ?? -1n) >= wanted &&
        one.nodeTopology !== undefined &&
        labelSelectorFromObject(one.nodeTopology).matches(labels),
    );
}
