import type { GroupVersionKind } from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import type { DiscoveredResource } from '../discovery/discover-resources';

type Rule = admissionregistrationv1.NamedRuleWithOperations;

/** policy/validating `maxTypesToCheck`: of one rule. */
const mostTypes = 10;

const inOrder = (names: readonly string[]): readonly string[] => [...names].sort();
const isPlain = (name: string): boolean => !name.includes('*');

/**
 * The kinds that the rules of a policy name, in order of group, version and kind (policy/validating `typesToCheck`). A rule with a
 * group or a version left open names none, nor do resources left open, and subresources.
 */
export function typesToCheck(
  rules: readonly Rule[],
  served: readonly DiscoveredResource[],
): readonly GroupVersionKind[] {
  const kinds = new Map<string, GroupVersionKind>();
  for (const rule of rules) {
    let count = 0;
    for (const { group, version, resource } of named(rule)) {
      const row = served.find((s) => s.group === group && s.version === version && s.resource === resource);
      if (row === undefined) continue;
      kinds.set(`${group}/${version}/${row.kind}`, { group, version, kind: row.kind });
      if (++count === mostTypes) return sorted(kinds.values());
    }
  }
  return sorted(kinds.values());
}

function named({ apiGroups = [], apiVersions = [], resources = [] }: Rule): {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}[] {
  if (!apiGroups.every(isPlain) || !apiVersions.every(isPlain)) return [];
  const plain = inOrder(resources.filter((name) => isPlain(name) && !name.includes('/')));
  return inOrder(apiGroups).flatMap((group) =>
    inOrder(apiVersions).flatMap((version) => plain.map((resource) => ({ group, version, resource }))),
  );
}

const compared = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const sorted = (kinds: Iterable<GroupVersionKind>): GroupVersionKind[] =>
  [...kinds].sort((a, b) => compared(a.group, b.group) || compared(a.version, b.version) || compared(a.kind, b.kind));
