import { parseTime } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';

/** pkg/kubelet `MaxContainerBackOff` and the first period of its back-off. */
const firstMs = 10_000;
const maxMs = 300_000;
/** A container that ran this long has shown that it can (client-go/util/flowcontrol.Backoff forgets after twice the maximum). */
const forgottenAfterMs = 2 * maxMs;

/**
 * How long after its end a container is started again: at once after its first run and after a long one, then 10 s, doubled with each
 * restart, at most five minutes.
 */
export function restartBackOffMs(status: Pick<corev1.ContainerStatus, 'restartCount' | 'state' | 'lastState'>): number {
  const ended = status.state?.terminated ?? status.lastState?.terminated;
  if (status.restartCount === 0) return 0;
  if (typeof ended?.startedAt === 'string' && typeof ended.finishedAt === 'string') {
    if (parseTime(ended.finishedAt) - parseTime(ended.startedAt) > forgottenAfterMs) return 0;
  }
  return Math.min(firstMs * 2 ** Math.min(status.restartCount - 1, 10), maxMs);
}
