import type { rbacv1 } from '@reckon/api/types';

type Rule = rbacv1.PolicyRule;

/** Does the policy of an owner contain that of a servant? (k8s.io/component-helpers/auth/rbac/validation `Covers`.) */
export function uncoveredRules(owned: readonly Rule[], wanted: readonly Rule[]): Rule[] {
  const missing: Rule[] = [];
  for (const rule of wanted.flatMap(singleRules)) if (!owned.some((owner) => covers(owner, rule))) missing.push(rule);
  return missing;
}

/**
 * A rule as rules of one verb, one group, one resource and one name, or of one verb and one path. What comes here has not been
 * validated: a rule without verbs grants nothing.
 */
function singleRules({
  verbs = [],
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: Partial<Rule>): Rule[] {
  const singles: Rule[] = [];
  for (const group of apiGroups)
    for (const resource of resources)
      for (const verb of verbs) {
        const rule: Rule = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if (resourceNames.length === 0) singles.push(rule);
        else for (const name of resourceNames) singles.push({ ...rule, resourceNames: [name] });
      }
  for (const url of nonResourceURLs) for (const verb of verbs) singles.push({ verbs: [verb], nonResourceURLs: [url] });
  return singles;
}

const containsAll = (owner: readonly string[] = [], wanted: readonly string[] = []): boolean =>
  owner.includes('*') || wanted.every((value) => owner.includes(value));

function covers(owner: Rule, wanted: Rule): boolean {
  const ownedNames = owner.resourceNames ?? [];
  const wantedNames = wanted.resourceNames ?? [];
  const isNamed =
    ownedNames.length === 0 || (wantedNames.length > 0 && wantedNames.every((name) => ownedNames.includes(name)));
  return (
    containsAll(owner.verbs, wanted.verbs) &&
    containsAll(owner.apiGroups, wanted.apiGroups) &&
    (wanted.resources ?? []).every((resource) => coversResource(owner.resources ?? [], resource)) &&
    (wanted.nonResourceURLs ?? []).every((url) => coversUrl(owner.nonResourceURLs ?? [], url)) &&
    isNamed
  );
}

function coversResource(owned: readonly string[], wanted: string): boolean {
  if (owned.includes('*') || owned.includes(wanted)) return true;
  const [, subresource] = wanted.split('/');
  return subresource !== undefined && owned.includes(`*/${subresource}`);
}

function coversUrl(owned: readonly string[], wanted: string): boolean {
  return owned.some(
    (url) => url === '*' || url === wanted || (url.endsWith('*') && wanted.startsWith(url.replace(/\*+$/, ''))),
  );
}
