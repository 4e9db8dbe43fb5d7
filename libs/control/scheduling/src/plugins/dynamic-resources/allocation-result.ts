import type { corev1, resourcev1 } from '@reckon/api/types';
import type { ResourceClaim } from '../../framework/kinds';
import type { Wish } from './allocator';
import { placeOf, type PoolDevice } from './device-pools';

export interface Chosen {
  readonly wish: Wish;
  readonly device: PoolDevice;
}

/** What a claim's status says of the devices that it has. */
export function allocationOf(
  claim: ResourceClaim,
  chosen: readonly Chosen[],
  nodeName: string,
): resourcev1.AllocationResult {
  const results = chosen.map(({ wish, device }): resourcev1.DeviceRequestAllocationResult => ({
    request: wish.name,
    driver: device.driver,
    pool: device.pool.name,
    device: device.device.name,
    ...(wish.hasAdminAccess ? { adminAccess: true } : {}),
    ...(wish.tolerations.length === 0 ? {} : { tolerations: [...wish.tolerations] }),
  }));
  const config = configOf(claim, chosen);
  const nodeSelector = selectorOf(chosen, nodeName);
  return {
    devices: { results, ...(config.length === 0 ? {} : { config }) },
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
  };
}

/** Of the classes first, each for its requests, then the claim's own. */
function configOf({ spec }: ResourceClaim, chosen: readonly Chosen[]): resourcev1.DeviceAllocationConfiguration[] {
  const wishes = [...new Set(chosen.map(({ wish }) => wish))];
  const names = wishes.map(({ name }) => name);
  const ofClasses = wishes.flatMap(({ name, deviceClass }) =>
    (deviceClass.spec.config ?? []).map((one) => ({ source: 'FromClass', requests: [name], ...one })),
  );
  const ofClaim = (spec.devices.config ?? [])
    .filter(
      ({ requests = [] }) =>
        requests.length === 0 || requests.some((r) => names.some((name) => name === r || name.startsWith(`${r}/`))),
    )
    .map((one) => ({ source: 'FromClaim', ...one }));
  return [...ofClasses, ...ofClaim];
}

/** Where all the devices can be used; undefined: everywhere (structured.createNodeSelector). */
function selectorOf(chosen: readonly Chosen[], nodeName: string): corev1.NodeSelector | undefined {
  const places = chosen.map(({ device }) => placeOf(device));
  if (places.some((place) => place.nodeName !== undefined))
    return {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] }],
    };
  const terms = places.flatMap(({ nodeSelector }) => nodeSelector?.nodeSelectorTerms.slice(0, 1) ?? []);
  const together = <T>(lists: readonly (readonly T[] | undefined)[]): T[] => {
    const byText = new Map(lists.flatMap((list) => list ?? []).map((one) => [JSON.stringify(one), one]));
    return [...byText.values()];
  };
  const matchExpressions = together(terms.map((term) => term.matchExpressions));
  const matchFields = together(terms.map((term) => term.matchFields));
  if (matchExpressions.length + matchFields.length === 0) return undefined;
  return {
    nodeSelectorTerms: [
      {
        ...(matchExpressions.length === 0 ? {} : { matchExpressions }),
        ...(matchFields.length === 0 ? {} : { matchFields }),
      },
    ],
  };
}
