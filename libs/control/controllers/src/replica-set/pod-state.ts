import { type KubeObject, findCondition, parseTime } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';

export type Pod = corev1.Pod & KubeObject;

const isEnded = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** Counts as a replica (pkg/controller.IsPodActive). */
export const isActive = (pod: Pod): boolean => !isEnded(pod) && pod.metadata.deletionTimestamp === undefined;

/** On its way out, its containers not yet ended (pkg/controller.IsPodTerminating). */
export const isTerminating = (pod: Pod): boolean => !isEnded(pod) && pod.metadata.deletionTimestamp !== undefined;

export const isReady = (pod: Pod): boolean => findCondition(pod.status?.conditions, 'Ready')?.status === 'True';

/** When it became ready in ms, undefined if it is not or does not say. */
export function readySinceMs(pod: Pod): number | undefined {
  const ready = findCondition(pod.status?.conditions, 'Ready');
  return ready?.status === 'True' ? timeMs(ready.lastTransitionTime) : undefined;
}

/** In how many ms the pod will have been ready for `minReadySeconds`; 0 if it is available, undefined if it is not ready. */
export function availableInMs(pod: Pod, minReadySeconds: number, nowMs: number): number | undefined {
  if (!isReady(pod)) return undefined;
  if (minReadySeconds === 0) return 0;
  const since = readySinceMs(pod);
  return since === undefined ? undefined : Math.max(0, since + minReadySeconds * 1000 - nowMs);
}

export const timeMs = (text: string | null | undefined): number | undefined =>
  text === undefined || text === null || text === '' ? undefined : parseTime(text);
