import type { KindRegistry, ResourceRow } from '@reckon/api/kinds';
import type { GroupVersionKind } from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import type { Operation } from '../plugin';
import { kindOf, subresourceOf } from './request-kind';

export type Rule = admissionregistrationv1.RuleWithOperations;

/** The resource by which a rule was met, and the kind in which its owner wants to see the object. */
export interface MatchedResource {
  readonly row: ResourceRow;
  readonly subresource: string;
  readonly kind: GroupVersionKind;
}

/**
 * Which resource of these rules a request is about: its own, or with `Equivalent` another version of the same objects, the earliest
 * rule first (plugin/webhook/generic `ShouldCallHook`). Nothing of it depends on the object, so that answers can be kept per row.
 */
export function matchRules(
  rules: readonly Rule[],
  isEquivalent: boolean,
  request: { readonly row: ResourceRow; readonly subresource: string; readonly operation: Operation },
  kinds: KindRegistry,
): MatchedResource | undefined {
  const { row, subresource, operation } = request;
  const matched = (of: ResourceRow): MatchedResource => ({ row: of, subresource, kind: kindOf(of, subresource) });
  if (rules.some((rule) => ruleMatches(rule, row, subresource, operation))) return matched(row);
  if (!isEquivalent) return undefined;
  const others = equivalents(kinds, row, subresource);
  if (others.length === 0) return undefined;
  for (const rule of rules) {
    const other = others.find((of) => ruleMatches(rule, of, subresource, operation));
    if (other !== undefined) return matched(other);
  }
  return undefined;
}

/** Rows that show the same stored objects (runtime.EquivalentResourceMapper). */
function equivalents(kinds: KindRegistry, row: ResourceRow, subresource: string): ResourceRow[] {
  return kinds
    .resources()
    .filter(
      (other) =>
        other !== row &&
        other.storage.resource === row.storage.resource &&
        other.storage.group === row.storage.group &&
        (subresource === '' || subresourceOf(other, subresource) !== undefined),
    );
}

/** plugin/webhook/predicates/rules `Matcher.Matches` */
function ruleMatches(rule: Rule, row: ResourceRow, subresource: string, operation: Operation): boolean {
  return (
    scopeMatches(rule.scope, row) &&
    isAmong(rule.operations, operation) &&
    isAmong(rule.apiGroups, row.group) &&
    isAmong(rule.apiVersions, row.version) &&
    (rule.resources ?? []).some((text) => resourceMatches(text, row.resource, subresource))
  );
}

const isAmong = (items: readonly string[] | undefined, item: string): boolean =>
  items?.some((each) => each === '*' || each === item) ?? false;

function scopeMatches(scope: string | undefined, row: ResourceRow): boolean {
  switch (scope ?? '*') {
    case '*':
      return true;
    case 'Namespaced':
      return row.namespaced;
    case 'Cluster':
      return !row.namespaced;
    default:
      return false;
  }
}

function resourceMatches(text: string, resource: string, subresource: string): boolean {
  const slash = text.indexOf('/');
  const [wanted, sub] = slash < 0 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1)];
  return (wanted === '*' || wanted === resource) && (sub === '*' || sub === subresource);
}
