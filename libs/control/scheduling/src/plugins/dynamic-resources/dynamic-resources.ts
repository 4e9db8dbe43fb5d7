import type { resourcev1 } from '@reckon/api/types';
import { objectKey } from '@reckon/client/cache';
import type { PodInfo } from '../../cache/pod-info';
import { stateKey } from '../../framework/cycle-state';
import type { DeviceClass, ResourceClaim, ResourceSlice } from '../../framework/kinds';
import type { Plugin, PostFilterAnswer } from '../../framework/plugin';
import { errorStatus, type Outcome, skip, unresolvable, unschedulable } from '../../framework/status';
import { termMatches } from '../node-selector';
import { allocate, AllocationTookTooLong, type AllocatorDeps, type ClaimToAllocate } from './allocator';
import type { ClaimWriter } from './claim-writer';
import { type DeviceMatcher, SelectorFailure } from './device-matcher';
import { deviceId, gatherPools } from './device-pools';
import {
  canBeReserved,
  claimsOfPod,
  type ClaimView,
  isReservedFor,
  namesClaim,
  podResourceClaims,
} from './resource-claims';
import { wishesOf } from './wishes';

const name = 'DynamicResources';
const notLookedAt = errorStatus(name, 'not found');
const nothingToDeallocate = unschedulable(name, 'no new claims to deallocate');
const elsewhere = unresolvable(name, 'resourceclaim not available on the node');
const cannotAllocate = unresolvable(name, 'cannot allocate all claims');
const notReady = unresolvable(name, 'device selectors are being loaded');

export interface DynamicResourcesDeps {
  readonly claims: ClaimView;
  readonly deviceClass: (name: string) => DeviceClass | undefined;
  readonly slices: () => readonly ResourceSlice[];
  /** Undefined until it is loaded, which the first call begins; a DeviceClass event tells of the end. */
  readonly matcher: () => DeviceMatcher | undefined;
  readonly writer: ClaimWriter;
  /** Work beside the cycles. */
  readonly track: (work: Promise<void>) => void;
}

interface ClaimState {
  readonly claims: readonly ResourceClaim[];
  readonly toAllocate: readonly ClaimToAllocate[];
  readonly deps: AllocatorDeps | undefined;
  /** By the name of the node, in the order of `toAllocate`. */
  readonly byNode: Map<string, readonly resourcev1.AllocationResult[]>;
  /** Keys of claims whose devices a node cannot use. */
  readonly unavailable: Set<string>;
}

const claimState = stateKey<ClaimState>(name);
const noClaims: ClaimState = {
  claims: [],
  toAllocate: [],
  deps: undefined,
  byNode: new Map(),
  unavailable: new Set(),
};

