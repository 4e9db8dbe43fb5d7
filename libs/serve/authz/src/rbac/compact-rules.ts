import { goQuote } from '@reckon/api/machinery';
import type { rbacv1 } from '@reckon/api/types';

/** Joins the verbs of rules about the same one resource (pkg/registry/rbac/validation `CompactRules`). */
export function compactRules(rules: readonly rbacv1.PolicyRule[]): rbacv1.PolicyRule[] {
  const compacted: rbacv1.PolicyRule[] = [];
  const byResource = new Map<string, rbacv1.PolicyRule>();
  for (const rule of rules) {
    const key = simpleResource(rule);
    const known = key === undefined ? undefined : byResource.get(key);
    if (known !== undefined) {
      for (const verb of rule.verbs) if (!known.verbs.includes(verb)) known.verbs.push(verb);
      continue;
    }
    const copy = { ...rule, verbs: [...rule.verbs] };
    compacted.push(copy);
    if (key !== undefined) byResource.set(key, copy);
  }
  return compacted;
}

/** Only rules of one group, one resource and at most one name can be joined. */
function simpleResource({
  apiGroups,
  resources,
  resourceNames = [],
  nonResourceURLs = [],
}: rbacv1.PolicyRule): string | undefined {
  const isSimple =
    apiGroups?.length === 1 && resources?.length === 1 && resourceNames.length <= 1 && nonResourceURLs.length === 0;
  return isSimple ? JSON.stringify([apiGroups, resources, resourceNames]) : undefined;
}

/** `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}` (pkg/apis/rbac/v1 `CompactString`). */
export function ruleText({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: rbacv1.PolicyRule): string {
  const parts = [
    ['APIGroups', apiGroups],
    ['Resources', resources],
    ['NonResourceURLs', nonResourceURLs],
    ['ResourceNames', resourceNames],
    ['Verbs', verbs],
  ] as const;
  return `{${parts.flatMap(([name, list]) => (list === undefined || list.length === 0 ? [] : [`${name}:${quotedList(list)}`])).join(', ')}}`;
}

/** As Go's `%q` prints a list of strings. */
export const quotedList = (texts: readonly string[]): string => `[${texts.map(goQuote).join(' ')}]`;
