import { createHash } from 'node:crypto';
import { type KubeObject, timeText } from '@reckon/api/machinery';
import { defaultDeclaredFeatures } from '@reckon/api/node-declared-features';
import type { corev1 } from '@reckon/api/types';
import { type NodeProfile, nodeCapacity } from './node-profile';

export type Node = corev1.Node & KubeObject;

const architecture = process.arch === 'x64' ? 'amd64' : process.arch;

/** The Node as a kubelet registers it (pkg/kubelet/kubelet_node_status.go `initialNode`). */
export function nodeObject(profile: NodeProfile, nowMs: number): Node {
  const { registration } = profile;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: profile.name,
      labels: nodeLabels(profile),
      annotations: {
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
    },
    spec: {
      podCIDR: profile.podCidr,
      podCIDRs: [profile.podCidr],
      ...(registration.providerId === undefined ? {} : { providerID: registration.providerId }),
      ...(registration.taints === undefined ? {} : { taints: [...registration.taints] }),
      ...(registration.unschedulable === true ? { unschedulable: true } : {}),
    },
    status: nodeStatus(profile, nowMs, {}),
  };
}

export const nodeLabels = ({ name, registration }: NodeProfile): Record<string, string> => ({
  'beta.kubernetes.io/arch': architecture,
  'beta.kubernetes.io/os': 'linux',
  'kubernetes.io/arch': architecture,
  'kubernetes.io/hostname': name,
  'kubernetes.io/os': 'linux',
  ...registration.labels,
});

export const capacityOf = ({ registration: { maxPods } }: NodeProfile): Record<string, string> => ({
  ...nodeCapacity,
  ...(maxPods === undefined ? {} : { pods: String(maxPods) }),
});

const isExtended = (resource: string): boolean => resource.includes('/');

/**
 * Extended resources that others say the node has, as what it offers; null those that nobody says it has any more
 * (pkg/kubelet/nodestatus/setters.go `MachineInfo`). A real node has them of device plugins, or is told of them by hand.
 */
function offeredExtended({ capacity = {}, allocatable = {} }: corev1.NodeStatus): Record<string, string | null> {
  const offered: Record<string, string | null> = {};
  for (const name of Object.keys(allocatable)) if (isExtended(name)) offered[name] = null;
  for (const name of Object.keys(capacity)) if (isExtended(name)) offered[name] = capacity[name] ?? null;
  return offered;
}

/** Whether the status offers other extended resources than the node has. */
export const offersWrongly = (status: corev1.NodeStatus): boolean =>
  Object.entries(offeredExtended(status)).some(([name, amount]) => amount !== (status.allocatable?.[name] ?? null));

/** Status of a healthy node. Conditions that hold already keep the time of their transition. */
export function nodeStatus(profile: NodeProfile, nowMs: number, before: corev1.NodeStatus): corev1.NodeStatus {
  const now = timeText(nowMs);
  const capacity = capacityOf(profile);
  return {
    addresses: [
      { type: 'InternalIP', address: profile.internalIp },
      { type: 'Hostname', address: profile.name },
    ],
    capacity,
    // In a patch, null takes a name away; the generated type knows only text.
    allocatable: { ...capacity, ...(offeredExtended(before) as Record<string, string>) },
    conditions: healthyConditions.map(({ type, status, reason, message }) => {
      const old = before.conditions?.find((c) => c.type === type && c.status === status);
      return {
        type,
        status,
        lastHeartbeatTime: now,
        lastTransitionTime: old?.lastTransitionTime ?? now,
        reason,
        message,
      };
    }),
    // As of a kubelet that nobody has configured (pkg/kubelet/nodestatus `DeclaredFeatures`).
    declaredFeatures: [...defaultDeclaredFeatures],
    daemonEndpoints: { kubeletEndpoint: { Port: profile.kubeletPort } },
    nodeInfo: {
      architecture,
      bootID: uuidOf(`boot ${profile.name}`),
      containerRuntimeVersion: 'reckon://simulated',
      kernelVersion: 'simulated',
      kubeProxyVersion: '',
      kubeletVersion: profile.kubeletVersion,
      machineID: uuidOf(`machine ${profile.name}`).replaceAll('-', ''),
      operatingSystem: 'linux',
      osImage: 'Reckon simulated node',
      systemUUID: uuidOf(`system ${profile.name}`),
    },
  };
}

/** What a machine reads from its firmware and its boot: a simulated one keeps its own by its name. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** Reasons and messages of pkg/kubelet/nodestatus/setters.go. */
const healthyConditions = [
  {
    type: 'MemoryPressure',
    status: 'False',
    reason: 'KubeletHasSufficientMemory',
    message: 'kubelet has sufficient memory available',
  },
  {
    type: 'DiskPressure',
    status: 'False',
    reason: 'KubeletHasNoDiskPressure',
    message: 'kubelet has no disk pressure',
  },
  {
    type: 'PIDPressure',
    status: 'False',
    reason: 'KubeletHasSufficientPID',
    message: 'kubelet has sufficient PID available',
  },
  { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
] as const;
