import { type KubeObject, type Quantity, zeroQuantity } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { type Amounts, addTo } from './amounts';
import type { Evaluator, ScopeSelector } from './evaluator';

type QuotaSpec = corev1.ResourceQuotaSpec | undefined;

/** What a quota restricts itself to; all must hold. */
export const scopesOf = (spec: QuotaSpec): ScopeSelector[] => [
  ...(spec?.scopes ?? []).map((scopeName): ScopeSelector => ({ scopeName, operator: 'Exists' })),
  ...(spec?.scopeSelector?.matchExpressions ?? []),
];

/** The names of a quota's limits that this kind counts for. */
export const measuredBy = (evaluator: Evaluator, names: Iterable<string>): string[] =>
  [...names].filter((name) => evaluator.measures(name));

/**
 * What all of these objects use of what the quota names of their kind, 0 where they use nothing (quota.CalculateUsage). The objects are
 * those of the quota's namespace.
 */
export function usageOf(evaluator: Evaluator, spec: QuotaSpec, objects: Iterable<KubeObject>, nowMs: number): Amounts {
  const names = measuredBy(evaluator, Object.keys(spec?.hard ?? {}));
  const used = new Map<string, Quantity>(names.map((name) => [name, zeroQuantity]));
  if (names.length === 0) return used;
  const scopes = scopesOf(spec);
  for (const object of objects) {
    if (!scopes.every((scope) => evaluator.isInScope(object, scope))) continue;
    const own = evaluator.usage(object, nowMs);
    const named = new Map<string, Quantity>();
    for (const name of names) {
      const quantity = own.get(name);
      if (quantity !== undefined) named.set(name, quantity);
    }
    addTo(used, named);
  }
  return used;
}
