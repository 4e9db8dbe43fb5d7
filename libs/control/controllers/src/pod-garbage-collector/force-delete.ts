import { reasonOf, timeText } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';
import type { ControllerContext } from '../controller-context';
import type { Pod } from '../replica-set/pod-state';

/**
 * Deletes a pod without waiting for a kubelet (`markFailedAndDeletePodWithCondition`). It is marked Failed first, so that whoever
 * watches it, a Job for one, sees that it did not simply vanish.
 */
export async function forceDelete(
  { rest, clock }: ControllerContext,
  pod: Pod,
  condition: corev1.PodCondition | undefined,
): Promise<void> {
  const { namespace = '', name = '', uid } = pod.metadata;
  const pods = rest.resource<Pod>(refs.pods);
  const phase = pod.status?.phase;
  try {
    if (phase !== 'Succeeded' && phase !== 'Failed') {
      const conditions = condition === undefined ? [] : [{ ...condition, lastTransitionTime: timeText(clock.nowMs()) }];
      await pods.patch(namespace, name, {
        type: 'strategic',
        subresource: 'status',
        body: { metadata: { uid }, status: { phase: 'Failed', ...(conditions.length === 0 ? {} : { conditions }) } },
      });
    }
    await pods.delete(namespace, name, {
      gracePeriodSeconds: 0,
      ...(uid === undefined ? {} : { preconditions: { uid } }),
    });
  } catch (error) {
    if (reasonOf(error) !== 'NotFound') throw error;
  }
}
