import { findCondition, type KubeObject } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';

export type Node = corev1.Node & KubeObject;

export const nodeKind = { group: '', version: 'v1', kind: 'Node' } as const;

/** `True`, `False`, `Unknown`; undefined while nobody has told. */
export const readiness = (node: Node): string | undefined => findCondition(node.status?.conditions, 'Ready')?.status;

/** Nodes that fail together (k8s.io/component-helpers/node/topology `GetZoneKey`); '' without labels. */
export function zoneOf({ metadata: { labels = {} } }: Node): string {
  const region = labels['topology.kubernetes.io/region'] ?? labels['failure-domain.beta.kubernetes.io/region'] ?? '';
  const zone = labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? '';
  return region === '' && zone === '' ? '' : `${region}:\u0000:${zone}`;
}
