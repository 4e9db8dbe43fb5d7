import type { KubeObject, Quantity } from '@reckon/api/machinery';
import { type Amounts, type Evaluator, amountTexts, amountsOf, equalAmounts, usageOf } from '@reckon/api/quota';
import type { corev1 } from '@reckon/api/types';

export type Quota = corev1.ResourceQuota & KubeObject;

/** The objects of one kind in the quota's namespace. */
export interface Counted {
  readonly evaluator: Evaluator;
  readonly objects: Iterable<KubeObject>;
}

/**
 * The status that says what is used now; undefined when it says so already (`syncResourceQuota`). What was counted before of kinds that
 * are not among the counted stays as it was.
 */
export function quotaStatus(
  { spec, status }: Quota,
  counted: readonly Counted[],
  nowMs: number,
): corev1.ResourceQuotaStatus | undefined {
  const hard = amountsOf(spec?.hard);
  const before = amountsOf(status?.used);
  const used = new Map<string, Quantity>();
  for (const [name, quantity] of before) if (hard.has(name)) used.set(name, quantity);
  for (const { evaluator, objects } of counted)
    for (const [name, quantity] of usageOf(evaluator, spec, objects, nowMs)) used.set(name, quantity);
  const isSaid =
    status?.hard !== undefined &&
    status.used !== undefined &&
    equalAmounts(hard, amountsOf(status.hard)) &&
    equalAmounts(used, before);
  return isSaid ? undefined : { hard: { ...spec?.hard }, used: amountTexts(byName(used)) };
}

const byName = (amounts: Amounts): Amounts => new Map([...amounts].sort(([a], [b]) => (a < b ? -1 : 1)));
