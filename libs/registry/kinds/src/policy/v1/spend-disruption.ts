import {
  failure,
  findCondition,
  labelSelectorFromObject,
  SelectorError,
  StatusError,
  statusErrors,
  timeText,
  withCondition,
} from '@reckon/api/machinery';
import type { corev1, metav1, policyv1 } from '@reckon/api/types';
import type { RequestContext } from '@reckon/registry/generic';
import type { Change, Storage, StoredObject } from '@reckon/store/contract';

type Budget = policyv1.PodDisruptionBudget;

const budgets = { group: 'policy', resource: 'poddisruptionbudgets' };
/** As upstream names it in refusals. */
const budgetResource = { group: 'policy', resource: 'poddisruptionbudget' };
/** So many evictions may wait for the controller to see them; it forgets them after two minutes in any case. */
const maxDisruptedPods = 2000;

interface Standing {
  readonly budget: Budget;
  readonly stored: StoredObject;
}

/**
 * Takes the eviction of a running pod from its disruption budget: the change of the budget, to be appended with what is done to the
 * pod, or none where no budget minds. Throws StatusError where the budget has nothing left (EvictionREST.Create, checkAndDecrement).
 */
export function spendDisruption(
  ctx: Pick<RequestContext, 'nowMs'>,
  storage: Storage,
  pod: corev1.Pod,
  isReady: boolean,
): readonly Change[] {
  const [first, ...more] = budgetsOf(storage, pod);
  if (more.length > 0) throw manyBudgets();
  if (first === undefined) return [];
  const { budget, stored } = first;
  if (!isReady && mayEvictUnready(budget)) return [];
  const status = statusOf(budget);
  refuseUnlessAllowed(budget, status);
  status.disruptionsAllowed--;
  if (status.disruptionsAllowed === 0) status.conditions = withNothingLeft(status, ctx.nowMs);
  // Until it is gone the controller counts the pod as gone.
  status.disruptedPods = sortedMap({ ...status.disruptedPods, [pod.metadata.name ?? '']: timeText(ctx.nowMs) });
  return [
    {
      key: stored.key,
      verb: 'update',
      previous: stored.revision,
      object: { ...budget, metadata: budget.metadata, status },
    },
  ];
}

/** Of the newest state, including what is in flight. */
function budgetsOf(storage: Storage, { metadata }: corev1.Pod): readonly Standing[] {
  const found: Standing[] = [];
  for (const stored of storage.newestOf(budgets, metadata.namespace)) {
    const budget = stored.parse() as unknown as Budget;
    if (selects(budget.spec?.selector, metadata.labels ?? {})) found.push({ budget, stored });
  }
  return found;
}

/** A broken selector selects nothing. */
function selects(selector: metav1.LabelSelector | undefined, labels: Record<string, string>): boolean {
  try {
    return labelSelectorFromObject(selector).matches(labels);
  } catch (error) {
    if (error instanceof SelectorError) return false;
    throw error;
  }
}

/** A pod that is not ready is not among those that the budget counts on. */
function mayEvictUnready(budget: Budget): boolean {
  const { currentHealthy, desiredHealthy } = statusOf(budget);
  return (
    budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' ||
    (currentHealthy >= desiredHealthy && desiredHealthy > 0)
  );
}

const statusOf = ({ status }: Budget): policyv1.PodDisruptionBudgetStatus =>
  status ?? { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };

function refuseUnlessAllowed({ metadata }: Budget, status: policyv1.PodDisruptionBudgetStatus): void {
  const name = metadata.name ?? '';
  // What the controller counted is of another budget.
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0))
    throw refusal(`The disruption budget ${name} is still being processed by the server.`, 10);
  if (status.disruptionsAllowed < 0)
    throw statusErrors.forbidden(budgetResource, name, 'pdb disruptions allowed is negative');
  if (Object.keys(status.disruptedPods ?? {}).length > maxDisruptedPods)
    throw statusErrors.forbidden(
      budgetResource,
      name,
      'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    );
  if (status.disruptionsAllowed === 0) throw refusal(`The disruption budget ${name} ${whyNot(status)}`, 0);
}

function whyNot({ conditions, currentHealthy, desiredHealthy }: policyv1.PodDisruptionBudgetStatus): string {
  const { status, reason = '', message = '' } = findCondition(conditions, 'DisruptionAllowed') ?? { status: '' };
  const isExplained = status === 'False' && message !== '';
  // After a failure the numbers mean nothing.
  if (isExplained && reason === 'SyncFailed')
    return `does not allow evicting pods currently because it failed sync: ${message}`;
  if (currentHealthy <= desiredHealthy)
    return `needs ${String(desiredHealthy)} healthy pods and has ${String(currentHealthy)} currently`;
  return `does not allow evicting pods currently${isExplained ? ` (${reason}): ${message}` : ''}`;
}

/** 429; a client that is told no time chooses its own. */
function refusal(why: string, retryAfterSeconds: number): StatusError {
  return new StatusError(
    failure({
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [{ reason: 'DisruptionBudget', message: why }],
        ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
      },
    }),
    retryAfterSeconds === 0 ? {} : { headers: { 'Retry-After': String(retryAfterSeconds) } },
  );
}

const manyBudgets = (): StatusError =>
  new StatusError(
    failure({
      code: 500,
      message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    }),
  );

/** UpdateDisruptionAllowedCondition, when the last has been spent. */
function withNothingLeft(
  { conditions = [], observedGeneration }: policyv1.PodDisruptionBudgetStatus,
  nowMs: number,
): metav1.Condition[] {
  const nowText = timeText(nowMs);
  const condition: metav1.Condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
    lastTransitionTime: nowText,
    reason: 'InsufficientPods',
    message: '',
  };
  return [...withCondition(conditions, condition, nowText)];
}

const sortedMap = (map: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
