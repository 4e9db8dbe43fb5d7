import type { QueuedPod } from './queued-pod';

export const backoffLimits = { firstMs: 1_000, longestMs: 10_000 } as const;

/** Errors have their own count; a pod that was never refused does not wait. */
export function backoffMs(pod: QueuedPod): number {
  const failures = pod.errorCount > 0 ? pod.errorCount : pod.unschedulableCount;
  if (failures === 0) return 0;
  // 2^4 s is past the longest already; a larger exponent could not be written.
  return Math.min(backoffLimits.firstMs * 2 ** Math.min(failures - 1, 10), backoffLimits.longestMs);
}

export const backoffEndsMs = (pod: QueuedPod): number => pod.queuedAtMs + backoffMs(pod);
