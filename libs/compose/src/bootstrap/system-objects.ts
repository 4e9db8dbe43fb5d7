import type { KubeObject } from '@reckon/api/machinery';

/** An object that a cluster has from its first moment, with the resource that holds it. */
export interface SystemObject {
  readonly group: string;
  readonly resource: string;
  readonly object: KubeObject;
  /** Paths of what is ours for good: brought up to date when the object is there. The rest is whoever's changes it. */
  readonly owned?: readonly (readonly string[])[];
}

/** Upstream: pkg/controlplane/controller/systemnamespaces and genericapiserver's `default`. */
const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** Upstream: pkg/apis/scheduling/v1 `SystemPriorityClasses`. */
const priorityClasses = [
  {
    name: 'system-node-critical',
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  {
    name: 'system-cluster-critical',
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
];

/** In an order in which they can be created. */
export const systemObjects: readonly SystemObject[] = [
  ...namespaces.map((name) => ({
    group: '',
    resource: 'namespaces',
    object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
  })),
  ...priorityClasses.map(({ name, value, description }) => ({
    group: 'scheduling.k8s.io',
    resource: 'priorityclasses',
    object: { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, description },
  })),
];
