import type { corev1, nodev1 } from '@reckon/api/types';
import { ageColumn, columns, nameColumn } from './column';

const orUnknown = (text: string | undefined): string => (text === undefined || text === '' ? '<unknown>' : text);

const addressOf = (node: corev1.Node, type: string): string =>
  node.status?.addresses?.find((a) => a.type === type)?.address ?? '<none>';

export const nodeColumns = columns<corev1.Node>([
  nameColumn,
  { name: 'Status', description: 'The status of the node', cell: nodeStatus },
  { name: 'Roles', description: 'The roles of the node', cell: nodeRoles },
  ageColumn,
  {
    name: 'Version',
    description: ['core/v1.NodeSystemInfo', 'kubeletVersion'],
    cell: (node) => node.status?.nodeInfo?.kubeletVersion ?? '',
  },
  {
    name: 'Internal-IP',
    priority: 1,
    description: ['core/v1.NodeStatus', 'addresses'],
    cell: (node) => addressOf(node, 'InternalIP'),
  },
  {
    name: 'External-IP',
    priority: 1,
    description: ['core/v1.NodeStatus', 'addresses'],
    cell: (node) => addressOf(node, 'ExternalIP'),
  },
  {
    name: 'OS-Image',
    priority: 1,
    description: ['core/v1.NodeSystemInfo', 'osImage'],
    cell: (node) => orUnknown(node.status?.nodeInfo?.osImage),
  },
  {
    name: 'Kernel-Version',
    priority: 1,
    description: ['core/v1.NodeSystemInfo', 'kernelVersion'],
    cell: (node) => orUnknown(node.status?.nodeInfo?.kernelVersion),
  },
  {
    name: 'Container-Runtime',
    priority: 1,
    description: ['core/v1.NodeSystemInfo', 'containerRuntimeVersion'],
    cell: (node) => orUnknown(node.status?.nodeInfo?.containerRuntimeVersion),
  },
]);

export const runtimeClassColumns = columns<nodev1.RuntimeClass>([
  nameColumn,
  // Upstream describes it with nothing.
  { name: 'Handler', description: '', cell: ({ handler }) => handler },
  ageColumn,
]);

function nodeStatus(node: corev1.Node): string {
  const ready = node.status?.conditions?.find((c) => c.type === 'Ready');
  const status = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return node.spec?.unschedulable === true ? `${status},SchedulingDisabled` : status;
}

const rolePrefix = 'node-role.kubernetes.io/';

function nodeRoles(node: corev1.Node): string {
  const roles = new Set<string>();
  for (const [label, value] of Object.entries(node.metadata.labels ?? {})) {
    if (label.startsWith(rolePrefix) && label.length > rolePrefix.length) roles.add(label.slice(rolePrefix.length));
    else if (label === 'kubernetes.io/role' && value !== '') roles.add(value);
  }
  return roles.size === 0 ? '<none>' : [...roles].sort().join(',');
}
