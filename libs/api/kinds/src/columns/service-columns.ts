import type { corev1, discoveryv1 } from '@reckon/api/types';
import { ageColumn, columns, firstOf, labelsText, nameColumn } from './column';

export const serviceColumns = columns<corev1.Service>([
  nameColumn,
  { name: 'Type', description: ['core/v1.ServiceSpec', 'type'], cell: (service) => service.spec?.type ?? '' },
  {
    name: 'Cluster-IP',
    description: ['core/v1.ServiceSpec', 'clusterIP'],
    cell: (service) => service.spec?.clusterIPs?.[0] ?? '<none>',
  },
  { name: 'External-IP', description: ['core/v1.ServiceSpec', 'externalIPs'], cell: externalAddress },
  {
    name: 'Port(s)',
    description: ['core/v1.ServiceSpec', 'ports'],
    cell: (service) => {
      const ports = service.spec?.ports ?? [];
      return ports.length === 0 ? '<none>' : ports.map(portText).join(',');
    },
  },
  ageColumn,
  {
    name: 'Selector',
    priority: 1,
    description: ['core/v1.ServiceSpec', 'selector'],
    cell: (service) => labelsText(service.spec?.selector),
  },
]);

function portText(port: corev1.ServicePort): string {
  const node = port.nodePort !== undefined && port.nodePort > 0 ? `:${String(port.nodePort)}` : '';
  return `${String(port.port)}${node}/${port.protocol ?? ''}`;
}

/** Upstream's `getServiceExternalIP`. */
function externalAddress(service: corev1.Service): string {
  const external = service.spec?.externalIPs ?? [];
  switch (service.spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return external.length === 0 ? '<none>' : external.join(',');
    case 'LoadBalancer': {
      const balanced = (service.status?.loadBalancer?.ingress ?? []).map((i) => i.ip ?? i.hostname ?? '');
      const all = [...[...new Set(balanced)].filter((a) => a !== '').sort(), ...external];
      return all.length === 0 ? '<pending>' : all.join(',');
    }
    case 'ExternalName':
      return service.spec.externalName ?? '';
    default:
      return '<unknown>';
  }
}

const shownAddresses = 3;

export const endpointsColumns = columns<corev1.Endpoints>([
  nameColumn,
  { name: 'Endpoints', description: ['core/v1.Endpoints', 'subsets'], cell: endpointsText },
  ageColumn,
]);

/** Upstream's `formatEndpoints`: ready addresses with each of their ports. */
function endpointsText(endpoints: corev1.Endpoints): string {
  const subsets = endpoints.subsets ?? [];
  if (subsets.length === 0) return '<none>';
  const all = subsets.flatMap((subset) => {
    const addresses = (subset.addresses ?? []).map((a) => a.ip);
    const ports = subset.ports ?? [];
    if (ports.length === 0) return addresses;
    return ports.flatMap((port) => addresses.map((ip) => `${ip.includes(':') ? `[${ip}]` : ip}:${String(port.port)}`));
  });
  return firstOf(all, shownAddresses);
}

export const endpointSliceColumns = columns<discoveryv1.EndpointSlice>([
  nameColumn,
  {
    name: 'AddressType',
    description: ['discovery/v1.EndpointSlice', 'addressType'],
    cell: (slice) => slice.addressType,
  },
  {
    name: 'Ports',
    description: ['discovery/v1.EndpointSlice', 'ports'],
    cell: (slice) => setOrFirst((slice.ports ?? []).map((p) => String(p.port ?? p.name ?? '*'))),
  },
  {
    name: 'Endpoints',
    description: ['discovery/v1.EndpointSlice', 'endpoints'],
    cell: (slice) => setOrFirst((slice.endpoints ?? []).flatMap((e) => e.addresses)),
  },
  ageColumn,
]);

const setOrFirst = (list: readonly string[]): string => firstOf(list, shownAddresses) || '<unset>';
