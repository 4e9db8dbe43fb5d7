import { findCondition, reasonOf, timeText } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import type { ControllerContext } from '../controller-context';
import type { Pod } from '../replica-set/pod-state';

const disruption = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByTaintManager',
  message: 'Taint manager: deleting due to NoExecute taint',
} as const;

/** Says why, then deletes with the pod's own grace period (`addConditionAndDeletePod`). A namesake that came after is not touched. */
export async function evictPod({ rest, clock }: Pick<ControllerContext, 'rest' | 'clock'>, pod: Pod): Promise<void> {
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  const client = rest.resource<Pod>(refs.pods);
  try {
    const known = findCondition(pod.status?.conditions, disruption.type);
    if (known?.status !== disruption.status || known.reason !== disruption.reason)
      await client.patch(namespace, name, {
        type: 'strategic',
        subresource: 'status',
        body: {
          metadata: { uid },
          status: { conditions: [{ ...disruption, lastTransitionTime: timeText(clock.nowMs()) }] },
        },
      });
    await client.delete(namespace, name, { preconditions: { uid } });
  } catch (error) {
    const reason = reasonOf(error);
    if (reason !== 'NotFound' && reason !== 'Conflict') throw error;
  }
}
