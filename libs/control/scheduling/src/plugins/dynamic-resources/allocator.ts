import { compareQuantities, parseQuantity } from '@reckon/api/machinery';
import type { resourcev1 } from '@reckon/api/types';
import { untoleratedTaint } from '@reckon/control/runtime';
import type { NodeInfo } from '../../cache/node-info';
import type { DeviceClass, ResourceClaim } from '../../framework/kinds';
import { allocationOf, type Chosen } from './allocation-result';
import { Counters } from './counters';
import { ConstraintSet } from './device-constraints';
import type { DeviceMatcher } from './device-matcher';
import { type DevicePool, isUsableOn, type PoolDevice } from './device-pools';

/** One way in which a request of a claim may be met. */
export interface Wish {
  /** `request`, or `request/subrequest`. */
  readonly name: string;
  readonly deviceClass: DeviceClass;
  readonly selectors: readonly resourcev1.DeviceSelector[];
  /** `all`: every device that fits, at least one. */
  readonly count: number | 'all';
  readonly hasAdminAccess: boolean;
  readonly tolerations: readonly resourcev1.DeviceToleration[];
  /** So much a device must have of each. */
  readonly capacity: Readonly<Record<string, string>>;
}

export interface ClaimToAllocate {
  readonly claim: ResourceClaim;
  /** For each request its wishes, the best first. */
  readonly requests: readonly (readonly Wish[])[];
}

export interface AllocatorDeps {
  readonly pools: readonly DevicePool[];
  /** Ids of devices that claims have. */
  readonly allocated: ReadonlySet<string>;
  readonly matcher: DeviceMatcher;
  /** What selectors have said, by wish and device: it is the same for every node. */
  readonly memo: Map<Wish, Map<string, boolean>>;
}

/** No claim has more devices (`AllocationResultsMaxSize`). */
const mostDevices = 32;
/** Of devices that are tried; what takes longer is given up. */
const mostSteps = 100_000;

export class AllocationTookTooLong extends Error {
  readonly code = 'AllocationTookTooLong';
  constructor() {
    super('timed out trying to allocate devices');
    this.name = 'AllocationTookTooLong';
  }
}

/**
 * Devices for all claims on one node, or undefined (dynamic-resource-allocation/structured.Allocator): tries one device after another
 * and takes a step back where it cannot go on, so that what can be met is met. Throws `SelectorFailure` and `AllocationTookTooLong`.
 */
export function allocate(
  { pools, allocated, matcher, memo }: AllocatorDeps,
  claims: readonly ClaimToAllocate[],
  node: NodeInfo,
): resourcev1.AllocationResult[] | undefined {
  const candidates = pools.map((pool) => ({
    pool,
    devices: pool.devices.filter((device) => isUsableOn(device, node)),
  }));
  const taken = new Set<string>();
  const counters = new Counters(pools, allocated);
  const chosen: Chosen[][] = claims.map(() => []);
  const constraints = claims.map(({ claim }) => new ConstraintSet(claim.spec.devices.constraints ?? []));
  let steps = 0;

  const fits = (wish: Wish, device: PoolDevice): boolean => {
    let known = memo.get(wish);
    if (known === undefined) memo.set(wish, (known = new Map<string, boolean>()));
    let isChosen = known.get(device.id);
    if (isChosen === undefined) {
      isChosen =
        hasCapacity(wish, device) &&
        untoleratedTaint(device.device.taints, wish.tolerations) === undefined &&
        matcher.matches(wish.deviceClass.spec.selectors ?? [], device) &&
        matcher.matches(wish.selectors, device);
      known.set(device.id, isChosen);
    }
    return isChosen;
  };

  const isFree = ({ hasAdminAccess }: Wish, { id }: PoolDevice): boolean =>
    hasAdminAccess || (!allocated.has(id) && !taken.has(id));

  /** Takes the device, goes on, and gives it back when that leads nowhere. */
  const holding = (index: number, wish: Wish, device: PoolDevice, goOn: () => boolean): boolean => {
    if (++steps > mostSteps) throw new AllocationTookTooLong();
    const own = chosen[index] ?? [];
    const rules = constraints[index];
    if (own.length >= mostDevices || !isFree(wish, device) || rules?.add(wish.name, device) === false) return false;
    const isCounted = !wish.hasAdminAccess;
    if (isCounted && !counters.take(device)) {
      rules?.remove(wish.name, device);
      return false;
    }
    if (isCounted) taken.add(device.id);
    own.push({ wish, device });
    if (goOn()) return true;
    own.pop();
    if (isCounted) {
      taken.delete(device.id);
      counters.give(device);
    }
    rules?.remove(wish.name, device);
    return false;
  };

  const request = (index: number, at: number): boolean => {
    const claim = claims[index];
    if (claim === undefined) return true;
    const wishes = claim.requests[at];
    if (wishes === undefined) return request(index + 1, 0);
    return wishes.some((wish) => grant(index, wish, () => request(index, at + 1)));
  };

  const grant = (index: number, wish: Wish, goOn: () => boolean): boolean => {
    if (wish.count === 'all') {
      // Nobody knows what else there is.
      if (candidates.some(({ pool, devices }) => devices.length > 0 && !pool.isWhole)) return false;
      const all = candidates.flatMap(({ devices }) => devices.filter((device) => fits(wish, device)));
      const each = (i: number): boolean => {
        const device = all[i];
        return device === undefined ? goOn() : holding(index, wish, device, () => each(i + 1));
      };
      return all.length > 0 && each(0);
    }
    const wanted = wish.count;
    const list = candidates.flatMap(({ pool, devices }) => (pool.isWhole ? devices : []));
    const some = (from: number, left: number): boolean => {
      if (left === 0) return goOn();
      for (let i = from; i <= list.length - left; i++) {
        const device = list[i];
        if (device === undefined || !isFree(wish, device) || !fits(wish, device)) continue;
        if (holding(index, wish, device, () => some(i + 1, left - 1))) return true;
      }
      return false;
    };
    return some(0, wanted);
  };

  if (!request(0, 0)) return undefined;
  return claims.map(({ claim }, index) => allocationOf(claim, chosen[index] ?? [], node.name));
}

function hasCapacity({ capacity }: Wish, { device }: PoolDevice): boolean {
  for (const [name, wanted] of Object.entries(capacity)) {
    const has = Object.hasOwn(device.capacity ?? {}, name) ? device.capacity?.[name]?.value : undefined;
    if (has === undefined || compareQuantities(parseQuantity(has), parseQuantity(wanted)) < 0) return false;
  }
  return true;
}
