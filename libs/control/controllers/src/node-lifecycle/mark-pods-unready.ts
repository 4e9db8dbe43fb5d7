import { isConditionTrue, reasonOf, timeText } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import type { EventRecorder } from '@reckon/control/runtime';
import type { ControllerContext } from '../controller-context';
import type { Pod } from '../replica-set/pod-state';

const podKind = { group: '', version: 'v1', kind: 'Pod' } as const;

/** Takes pods of a lost node out of service: nobody else will say that they are not ready (`MarkPodsNotReady`). */
export async function markPodsUnready(
  { rest, clock }: Pick<ControllerContext, 'rest' | 'clock'>,
  recorder: EventRecorder,
  pods: readonly Pod[],
): Promise<void> {
  const client = rest.resource<Pod>(refs.pods);
  const lastTransitionTime = timeText(clock.nowMs());
  for (const pod of pods) {
    if (!isConditionTrue(pod.status?.conditions, 'Ready')) continue;
    const { namespace = '', name = '', uid } = pod.metadata;
    try {
      await client.patch(namespace, name, {
        type: 'strategic',
        subresource: 'status',
        body: { metadata: { uid }, status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime }] } },
      });
    } catch (error) {
      if (reasonOf(error) === 'NotFound') continue;
      throw error;
    }
    recorder.event(pod, podKind, { type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready' });
  }
}
