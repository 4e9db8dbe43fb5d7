import { isConditionTrue, timeText } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { RequestContext, Strategy } from '@reckon/registry/generic';
import { spendDisruption } from '../../../policy/v1/spend-disruption';

/** Whether the disruption budgets of a pod are asked before it is evicted (EvictionREST.Create). */
export function mayEvictWithoutBudget(pod: corev1.Pod): boolean {
  const { phase } = pod.status ?? {};
  // What does not run disrupts nothing, and what is on its way out already counts as gone.
  return phase === 'Pending' || isEnding(pod);
}

const isEnding = ({ metadata, status }: corev1.Pod): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed' || metadata.deletionTimestamp !== undefined;

/** True when a pod counts as healthy for a budget. */
export const isReady = (pod: corev1.Pod): boolean => isConditionTrue(pod.status?.conditions, 'Ready');

/** Whether a marked pod may only go as it was marked: had it become ready meanwhile, its budget would have had a say. */
export const mustStayAsMarked = (pod: corev1.Pod): boolean => !isEnding(pod) && !isReady(pod);

/** Leaves a note on the pod (a copy, which is changed) of why it is about to go (addConditionAndDeletePod). */
export function markEvicted(ctx: Pick<RequestContext, 'nowMs'>, pod: corev1.Pod): void {
  const conditions = ((pod.status ??= {}).conditions ??= []);
  const index = conditions.findIndex(({ type }) => type === 'DisruptionTarget');
  const before = conditions[index];
  const condition: corev1.PodCondition = {
    type: 'DisruptionTarget',
    status: 'True',
    // A time that was never set: Go writes it all the same.
    lastProbeTime: null as unknown as string,
    lastTransitionTime:
      before?.status === 'True' && before.lastTransitionTime ? before.lastTransitionTime : timeText(ctx.nowMs),
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };
  if (index < 0) conditions.push(condition);
  else conditions[index] = condition;
}

/** The mark and what it costs the pod's disruption budget are one append: no eviction is spent on a pod that stays, or twice. */
export const evictionStrategy: Strategy<corev1.Pod> = {
  recordsManagers: false,
  // A pod that bears the mark already costs its budget all the same.
  decidesUnchanged: true,
  decide: (ctx, storage, _, old) =>
    old === undefined || mayEvictWithoutBudget(old) ? [] : spendDisruption(ctx, storage, old, isReady(old)),
};
