import { findCondition, isConditionTrue, parseTime, reasonOf, timeText } from '@reckon/api/machinery';
import type { Informer } from '@reckon/client/cache';
import { objectKey } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import { Controller, done, requeueAfter } from '@reckon/control/runtime';
import type { ControllerContext } from '../controller-context';
import type { Pod } from '../replica-set/pod-state';

const conditionType = 'DisruptionTarget';
/** A pod that was to be disrupted and is still not being deleted after so long will not be. */
const staleAfterMs = 2 * 60_000;

/** In how many ms the condition is stale, 0 when it is; undefined: there is none that could become so. */
function staleInMs({ metadata, status }: Pod, nowMs: number): number | undefined {
  if (metadata.deletionTimestamp !== undefined || status?.phase === 'Succeeded' || status?.phase === 'Failed')
    return undefined;
  const condition = findCondition(status?.conditions, conditionType);
  // A kubelet may take its time.
  if (condition?.status !== 'True' || condition.reason === 'TerminationByKubelet') return undefined;
  const sinceMs = condition.lastTransitionTime == null ? 0 : parseTime(condition.lastTransitionTime);
  return Math.max(sinceMs + staleAfterMs - nowMs, 0);
}

/** Takes back the announcement that a pod will be disrupted, when it was not (`syncStalePodDisruption`). */
export function staleDisruptionController(context: ControllerContext, pods: Informer<Pod>): Controller {
  const client = context.rest.resource<Pod>(refs.pods);
  const controller = new Controller(
    'stale_pod_disruption',
    async (key) => {
      const pod = pods.lister.byKey(key);
      if (pod === undefined) return done;
      const nowMs = context.clock.nowMs();
      const waitMs = staleInMs(pod, nowMs);
      if (waitMs === undefined) return done;
      if (waitMs > 0) return requeueAfter(waitMs);
      const { generation } = pod.metadata;
      const taken = {
        type: conditionType,
        status: 'False',
        lastTransitionTime: timeText(nowMs),
        ...(generation === undefined ? {} : { observedGeneration: generation }),
      };
      const conditions = (pod.status?.conditions ?? []).map((c) => (c.type === conditionType ? taken : c));
      try {
        await client.updateStatus({ ...pod, status: { ...pod.status, conditions } });
      } catch (error) {
        if (reasonOf(error) !== 'NotFound') throw error;
      }
      return done;
    },
    context,
    { workers: 1 },
  );
  const look = (pod: Pod): void => {
    if (isConditionTrue(pod.status?.conditions, conditionType)) controller.enqueue(objectKey(pod));
  };
  pods.addHandler({ add: look, update: (_, pod) => look(pod) });
  return controller;
}
