import { timeText } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { RequestContext } from '@reckon/registry/generic';

/** Whether the disruption budgets of a pod are asked before it is evicted (EvictionREST.Create). */
export function mayEvictWithoutBudget(pod: corev1.Pod): boolean {
  const { phase } = pod.status ?? {};
  // What does not run disrupts nothing, and what is on its way out already counts as gone.
  return (
    phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || pod.metadata.deletionTimestamp !== undefined
  );
}

/** True when a pod counts as healthy for a budget. */
export function isReady(pod: corev1.Pod): boolean {
  return (pod.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** Leaves a note on the pod (a copy, which is changed) of why it is about to go (addConditionAndDeletePod). */
export function markEvicted(ctx: Pick<RequestContext, 'nowMs'>, pod: corev1.Pod): void {
  const conditions = ((pod.status ??= {}).conditions ??= []);
  const index = conditions.findIndex(({ type }) => type === 'DisruptionTarget');
  const before = conditions[index];
  const condition: corev1.PodCondition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastTransitionTime:
      before?.status === 'True' && before.lastTransitionTime ? before.lastTransitionTime : timeText(ctx.nowMs),
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };
  if (index < 0) conditions.push(condition);
  else conditions[index] = condition;
}
