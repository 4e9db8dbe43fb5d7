import type { admissionregistrationv1 } from '@reckon/api/types';

/** SetDefaults_Rule. */
export function setRuleDefaults(rules: readonly admissionregistrationv1.Rule[] | undefined): void {
  for (const rule of rules ?? []) rule.scope ??= '*';
}

/** SetDefaults_MatchResources and the rules in it. */
export function setMatchResourcesDefaults(match: admissionregistrationv1.MatchResources | undefined): void {
  if (match === undefined) return;
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  setRuleDefaults(match.resourceRules);
  setRuleDefaults(match.excludeResourceRules);
}
