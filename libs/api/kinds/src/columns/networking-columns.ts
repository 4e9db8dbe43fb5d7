import { formatLabelSelector } from '@reckon/api/machinery';
import type { networkingv1 } from '@reckon/api/types';
import { ageColumn, columns, nameColumn } from './column';

const shownHosts = 3;

export const ingressColumns = columns<networkingv1.Ingress>([
  nameColumn,
  {
    name: 'Class',
    description: 'The name of the IngressClass resource that should be used for additional configuration',
    cell: (ingress) => ingress.spec?.ingressClassName ?? '<none>',
  },
  {
    name: 'Hosts',
    description: 'Hosts that incoming requests are matched against before the ingress rule',
    cell: (ingress) => hostsText(ingress.spec?.rules ?? []),
  },
  {
    name: 'Address',
    description: 'Address is a list containing ingress points for the load-balancer',
    cell: (ingress) => {
      const points = (ingress.status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || (hostname ?? ''));
      return [...new Set(points)]
        .filter((point) => point !== '')
        .sort()
        .join(',');
    },
  },
  {
    name: 'Ports',
    description: 'Ports of TLS configurations that open',
    cell: (ingress) => ((ingress.spec?.tls ?? []).length > 0 ? '80, 443' : '80'),
  },
  ageColumn,
]);

/** Upstream's `formatHosts`: the first three, and how many rules there are beside them. */
function hostsText(rules: readonly networkingv1.IngressRule[]): string {
  const hosts: string[] = [];
  let more = false;
  for (const { host } of rules) {
    if (hosts.length === shownHosts) more = true;
    else if (host) hosts.push(host);
  }
  if (hosts.length === 0) return '*';
  return more ? `${hosts.join(',')} + ${String(rules.length - shownHosts)} more...` : hosts.join(',');
}

export const ingressClassColumns = columns<networkingv1.IngressClass>([
  {
    ...nameColumn,
    cell: ({ metadata: { name = '', annotations } }) =>
      annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true' ? `${name} (default)` : name,
  },
  {
    name: 'Controller',
    description: 'Controller that is responsible for handling this class',
    cell: (ingressClass) => ingressClass.spec?.controller ?? '',
  },
  {
    name: 'Parameters',
    description: 'A reference to a resource with additional parameters',
    cell: ({ spec }) => {
      if (spec?.parameters === undefined) return '<none>';
      const { kind, apiGroup, name } = spec.parameters;
      return `${kind}${apiGroup === undefined ? '' : `.${apiGroup}`}/${name}`;
    },
  },
  ageColumn,
]);

export const networkPolicyColumns = columns<networkingv1.NetworkPolicy>([
  nameColumn,
  {
    name: 'Pod-Selector',
    description: ['networking/v1.NetworkPolicySpec', 'podSelector'],
    cell: (policy) => formatLabelSelector(policy.spec?.podSelector ?? {}),
  },
  ageColumn,
]);

export const ipAddressColumns = columns<networkingv1.IPAddress>([
  nameColumn,
  {
    name: 'ParentRef',
    description: ['networking/v1.IPAddressSpec', 'parentRef'],
    cell: (address) => parentText(address.spec?.parentRef),
  },
  // Upstream fills it and forgets to say that it is there.
  { ...ageColumn, isUndeclared: true },
]);

function parentText(parent: networkingv1.ParentReference | undefined): string {
  if (parent === undefined) return '<none>';
  const { group, resource = '', namespace, name = '' } = parent;
  return `${resource}${group ? `.${group}` : ''}${namespace ? `/${namespace}` : ''}/${name}`;
}

export const serviceCidrColumns = columns<networkingv1.ServiceCIDR>([
  nameColumn,
  {
    name: 'CIDRs',
    description: ['networking/v1.ServiceCIDRSpec', 'cidrs'],
    cell: (serviceCidr) => (serviceCidr.spec?.cidrs ?? []).join(','),
  },
  ageColumn,
]);
