import type { KubeObject, Quantity } from '@reckon/api/machinery';
import { type Amounts, amountTexts, amountsOf, equalAmounts, usageOf } from '@reckon/api/quota';
import type { corev1 } from '@reckon/api/types';
import type { Source } from './quota-sources';

export type Quota = corev1.ResourceQuota & KubeObject;

/**
 * The status that says what is used now; undefined when it says so already (`syncResourceQuota`). What was counted before of kinds that
 * are not among the sources stays as it was.
 */
export function quotaStatus(
  { metadata, spec, status }: Quota,
  sources: readonly Source[],
  nowMs: number,
): corev1.ResourceQuotaStatus | undefined {
  const hard = amountsOf(spec?.hard);
  const before = amountsOf(status?.used);
  const used = new Map<string, Quantity>();
  for (const [name, quantity] of before) if (hard.has(name)) used.set(name, quantity);
  for (const { evaluator, informer } of sources)
    for (const [name, quantity] of usageOf(evaluator, spec, informer.lister.list(metadata.namespace), nowMs))
      used.set(name, quantity);
  const isSaid =
    status?.hard !== undefined &&
    status.used !== undefined &&
    equalAmounts(hard, amountsOf(status.hard)) &&
    equalAmounts(used, before);
  return isSaid ? undefined : { hard: { ...spec?.hard }, used: amountTexts(byName(used)) };
}

const byName = (amounts: Amounts): Amounts => new Map([...amounts].sort(([a], [b]) => (a < b ? -1 : 1)));
