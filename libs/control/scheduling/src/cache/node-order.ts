import type { NodeInfo } from './node-info';

/** `<region>:<zone>`, '' where neither is named (k8s.io/component-helpers/node/topology.GetZoneKey). */
export function zoneOf(labels: Readonly<Record<string, string>>): string {
  const zone = labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? '';
  const region = labels['topology.kubernetes.io/region'] ?? labels['failure-domain.beta.kubernetes.io/region'] ?? '';
  return zone === '' && region === '' ? '' : `${region}:${zone}`;
}

/**
 * Zones take turns, so that looking at the first part of the nodes only (large clusters) does not look at one zone only
 * (pkg/scheduler/backend/cache.nodeTree). Within a zone nodes keep the order in which they came.
 */
export function interleaveZones(nodes: Iterable<NodeInfo>): NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>();
  for (const node of nodes) {
    const zone = zoneOf(node.labels);
    const members = zones.get(zone);
    if (members === undefined) zones.set(zone, [node]);
    else members.push(node);
  }
  const rows = [...zones.values()];
  if (rows.length === 1) return rows[0] ?? [];
  const order: NodeInfo[] = [];
  const longest = rows.reduce((most, row) => Math.max(most, row.length), 0);
  for (let i = 0; i < longest; i++)
    for (const row of rows) {
      const node = row[i];
      if (node !== undefined) order.push(node);
    }
  return order;
}