/** Gives the claims of a pod devices that its node can use (plugins/dynamicresources). */
export const dynamicResources = (deps: DynamicResourcesDeps): Plugin => ({
  name,
  hints: [
    {
      resource: 'ResourceClaim',
      actions: ['Add', 'Update'],
      helps: ({ pod }, event) => {
        if (event.resource !== 'ResourceClaim' || event.after === undefined) return true;
        const { namespace, name: claimName } = event.after.metadata;
        // Devices that another has given back may be what is wanted.
        const isFreed = event.before?.status?.allocation !== undefined && event.after.status?.allocation === undefined;
        return isFreed || namesClaim(pod, namespace, claimName);
      },
    },
    { resource: 'ResourceClaim', actions: ['Delete'] },
    { resource: 'TargetPod', actions: ['UpdatePodGeneratedResourceClaim'] },
    { resource: 'Node', actions: ['Add', 'UpdateNodeLabel'] },
    { resource: 'ResourceSlice', actions: ['Add', 'Update'] },
    { resource: 'DeviceClass', actions: ['Add', 'Update'] },
  ],

  preEnqueue({ pod }): Outcome {
    if (!claimsOfPod(pod)) return undefined;
    if (deps.matcher() === undefined) return notReady;
    const claims = podResourceClaims(deps.claims, pod);
    return typeof claims === 'string' ? unresolvable(name, claims) : undefined;
  },

  preFilter(state, { pod }) {
    state.write(claimState, noClaims);
    if (!claimsOfPod(pod)) return { status: skip };
    const matcher = deps.matcher();
    const claims = podResourceClaims(deps.claims, pod);
    if (typeof claims === 'string') return { status: unresolvable(name, claims) };
    if (matcher === undefined) return { status: notReady };
    if (claims.length === 0) return { status: skip };
    const toAllocate: ClaimToAllocate[] = [];
    for (const claim of claims) {
      if (claim.status?.allocation !== undefined) {
        if (!canBeReserved(claim) && !isReservedFor(claim, pod))
          return { status: unresolvable(name, 'resourceclaim in use') };
        continue;
      }
      const requests = wishesOf(claim, deps.deviceClass);
      if (typeof requests === 'string') return { status: unresolvable(name, requests) };
      toAllocate.push({ claim, requests });
    }
    const allocator =
      toAllocate.length === 0
        ? undefined
        : { pools: gatherPools(deps.slices()), allocated: allocatedDevices(deps.claims), matcher, memo: new Map() };
    state.write(claimState, { claims, toAllocate, deps: allocator, byNode: new Map(), unavailable: new Set<string>() });
    return {};
  },

  filter(state, _pod, node) {
    const known = state.read(claimState) ?? noClaims;
    for (const claim of known.claims) {
      const terms = claim.status?.allocation?.nodeSelector?.nodeSelectorTerms;
      if (terms?.some((term) => termMatches(term, node.name, node.labels)) !== false) continue;
      known.unavailable.add(objectKey(claim));
      return elsewhere;
    }
    if (known.deps === undefined) return undefined;
    try {
      const found = allocate(known.deps, known.toAllocate, node);
      if (found === undefined) return cannotAllocate;
      known.byNode.set(node.name, found);
      return undefined;
    } catch (error) {
      if (error instanceof SelectorFailure || error instanceof AllocationTookTooLong)
        return unresolvable(name, error.message);
      throw error;
    }
  },

  postFilter(state, { pod }): PostFilterAnswer | Promise<PostFilterAnswer> {
    const known = state.read(claimState);
    // Where another plugin refused the pod before our preFilter, upstream finds no state, and its message ends with just these words.
    if (known === undefined) return { status: notLookedAt };
    if (known.claims.length === 0) return { status: nothingToDeallocate };
    // Devices that nobody uses, where the pod cannot go: others may do.
    const idle = known.claims.find(
      (claim) =>
        known.unavailable.has(objectKey(claim)) &&
        (claim.status?.reservedFor ?? []).every(({ uid }) => uid === pod.metadata.uid),
    );
    if (idle === undefined) return { status: unschedulable(name, 'still not schedulable') };
    return deps.writer.deallocate(idle).then((isDone) => ({
      status: unschedulable(name, isDone ? 'deallocation of ResourceClaim completed' : 'still not schedulable'),
    }));
  },

  reserve(state, _pod, nodeName) {
    const known = state.read(claimState);
    for (const [{ claim }, allocation] of decided(known, nodeName))
      deps.claims.keep({ ...claim, status: { ...claim.status, allocation } });
    return undefined;
  },

  unreserve(state, { pod }) {
    const known = state.read(claimState) ?? noClaims;
    for (const { claim } of known.toAllocate) deps.claims.restore(objectKey(claim));
    for (const claim of known.claims) deps.track(deps.writer.release(claim, pod));
  },

  preBindPreFlight: (state) => (state.read(claimState)?.claims.length ?? 0) > 0,

  async preBind(state, info: PodInfo, nodeName) {
    const known = state.read(claimState);
    if (known === undefined || known.claims.length === 0) return undefined;
    const allocations = new Map(decided(known, nodeName).map(([{ claim }, allocation]) => [claim, allocation]));
    try {
      for (const claim of known.claims) {
        // One that another pod was given devices for may not show them on the server yet.
        await deps.writer.bind(claim, info.pod, allocations.get(claim) ?? claim.status?.allocation);
      }
      return undefined;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return errorStatus(name, new Error(`running PreBind plugin "${name}": ${why}`, { cause: error }));
    }
  },
});

function decided(
  known: ClaimState | undefined,
  nodeName: string,
): readonly (readonly [ClaimToAllocate, resourcev1.AllocationResult])[] {
  const found = known?.byNode.get(nodeName) ?? [];
  return (known?.toAllocate ?? []).flatMap((one, i) => {
    const allocation = found[i];
    return allocation === undefined ? [] : [[one, allocation] as const];
  });
}

/** Devices that claims have, by those that are not bound yet too. Whoever has admin access uses them beside the others. */
function allocatedDevices(claims: ClaimView): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { status } of claims.list())
    for (const { driver, pool, device, adminAccess } of status?.allocation?.devices?.results ?? [])
      if (adminAccess !== true) ids.add(deviceId(driver, pool, device));
  return ids;
}
