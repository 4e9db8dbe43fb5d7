import { semanticEqual } from '@reckon/api/machinery';
import type { Service } from '../endpoints/service-pods';
import { type Slice, isOwnedBy, newSlice, sliceLabels, unreserved } from './new-slice';
import { type AddressType, type Endpoint, type SlicePort, endpointKey, portsKey } from './slice-endpoint';

/** Upstream's `--max-endpoints-per-slice`. */
const maxPerSlice = 100;

/** The API has slices without any list; those that are written have one. */
type FilledSlice = Slice & { endpoints: NonNullable<Slice['endpoints']> };

export interface SlicePlan {
  readonly create: Slice[];
  readonly update: Slice[];
  readonly remove: Slice[];
}

/** Pods of one Service and family that offer the same ports. */
export interface PortGroup {
  readonly ports: SlicePort[];
  readonly endpoints: readonly Endpoint[];
}

/**
 * What to write so that the slices of one family hold exactly these endpoints (k8s.io/endpointslice.Reconciler
 * `reconcileByAddressType`), with as few writes as may be: an endpoint stays in its slice, changed slices are filled up first, then
 * the unchanged one that they fit best, then new ones. A Service without endpoints keeps one empty slice.
 */
export function planSlices(
  service: Service,
  addressType: AddressType,
  existing: readonly Slice[],
  groups: readonly PortGroup[],
): SlicePlan {
  const plan: SlicePlan = { create: [], update: [], remove: [] };
  const byPorts = new Map<string, Slice[]>();
  for (const slice of existing) {
    if (!isOwnedBy(slice, service)) plan.remove.push(slice);
    else byPorts.set(portsKey(slice.ports), [...(byPorts.get(portsKey(slice.ports)) ?? []), slice]);
  }
  for (const group of groups) {
    const key = portsKey(group.ports);
    planGroup(plan, service, addressType, byPorts.get(key) ?? [], group);
    byPorts.delete(key);
  }
  for (const unwanted of byPorts.values()) plan.remove.push(...unwanted);
  if (existing.length === plan.remove.length && plan.create.length === 0) keepPlaceholder(plan, service, addressType);
  return reuseRemoved(plan, service);
}

function planGroup(
  plan: SlicePlan,
  service: Service,
  addressType: AddressType,
  existing: readonly Slice[],
  group: PortGroup,
): void {
  const missing = new Map(group.endpoints.map((endpoint) => [endpointKey(endpoint), endpoint]));
  const updated: FilledSlice[] = [];
  const unchanged: Slice[] = [];
  for (const slice of existing) {
    const before = slice.endpoints ?? [];
    const kept: Endpoint[] = [];
    let isChanged = false;
    for (const endpoint of before) {
      const key = endpointKey(endpoint);
      const wanted = missing.get(key);
      if (wanted === undefined) continue;
      kept.push(wanted);
      missing.delete(key);
      isChanged ||= !semanticEqual(withoutVersion(endpoint), wanted);
    }
    if (kept.length === 0 && before.length > 0) plan.remove.push(slice);
    else if (isChanged || kept.length !== before.length || !hasRightLabels(slice, service))
      updated.push({ ...slice, metadata: { ...slice.metadata, labels: sliceLabels(service) }, endpoints: kept });
    else unchanged.push(slice);
  }

  const left = [...missing.values()];
  updated.sort((a, b) => b.endpoints.length - a.endpoints.length);
  for (const slice of updated)
    slice.endpoints.push(...left.splice(0, Math.max(0, maxPerSlice - slice.endpoints.length)));
  while (left.length > 0) {
    const target = left.length < maxPerSlice ? fullestThatHolds(unchanged, left.length) : undefined;
    const part = left.splice(0, maxPerSlice);
    if (target === undefined) plan.create.push({ ...newSlice(service, addressType, group.ports), endpoints: part });
    else updated.push({ ...target, endpoints: [...(target.endpoints ?? []), ...part] });
  }
  plan.update.push(...updated);
}

/** Who wrote a reference may have noted the pod's version; it says nothing about the endpoint. */
function withoutVersion(endpoint: Endpoint): Endpoint {
  if (endpoint.targetRef?.resourceVersion === undefined) return endpoint;
  const targetRef = { ...endpoint.targetRef };
  delete targetRef.resourceVersion;
  return { ...endpoint, targetRef };
}

const hasRightLabels = (slice: Slice, service: Service): boolean =>
  semanticEqual(unreserved(slice.metadata.labels), unreserved(service.metadata.labels));

/** The one that is left with the least room when `count` are added. */
function fullestThatHolds(slices: readonly Slice[], count: number): Slice | undefined {
  let best: Slice | undefined;
  for (const slice of slices) {
    const length = slice.endpoints?.length ?? 0;
    if (length + count <= maxPerSlice && (best === undefined || length > (best.endpoints?.length ?? 0))) best = slice;
  }
  return best;
}

/** An empty slice that is there already stays, whatever it was before. */
function keepPlaceholder(plan: SlicePlan, service: Service, addressType: AddressType): void {
  const placeholder = newSlice(service, addressType, []);
  const [only, ...others] = plan.remove;
  const isThere =
    only !== undefined &&
    others.length === 0 &&
    isOwnedBy(only, service) &&
    (only.endpoints ?? []).length === 0 &&
    (only.ports ?? []).length === 0 &&
    semanticEqual(only.metadata.labels, placeholder.metadata.labels);
  if (isThere) plan.remove.length = 0;
  else plan.create.push(placeholder);
}

/** A slice to be removed is written over by one to be made: its name is known to those who watch. */
function reuseRemoved(plan: SlicePlan, service: Service): SlicePlan {
  const remove: Slice[] = [];
  const update = [...plan.update];
  const create = [...plan.create];
  for (const slice of plan.remove) {
    const next = create.at(-1);
    if (next === undefined || next.addressType !== slice.addressType || !isOwnedBy(slice, service)) {
      remove.push(slice);
      continue;
    }
    create.pop();
    const { namespace = '', name = '', resourceVersion } = slice.metadata;
    update.push({
      ...next,
      metadata: { ...next.metadata, namespace, name, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    });
  }
  return { create, update, remove };
}
