import type { corev1 } from '@reckon/api/types';
import { NodeInfo } from '../cache/node-info';
import { type PodInfo, podInfoOf } from '../cache/pod-info';
import type { Node, Pod } from '../framework/kinds';

export interface PodParts {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly labels?: Record<string, string>;
  readonly requests?: Record<string, string>;
  readonly spec?: Partial<corev1.PodSpec>;
  readonly status?: corev1.PodStatus;
}

/** A pod as the apiserver would give it, with one container that requests `requests`. */
export function pod(parts: PodParts = {}): Pod {
  const { name = 'p', namespace = 'default', labels, requests } = parts;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, uid: parts.uid ?? `uid-${name}`, generation: 1, ...(labels === undefined ? {} : { labels }) },
    spec: {
      schedulerName: 'default-scheduler',
      priority: 0,
      containers: [{ name: 'c', ...(requests === undefined ? {} : { resources: { requests } }) }],
      ...parts.spec,
    },
    status: { phase: 'Pending', ...parts.status },
  };
}

export interface NodeParts {
  readonly name?: string;
  readonly labels?: Record<string, string>;
  readonly allocatable?: Record<string, string>;
  readonly spec?: corev1.NodeSpec;
}

export function node(parts: NodeParts = {}): Node {
  const { name = 'n' } = parts;
  const allocatable = { cpu: '4', memory: '8Gi', pods: '110', ...parts.allocatable };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: `uid-${name}`, labels: { 'kubernetes.io/hostname': name, ...parts.labels } },
    spec: parts.spec ?? {},
    status: { allocatable, capacity: allocatable, conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

export const podInfo = (parts: PodParts = {}): PodInfo => podInfoOf(pod(parts));

/** A node with pods on it. */
export function nodeInfo(parts: NodeParts = {}, pods: readonly PodParts[] = []): NodeInfo {
  const info = new NodeInfo(parts.name ?? 'n');
  info.setNode(node(parts));
  for (const [i, p] of pods.entries()) info.addPod(podInfo({ name: `other-${String(i)}`, ...p }));
  return info;
}

export function listerOf(nodes: readonly NodeInfo[]): { list(): readonly NodeInfo[]; get(name: string): NodeInfo | undefined } {
  return { list: () => nodes, get: (name) => nodes.find((n) => n.name === name) };
}
