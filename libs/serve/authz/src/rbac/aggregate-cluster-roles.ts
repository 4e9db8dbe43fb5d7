import { labelSelectorFromObject, semanticEqual } from '@reckon/api/machinery';
import type { rbacv1 } from '@reckon/api/types';
import { ruleText } from './compact-rules';

/**
 * The rules that an aggregated role must have: those of every other role that one of its selectors matches, roles by name, each
 * rule once (pkg/controller/clusterroleaggregation `syncClusterRole`). Undefined if the role is not aggregated.
 */
export function aggregatedRules(
  role: rbacv1.ClusterRole,
  all: readonly rbacv1.ClusterRole[],
): rbacv1.PolicyRule[] | undefined {
  const selectors = role.aggregationRule?.clusterRoleSelectors;
  if (selectors === undefined) return undefined;
  // By text: rules are many and comparing each with each is slow at a start.
  const rules = new Map<string, rbacv1.PolicyRule>();
  for (const object of selectors) {
    const selector = labelSelectorFromObject(object);
    const sources = all
      .filter((r) => r.metadata.name !== role.metadata.name && selector.matches(r.metadata.labels ?? {}))
      .sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
    for (const source of sources)
      for (const rule of source.rules ?? []) {
        const text = ruleText(rule);
        if (!rules.has(text)) rules.set(text, rule);
      }
  }
  return [...rules.values()];
}

/** The same roles, the aggregated ones filled; roles that gather aggregated roles (admin gathers edit, edit view) get theirs too. */
export function aggregateClusterRoles(roles: readonly rbacv1.ClusterRole[]): rbacv1.ClusterRole[] {
  let current = [...roles];
  // Each round carries rules one role further; there are no more rounds than aggregated roles.
  for (let round = 0; round <= roles.length; round++) {
    const before = current;
    const next = before.map((role) => {
      const rules = aggregatedRules(role, before);
      return rules === undefined || semanticEqual(rules, role.rules) ? role : { ...role, rules };
    });
    if (next.every((role, i) => role === before[i])) return next;
    current = next;
  }
  return current;
}
