import type { corev1 } from '@reckon/api/types';
import { tolerates } from '@reckon/control/runtime';

/**
 * How long a pod stays on a node with these taints: 0, not at all; Infinity, for ever; else the shortest time of the tolerations that
 * each taint needs (pkg/controller/tainteviction `getMinTolerationTime`).
 */
export function tolerationMs(
  taints: readonly corev1.Taint[],
  tolerations: readonly corev1.Toleration[] | undefined = [],
): number {
  let shortest = Infinity;
  for (const taint of taints) {
    const toleration = tolerations.find((each) => tolerates(each, taint));
    if (toleration === undefined) return 0;
    const { tolerationSeconds } = toleration;
    if (tolerationSeconds !== undefined) shortest = Math.min(shortest, Math.max(0, tolerationSeconds) * 1_000);
  }
  return shortest;
}

export const noExecute = (taints: readonly corev1.Taint[] | undefined): corev1.Taint[] =>
  (taints ?? []).filter(({ effect }) => effect === 'NoExecute');
