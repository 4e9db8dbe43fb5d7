import type { SystemObject } from './system-objects';

/**
 * The Service by which pods find the apiserver, and the endpoints behind it, which no controller keeps
 * (pkg/controlplane/controller/kubernetesservice and pkg/controlplane/reconcilers).
 */
export function kubernetesService(options: {
  /** First address of the Service range. */
  readonly clusterIp: string;
  /** Where the apiserver can be reached; without one there are no endpoints, since a loopback address cannot be one. */
  readonly address?: string;
  readonly port: number;
}): readonly SystemObject[] {
  const metadata = { name: 'kubernetes', namespace: 'default' };
  const { address } = options;
  const service: SystemObject = {
    group: '',
    resource: 'services',
    owned: [['spec', 'ports']],
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata, labels: { component: 'apiserver', provider: 'kubernetes' } },
      spec: {
        type: 'ClusterIP',
        clusterIP: options.clusterIp,
        clusterIPs: [options.clusterIp],
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        sessionAffinity: 'None',
        ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: options.port }],
      },
    },
  };
  if (address === undefined) return [service];
  return [
    service,
    {
      group: '',
      resource: 'endpoints',
      owned: [['subsets']],
      object: {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: { ...metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
        subsets: [{ addresses: [{ ip: address }], ports: [{ name: 'https', port: options.port, protocol: 'TCP' }] }],
      },
    },
    {
      group: 'discovery.k8s.io',
      resource: 'endpointslices',
      owned: [['endpoints'], ['ports']],
      object: {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
        addressType: 'IPv4',
        endpoints: [{ addresses: [address], conditions: { ready: true } }],
        ports: [{ name: 'https', port: options.port, protocol: 'TCP' }],
      },
    },
  ];
}
