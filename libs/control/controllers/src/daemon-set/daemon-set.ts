import { type KubeObject, scaledIntOrPercent } from '@reckon/api/machinery';
import type { appsv1, corev1 } from '@reckon/api/types';
import { type Pod, availableInMs } from '../replica-set/pod-state';

export type DaemonSet = appsv1.DaemonSet & KubeObject;
export type Node = corev1.Node & KubeObject;

export const daemonSetType = { apiVersion: 'apps/v1', kind: 'DaemonSet' } as const;

export const hashLabel = 'controller-revision-hash';
/** What told templates apart before there were hashes; still put on pods. */
export const generationLabel = 'pod-template-generation';
const generationAnnotation = 'deprecated.daemonset.template.generation';

/** Undefined when the annotation is missing, or no int64. */
export function templateGeneration({ metadata }: DaemonSet): string | undefined {
  const text = metadata.annotations?.[generationAnnotation] ?? '';
  return /^[+-]?[0-9]{1,18}$/.test(text) ? String(BigInt(text.replace('+', ''))) : undefined;
}

export const minReadySeconds = (set: DaemonSet): number => set.spec?.minReadySeconds ?? 0;
export const isRolling = (set: DaemonSet): boolean => set.spec?.updateStrategy?.type !== 'OnDelete';

/** Pods above one per node during a rollout, of all `nodes` (daemon/util.SurgeCount). */
export const maxSurge = (set: DaemonSet, nodes: number): number =>
  isRolling(set) ? scaledIntOrPercent(set.spec?.updateStrategy?.rollingUpdate?.maxSurge ?? 0, nodes, 'up') : 0;

/** Nodes that may lack a pod during a rollout; if neither this nor a surge is allowed one may, or nothing would ever move. */
export function maxUnavailable(set: DaemonSet, nodes: number): number {
  const wanted = isRolling(set)
    ? scaledIntOrPercent(set.spec?.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, nodes, 'up')
    : 0;
  return nodes > 0 && wanted === 0 && maxSurge(set, nodes) === 0 ? 1 : wanted;
}

/** A node may have an old pod and a new one for a while. */
export const allowsSurge = (set: DaemonSet): boolean => maxSurge(set, 1) > 0;

export const isGoing = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;

export const isAvailable = (set: DaemonSet, pod: Pod, nowMs: number): boolean =>
  availableInMs(pod, minReadySeconds(set), nowMs) === 0;

/**
 * Whether the pod is of the revision with this hash (daemon/util.IsPodUpdated, which means to ask for the generation too but compares
 * a pointer with text).
 */
export const isUpdated = (pod: Pod, hash: string): boolean => pod.metadata.labels?.[hashLabel] === hash;

/** With a node before without, then the elder, then by name (`podByCreationTimestampAndPhase`). */
export function byAge(a: Pod, b: Pod): number {
  const isUnbound = (pod: Pod): number => ((pod.spec?.nodeName ?? '') === '' ? 1 : 0);
  return (
    isUnbound(a) - isUnbound(b) ||
    compare(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
    compare(a.metadata.name ?? '', b.metadata.name ?? '')
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
