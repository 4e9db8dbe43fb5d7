import type { QueuedPod } from './queued-pod';

export interface BackoffLimits {
  readonly firstMs: number;
  readonly longestMs: number;
}

export const defaultBackoffLimits: BackoffLimits = { firstMs: 1_000, longestMs: 10_000 };

/** Errors have their own count; a pod that was never refused does not wait. */
export function backoffMs(pod: QueuedPod, { firstMs, longestMs }: BackoffLimits): number {
  const failures = pod.errorCount > 0 ? pod.errorCount : pod.unschedulableCount;
  if (failures === 0) return 0;
  // A larger exponent could not be written, and is past any limit.
  return Math.min(firstMs * 2 ** Math.min(failures - 1, 40), longestMs);
}

export const backoffEndsMs = (pod: QueuedPod, limits: BackoffLimits): number => pod.queuedAtMs + backoffMs(pod, limits);
