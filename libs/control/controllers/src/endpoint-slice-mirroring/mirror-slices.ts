import { type KubeObject, ipText, newControllerReference, parseIp, semanticEqual } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { type Slice, managedByLabel, serviceNameLabel } from '../endpoint-slice/new-slice';
import {
  type AddressType,
  type Endpoint,
  type SlicePort,
  endpointKey,
  portsKey,
} from '../endpoint-slice/slice-endpoint';
import type { SlicePlan } from '../endpoint-slice/slice-plan';
import { triggerTimeAnnotation } from '../endpoints/trigger-times';

export type Endpoints = corev1.Endpoints & KubeObject;

export const mirroredBy = 'endpointslicemirroring-controller.k8s.io';
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** What belongs in one slice: the addresses of one family that offer the same ports. */
interface Group {
  readonly addressType: AddressType;
  readonly ports: SlicePort[];
  /** By `endpointKey`. */
  readonly endpoints: Map<string, Endpoint>;
}

export interface Mirrored extends SlicePlan {
  /** Addresses that are none. */
  readonly invalid: number;
  /** These, and those that were too many. */
  readonly skipped: number;
}

/**
 * What to write so that slices say what Endpoints say (pkg/controller/endpointslicemirroring `reconciler.reconcile`): one slice for
 * the addresses of a family that have the same ports.
 */
export function mirrorSlices(endpoints: Endpoints, existing: readonly Slice[], mostPerSubset: number): Mirrored {
  const { groups, invalid, skipped } = groupsOf(endpoints, mostPerSubset);
  const create: Slice[] = [];
  const update: Slice[] = [];
  const remove: Slice[] = [];
  const left = new Map<string, Slice[]>();
  for (const slice of existing) {
    const key = groupKey(slice.addressType, slice.ports ?? []);
    left.set(key, [...(left.get(key) ?? []), slice]);
  }
  for (const [key, group] of groups) {
    if (group.endpoints.size === 0) continue;
    const [kept, ...more] = left.get(key) ?? [];
    left.delete(key);
    remove.push(...more);
    if (kept !== undefined && isRight(kept, endpoints, group)) continue;
    const slice = mirrorSlice(endpoints, group, mostPerSubset);
    if (kept === undefined) create.push(slice);
    else update.push(inPlaceOf(slice, kept));
  }
  for (const slices of left.values()) remove.push(...slices);
  // A slice that would go is written over by one that would come.
  for (const slice of [...create]) {
    const at = remove.findIndex(({ addressType }) => addressType === slice.addressType);
    const [old] = at === -1 ? [] : remove.splice(at, 1);
    if (old === undefined) continue;
    create.splice(create.indexOf(slice), 1);
    update.push(inPlaceOf(slice, old));
  }
  return { create, update, remove, invalid, skipped };
}

const groupKey = (addressType: string, ports: readonly SlicePort[]): string => `${addressType} ${portsKey(ports)}`;

function groupsOf(
  { subsets = [] }: Endpoints,
  mostPerSubset: number,
): { readonly groups: ReadonlyMap<string, Group>; readonly invalid: number; readonly skipped: number } {
  const groups = new Map<string, Group>();
  let invalid = 0;
  let skipped = 0;
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const slicePorts = ports.map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({
      name,
      port,
      protocol,
      ...(appProtocol === undefined ? {} : { appProtocol }),
    }));
    const groupFor = (addressType: AddressType): Group => {
      const key = groupKey(addressType, slicePorts);
      let group = groups.get(key);
      if (group === undefined) groups.set(key, (group = { addressType, ports: slicePorts, endpoints: new Map() }));
      return group;
    };
    let added = 0;
    const all = [...addresses.map((a) => [a, true] as const), ...notReadyAddresses.map((a) => [a, false] as const)];
    for (const [address, isReady] of all) {
      if (added >= mostPerSubset) break;
      const ip = parseIp(address.ip);
      if (ip === undefined) {
        invalid++;
        continue;
      }
      const endpoint = endpointOf(address, ipText(ip), isReady);
      groupFor(ip.family === 6 ? 'IPv6' : 'IPv4').endpoints.set(endpointKey(endpoint), endpoint);
      added++;
    }
    skipped += all.length - added;
  }
  return { groups, invalid, skipped };
}

const endpointOf = (
  { hostname = '', nodeName, targetRef }: corev1.EndpointAddress,
  ip: string,
  ready: boolean,
): Endpoint => ({
  addresses: [ip],
  conditions: { ready },
  ...(hostname === '' ? {} : { hostname }),
  ...(targetRef === undefined ? {} : { targetRef }),
  ...(nodeName === undefined ? {} : { nodeName }),
});

/** Whether the slice says it already, with the labels and annotations of the Endpoints. */
function isRight(slice: Slice, endpoints: Endpoints, group: Group): boolean {
  const shown = slice.endpoints ?? [];
  const labels = without(slice.metadata.labels, managedByLabel, serviceNameLabel);
  return (
    shown.length === group.endpoints.size &&
    shown.every((endpoint) => semanticEqual(endpoint, group.endpoints.get(endpointKey(endpoint)))) &&
    semanticEqual(labels, without(endpoints.metadata.labels, managedByLabel, serviceNameLabel)) &&
    semanticEqual(slice.metadata.annotations ?? {}, mirroredAnnotations(endpoints))
  );
}

const mirroredAnnotations = ({ metadata }: Endpoints): Record<string, string> =>
  without(metadata.annotations, triggerTimeAnnotation, lastApplied);

function without(texts: Readonly<Record<string, string>> | undefined, ...names: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(texts ?? {}).filter(([name]) => !names.includes(name)));
}

function mirrorSlice(endpoints: Endpoints, group: Group, mostPerSubset: number): Slice {
  const { namespace = '', name = '', labels } = endpoints.metadata;
  return {
    metadata: {
      namespace,
      generateName: `${name}-`,
      labels: { ...labels, [serviceNameLabel]: name, [managedByLabel]: mirroredBy },
      annotations: mirroredAnnotations(endpoints),
      ownerReferences: [newControllerReference(endpoints, { apiVersion: 'v1', kind: 'Endpoints' })],
    },
    addressType: group.addressType,
    endpoints: [...group.endpoints.values()].slice(0, mostPerSubset),
    ports: group.ports,
  };
}

function inPlaceOf(slice: Slice, old: Slice): Slice {
  const { name = '', uid, resourceVersion } = old.metadata;
  const metadata = { ...slice.metadata };
  delete metadata.generateName;
  return {
    ...slice,
    metadata: {
      ...metadata,
      name,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
  };
}
