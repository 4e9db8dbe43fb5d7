import type { corev1 } from '@reckon/api/types';
import { parseIp } from '@reckon/api/machinery';
import { type Pod, isReady } from '../replica-set/pod-state';
import { type Service, belongsInEndpoints, hostnameIn, podIps, targetPortOf } from './service-pods';

type Subset = corev1.EndpointSubset;
type Address = corev1.EndpointAddress;
type Port = corev1.EndpointPort;

/** What a Service's Endpoints should hold, in canonical form. */
export function subsetsOf(service: Service, pods: readonly Pod[]): Subset[] {
  const { publishNotReadyAddresses = false, ports = [], clusterIP } = service.spec ?? {};
  const subsets: Subset[] = [];
  for (const pod of pods) {
    if (!belongsInEndpoints(pod, { evenTerminating: publishNotReadyAddresses })) continue;
    const address = addressOf(service, pod);
    if (address === undefined) continue;
    const addresses =
      publishNotReadyAddresses || isReady(pod) ? { addresses: [address] } : { notReadyAddresses: [address] };
    // A headless Service need not have ports.
    if (ports.length === 0 && clusterIP === 'None') subsets.push(addresses);
    for (const port of ports) {
      const number = targetPortOf(pod, port);
      if (number !== undefined) subsets.push({ ...addresses, ports: [portOf(port, number)] });
    }
  }
  return repack(subsets);
}

function portOf({ name, protocol, appProtocol }: corev1.ServicePort, port: number): Port {
  return {
    ...(name === undefined || name === '' ? {} : { name }),
    port,
    protocol: protocol ?? 'TCP',
    ...(appProtocol === undefined ? {} : { appProtocol }),
  };
}

/** Undefined for a pod without an address of the Service's family. */
function addressOf(service: Service, pod: Pod): Address | undefined {
  const ips = podIps(pod);
  const wanted = familyOf(service, ips);
  const ip = ips.find((text) => parseIp(text)?.family === wanted);
  if (ip === undefined) return undefined;
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  const hostname = hostnameIn(service, pod);
  const nodeName = pod.spec?.nodeName;
  return {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

/** The Service's first family; a server that sets none leaves the cluster IP, and a headless Service the pod, to tell. */
function familyOf(service: Service, ips: readonly string[]): 4 | 6 {
  const { ipFamilies = [], clusterIP = '' } = service.spec ?? {};
  if (ipFamilies[0] !== undefined) return ipFamilies[0] === 'IPv6' ? 6 : 4;
  return parseIp(clusterIP === '' || clusterIP === 'None' ? (ips[0] ?? '') : clusterIP)?.family ?? 4;
}

/**
 * The canonical form (pkg/api/v1/endpoints.RepackSubsets): ports that the same addresses offer in the same readiness are one subset,
 * addresses are in order of address and uid. An address that is ready in one and not in another counts as not ready.
 *
 * Ports and subsets are ordered by name, number and protocol where upstream orders them by a hash of Go's memory dump: any fixed
 * order serves.
 */
export function repack(subsets: readonly Subset[]): Subset[] {
  const addresses = new Map<string, Address>();
  /** Per port (undefined key: no port) the readiness of each address. */
  const byPort = new Map<string, { readonly port: Port | undefined; readonly ready: Map<string, boolean> }>();
  for (const subset of subsets)
    for (const port of subset.ports === undefined || subset.ports.length === 0 ? [undefined] : subset.ports) {
      const portKey = port === undefined ? '' : keyOfPort(port);
      let entry = byPort.get(portKey);
      if (entry === undefined) byPort.set(portKey, (entry = { port, ready: new Map() }));
      const note = (address: Address, isReady: boolean): void => {
        const key = `${address.ip}/${address.targetRef?.uid ?? ''}`;
        if (!addresses.has(key)) addresses.set(key, address);
        if (entry.ready.get(key) !== false) entry.ready.set(key, isReady);
      };
      for (const address of subset.addresses ?? []) note(address, true);
      for (const address of subset.notReadyAddresses ?? []) note(address, false);
    }

  const packed = new Map<string, { readonly ready: Map<string, boolean>; readonly ports: Port[] }>();
  for (const { port, ready } of byPort.values()) {
    if (ready.size === 0) continue;
    const key = [...ready]
      .map(([address, isReady]) => `${address} ${String(isReady)}`)
      .sort()
      .join();
    let entry = packed.get(key);
    if (entry === undefined) packed.set(key, (entry = { ready, ports: [] }));
    if (port !== undefined) entry.ports.push(port);
  }
  return [...packed.values()]
    .map(({ ready, ports }): Subset => {
      const pick = (wanted: boolean): Address[] =>
        [...ready]
          .filter(([, isReady]) => isReady === wanted)
          .map(([key]) => addresses.get(key))
          .filter((address) => address !== undefined)
          .sort(byIpAndUid);
      const isReadyList = pick(true);
      const notReadyList = pick(false);
      return {
        ...(isReadyList.length === 0 ? {} : { addresses: isReadyList }),
        ...(notReadyList.length === 0 ? {} : { notReadyAddresses: notReadyList }),
        ...(ports.length === 0 ? {} : { ports: ports.sort((a, b) => compare(keyOfPort(a), keyOfPort(b))) }),
      };
    })
    .sort((a, b) => compare(keyOfSubset(a), keyOfSubset(b)));
}

const keyOfPort = ({ name = '', port, protocol = 'TCP', appProtocol = '' }: Port): string =>
  `${name} ${String(port).padStart(5, '0')} ${protocol} ${appProtocol}`;

const keyOfSubset = (subset: Subset): string => (subset.ports ?? []).map(keyOfPort).join();

const byIpAndUid = (a: Address, b: Address): number =>
  compare(a.ip, b.ip) || compare(a.targetRef?.uid ?? '', b.targetRef?.uid ?? '');

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
