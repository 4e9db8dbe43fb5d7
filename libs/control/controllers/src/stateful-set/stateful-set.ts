import type { KubeObject } from '@reckon/api/machinery';
import type { appsv1, corev1 } from '@reckon/api/types';
import { type Pod, availableInMs, isReady } from '../replica-set/pod-state';

export type StatefulSet = appsv1.StatefulSet & KubeObject;
export type Claim = corev1.PersistentVolumeClaim & KubeObject;

export const statefulSetType = { apiVersion: 'apps/v1', kind: 'StatefulSet' } as const;
export const podType = { apiVersion: 'v1', kind: 'Pod' } as const;

export const revisionLabel = 'controller-revision-hash';

export const wantedReplicas = (set: StatefulSet): number => set.spec?.replicas ?? 1;
export const firstOrdinal = (set: StatefulSet): number => set.spec?.ordinals?.start ?? 0;
export const minReadySeconds = (set: StatefulSet): number => set.spec?.minReadySeconds ?? 0;

/** One pod after the other, each only when those before it are available; otherwise all at once. */
export const isOrdered = (set: StatefulSet): boolean => set.spec?.podManagementPolicy !== 'Parallel';

const numbered = /^(.*)-([0-9]+)$/s;
const highestOrdinal = 2 ** 31 - 1;

/** The set and the number that a pod's name tells; -1: none (statefulset `getParentNameAndOrdinal`). */
export function nameParts({ metadata }: Pod): { readonly parent: string; readonly ordinal: number } {
  const [, parent = '', digits] = numbered.exec(metadata.name ?? '') ?? [];
  const ordinal = Number(digits ?? -1);
  return { parent, ordinal: ordinal > highestOrdinal ? -1 : ordinal };
}

export const ordinalOf = (pod: Pod): number => nameParts(pod).ordinal;
export const isMember = (set: StatefulSet, pod: Pod): boolean => nameParts(pod).parent === set.metadata.name;

/** Whether the set is to have this pod, rather than to lose it when it is scaled down or its first ordinal moves. */
export function isInRange(set: StatefulSet, pod: Pod): boolean {
  const index = ordinalOf(pod) - firstOrdinal(set);
  return index >= 0 && index < wantedReplicas(set);
}

/** The name of the revision that the pod was made of. */
export const podRevision = (pod: Pod): string => pod.metadata.labels?.[revisionLabel] ?? '';

export const isGoing = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
export const isRunningAndReady = (pod: Pod): boolean => pod.status?.phase === 'Running' && isReady(pod);

export const isAvailable = (set: StatefulSet, pod: Pod, nowMs: number): boolean =>
  availableInMs(pod, minReadySeconds(set), nowMs) === 0;
