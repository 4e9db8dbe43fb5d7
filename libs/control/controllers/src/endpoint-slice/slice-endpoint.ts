import { type IpAddress, type KubeObject, ipText, parseIp } from '@reckon/api/machinery';
import type { corev1, discoveryv1 } from '@reckon/api/types';
import { type Service, hostnameIn, podIps, targetPortOf } from '../endpoints/service-pods';
import { type Pod, isReady } from '../replica-set/pod-state';

export type Endpoint = discoveryv1.Endpoint;
export type SlicePort = discoveryv1.EndpointPort;
export type AddressType = 'IPv4' | 'IPv6';
export type Node = corev1.Node & KubeObject;

const zoneLabel = 'topology.kubernetes.io/zone';

/** The families that a Service has slices for. */
export function addressTypesOf(service: Service): AddressType[] {
  const { ipFamilies = [], clusterIP = '' } = service.spec ?? {};
  const named = ipFamilies.filter((family): family is AddressType => family === 'IPv4' || family === 'IPv6');
  if (named.length > 0) return named;
  // A server that sets no families: the cluster IP tells; a headless Service may have both.
  if (clusterIP === '' || clusterIP === 'None') return ['IPv4', 'IPv6'];
  return [parseIp(clusterIP)?.family === 6 ? 'IPv6' : 'IPv4'];
}

/** k8s.io/endpointslice.podToEndpoint, with the hints of the Service's traffic distribution; no addresses: not of this family. */
export function endpointOf(service: Service, pod: Pod, node: Node | undefined, addressType: AddressType): Endpoint {
  const serving = isReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  const zone = node?.metadata.labels?.[zoneLabel] ?? '';
  const nodeName = pod.spec?.nodeName ?? '';
  const hostname = hostnameIn(service, pod);
  const hints = ready ? hintsFor(service, zone, nodeName) : undefined;
  return {
    addresses: podIps(pod)
      .map(parseIp)
      .filter((ip): ip is IpAddress => ip?.family === (addressType === 'IPv6' ? 6 : 4))
      .map(ipText),
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(nodeName === '' ? {} : { nodeName }),
    ...(zone === '' ? {} : { zone }),
    ...(hints === undefined ? {} : { hints }),
  };
}

/** k8s.io/endpointslice/trafficdist.ReconcileHints: proxies near an endpoint should prefer it. */
function hintsFor(service: Service, zone: string, nodeName: string): discoveryv1.EndpointHints | undefined {
  const wish = service.spec?.trafficDistribution;
  if (wish !== 'PreferClose' && wish !== 'PreferSameZone' && wish !== 'PreferSameNode') return undefined;
  const hints = {
    ...(zone === '' ? {} : { forZones: [{ name: zone }] }),
    ...(nodeName === '' || wish !== 'PreferSameNode' ? {} : { forNodes: [{ name: nodeName }] }),
  };
  return Object.keys(hints).length === 0 ? undefined : hints;
}

/** The Service's ports as this pod has them; a named port that it lacks is left out. */
export function slicePortsOf(service: Service, pod: Pod): SlicePort[] {
  const ports: SlicePort[] = [];
  for (const port of service.spec?.ports ?? []) {
    const number = targetPortOf(pod, port);
    if (number === undefined) continue;
    const { name = '', protocol = 'TCP', appProtocol } = port;
    ports.push({ name, port: number, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) });
  }
  return ports;
}

/** Equal for port lists that belong in the same slices, whatever their order. */
export const portsKey = (ports: readonly SlicePort[] | null | undefined): string =>
  (ports ?? [])
    .map(({ name = '', port = 0, protocol = 'TCP', appProtocol = '' }) => [name, port, protocol, appProtocol].join(' '))
    .sort()
    .join();

/** Which endpoint it is, whatever its conditions (k8s.io/endpointslice/util.hashEndpoint). */
export const endpointKey = ({ addresses, hostname = '', targetRef }: Endpoint): string =>
  [...addresses]
    .sort()
    .concat(hostname, targetRef?.namespace ?? '', targetRef?.name ?? '')
    .join(' ');
