import {
  type KubeObject,
  type LabelSelector,
  SelectorError,
  isConditionTrue,
  labelSelectorFromObject,
  noLabel,
  parseTime,
  semanticEqual,
  timeText,
  withCondition,
} from '@reckon/api/machinery';
import type { policyv1 } from '@reckon/api/types';
import { parsedOnce } from '../ownership/selector-cache';
import type { Pod } from '../replica-set/pod-state';

export type Budget = policyv1.PodDisruptionBudget & KubeObject;
type Status = policyv1.PodDisruptionBudgetStatus;

const conditionType = 'DisruptionAllowed';

/** A pod that was allowed to be evicted counts as gone for so long; if it has not been deleted by then, it never will be. */
export const deletionTimeoutMs = 2 * 60_000;

/** An absent selector selects nothing, an empty one everything. One that cannot be read selects nothing either. */
export const budgetSelector = (): ((budget: Budget) => LabelSelector) =>
  parsedOnce((budget) => {
    try {
      return labelSelectorFromObject(budget.spec?.selector);
    } catch (error) {
      if (error instanceof SelectorError) return noLabel();
      throw error;
    }
  });

const isGoing = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined;

export interface Disrupted {
  /** Of the pods that eviction wrote down, those that may still be on their way; when each was. */
  readonly pods: Readonly<Record<string, string>>;
  /** Pods that were to be deleted and were not. */
  readonly overdue: readonly Pod[];
  /** When the next of `pods` is overdue, after so long; undefined: there is none. */
  readonly recheckMs: number | undefined;
}

/** What is left of `status.disruptedPods` (disruption.DisruptionController.buildDisruptedPodMap). */
export function disruptedPods(budget: Budget, pods: readonly Pod[], nowMs: number): Disrupted {
  const known = budget.status?.disruptedPods ?? {};
  const kept: Record<string, string> = {};
  const overdue: Pod[] = [];
  let recheckMs: number | undefined;
  for (const pod of pods) {
    const { name = '' } = pod.metadata;
    const since = Object.hasOwn(known, name) ? known[name] : undefined;
    if (since === undefined || isGoing(pod)) continue;
    const leftMs = (parseTime(since) ?? 0) + deletionTimeoutMs - nowMs;
    if (leftMs < 0) overdue.push(pod);
    else {
      kept[name] = since;
      recheckMs = Math.min(recheckMs ?? Infinity, leftMs);
    }
  }
  return { pods: kept, overdue, recheckMs };
}

/** Pods that are ready and stay (disruption.countHealthyPods). */
export const countHealthy = (pods: readonly Pod[], disrupted: Disrupted['pods']): number =>
  pods.filter(
    (pod) =>
      !isGoing(pod) &&
      !Object.hasOwn(disrupted, pod.metadata.name ?? '') &&
      isConditionTrue(pod.status?.conditions, 'Ready'),
  ).length;

export interface Counts {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
  readonly currentHealthy: number;
  readonly disruptedPods: Disrupted['pods'];
}

/** The status that says so (`updatePdbStatus`); the same object when the budget says it already. */
export function budgetStatus(budget: Budget, counts: Counts, nowMs: number): Status {
  const { expectedPods, desiredHealthy, currentHealthy } = counts;
  // Without any pod nothing is allowed: the first may appear before we look again.
  const disruptionsAllowed = expectedPods <= 0 ? 0 : Math.max(currentHealthy - desiredHealthy, 0);
  const observedGeneration = budget.metadata.generation ?? 0;
  const conditions = withCondition(
    budget.status?.conditions ?? [],
    {
      type: conditionType,
      status: disruptionsAllowed > 0 ? 'True' : 'False',
      reason: disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods',
      message: '',
      observedGeneration,
      lastTransitionTime: '',
    },
    timeText(nowMs),
  );
  const isNone = Object.keys(counts.disruptedPods).length === 0;
  return unlessSame(budget, {
    observedGeneration,
    ...(isNone ? {} : { disruptedPods: { ...counts.disruptedPods } }),
    disruptionsAllowed,
    currentHealthy,
    desiredHealthy,
    expectedPods,
    conditions: [...conditions],
  });
}

/** The status of a budget that could not be worked out: nothing may be evicted, and why (`failSafe`). */
export function failedStatus(budget: Budget, message: string, nowMs: number): Status {
  const { status } = budget;
  const observedGeneration = status?.observedGeneration ?? 0;
  const conditions = withCondition(
    status?.conditions ?? [],
    { type: conditionType, status: 'False', reason: 'SyncFailed', message, observedGeneration, lastTransitionTime: '' },
    timeText(nowMs),
  );
  return unlessSame(budget, {
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
    ...status,
    disruptionsAllowed: 0,
    conditions: [...conditions],
  });
}

const unlessSame = ({ status }: Budget, next: Status): Status =>
  status !== undefined && semanticEqual(status, next) ? status : next;
