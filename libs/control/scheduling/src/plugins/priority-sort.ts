import type { QueuedPod } from '../queue/queued-pod';

/** Higher priority first, then who came earlier (plugins/queuesort.PrioritySort). */
export function prioritySort(a: QueuedPod, b: QueuedPod): boolean {
  if (a.info.priority !== b.info.priority) return a.info.priority > b.info.priority;
  return a.queuedAtMs === b.queuedAtMs ? a.sequence < b.sequence : a.queuedAtMs < b.queuedAtMs;
}
