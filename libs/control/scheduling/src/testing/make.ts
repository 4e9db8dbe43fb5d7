import type { OwnerReference } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { NodeInfo } from '../cache/node-info';
import { type PodInfo, podInfoOf } from '../cache/pod-info';
import type { ClusterEvent } from '../framework/cluster-event';
import { CycleState } from '../framework/cycle-state';
import type { Node, Pod } from '../framework/kinds';
import type { Plugin } from '../framework/plugin';
import { skip, statusMessage } from '../framework/status';

export interface PodParts {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly labels?: Record<string, string>;
  readonly requests?: Record<string, string>;
  readonly owners?: readonly OwnerReference[];
  readonly spec?: Partial<corev1.PodSpec>;
  readonly status?: corev1.PodStatus;
}

/** A pod as the apiserver would give it, with one container that requests `requests`. */
export function pod(parts: PodParts = {}): Pod {
  const { name = 'p', namespace = 'default', labels, requests } = parts;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid: parts.uid ?? `uid-${name}`,
      generation: 1,
      ...(labels === undefined ? {} : { labels }),
      ...(parts.owners === undefined ? {} : { ownerReferences: [...parts.owners] }),
    },
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
  readonly declaredFeatures?: string[];
}

export function node(parts: NodeParts = {}): Node {
  const { name = 'n' } = parts;
  const allocatable = { cpu: '4', memory: '8Gi', pods: '110', ...parts.allocatable };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: `uid-${name}`, labels: { 'kubernetes.io/hostname': name, ...parts.labels } },
    spec: parts.spec ?? {},
    status: {
      allocatable,
      capacity: allocatable,
      conditions: [{ type: 'Ready', status: 'True' }],
      ...(parts.declaredFeatures === undefined ? {} : { declaredFeatures: parts.declaredFeatures }),
    },
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

export function listerOf(nodes: readonly NodeInfo[]): {
  list(): readonly NodeInfo[];
  get(name: string): NodeInfo | undefined;
} {
  return { list: () => nodes, get: (name) => nodes.find((n) => n.name === name) };
}

/** Runs a plugin's preFilter and filter on each node as the framework would; the reasons, '' where the node fits. */
export function filterReasons(plugin: Plugin, pod: PodInfo, nodes: readonly NodeInfo[]): string[] {
  const state = new CycleState();
  const answer = plugin.preFilter?.(state, pod, listerOf(nodes)) ?? {};
  if (answer.status === skip) return nodes.map(() => '');
  if (answer.status !== undefined)
    return nodes.map(() => (answer.status === undefined ? '' : statusMessage(answer.status)));
  return nodes.map((n) => {
    const status = plugin.filter?.(state, pod, n);
    return status === undefined ? '' : statusMessage(status);
  });
}

/** Runs a plugin's preScore, score and normalize; undefined where it has nothing to say. */
export function scoresOf(plugin: Plugin, pod: PodInfo, nodes: readonly NodeInfo[]): number[] | undefined {
  const state = new CycleState();
  if (plugin.preScore?.(state, pod, nodes) === skip) return undefined;
  const scores = nodes.map((n) => plugin.score?.(state, pod, n) ?? 0);
  plugin.normalize?.(state, pod, scores, nodes);
  return scores;
}

/** Whether one of the plugin's hints says that the event may help. */
export const isHelped = (plugin: Plugin, pod: PodInfo, event: ClusterEvent): boolean =>
  plugin.hints?.some(
    (h) => h.resource === event.resource && h.actions.includes(event.action) && (h.helps?.(pod, event) ?? true),
  ) ?? false;
