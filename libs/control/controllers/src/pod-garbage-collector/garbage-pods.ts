import { findCondition } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Pod } from '../replica-set/pod-state';

const isTerminated = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** Of the pods that have ended those in excess of `threshold`: evicted ones first, then the oldest. */
export function terminatedBeyond(pods: readonly Pod[], threshold: number): Pod[] {
  const terminated = pods.filter(isTerminated);
  if (terminated.length <= threshold) return [];
  const rank = (pod: Pod): string =>
    [
      pod.status?.phase === 'Failed' && pod.status.reason === 'Evicted' ? 0 : 1,
      pod.metadata.creationTimestamp ?? '',
      pod.metadata.name ?? '',
    ].join(' ');
  return terminated.sort((a, b) => (rank(a) < rank(b) ? -1 : 1)).slice(0, terminated.length - threshold);
}

/** Deleted, but its node is down and declared out of service, so no kubelet will end it. */
export function isOutOfService(pod: Pod, node: corev1.Node | undefined): boolean {
  if (pod.metadata.deletionTimestamp === undefined || node === undefined) return false;
  const isReady = findCondition(node.status?.conditions, 'Ready')?.status === 'True';
  return !isReady && (node.spec?.taints ?? []).some((taint) => taint.key === 'node.kubernetes.io/out-of-service');
}

export const isUnscheduledTerminating = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp !== undefined && (pod.spec?.nodeName ?? '') === '';
