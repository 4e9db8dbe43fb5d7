import type { KindRegistry } from '@reckon/api/kinds';
import { type LabelSelector, labelSelectorFromObject } from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import { kindOf } from '../matching/request-kind';
import { type MatchedResource, matchRules } from '../matching/rule-matching';
import { namespaceMatches, objectMatches } from '../matching/selectors';
import type { ObjectReader } from '../object-reader';
import type { AdmissionAttributes } from '../plugin';

type NamedRule = admissionregistrationv1.NamedRuleWithOperations;

/** What a policy or a binding of it is about. */
export interface MatchResources {
  readonly rules: readonly NamedRule[];
  readonly excluded: readonly NamedRule[];
  readonly isEquivalent: boolean;
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
}

export const matchResources = (spec: admissionregistrationv1.MatchResources): MatchResources => ({
  rules: spec.resourceRules ?? [],
  excluded: spec.excludeResourceRules ?? [],
  isEquivalent: spec.matchPolicy === 'Equivalent',
  namespaceSelector: labelSelectorFromObject(spec.namespaceSelector ?? {}),
  objectSelector: labelSelectorFromObject(spec.objectSelector ?? {}),
});

type Asked = Pick<AdmissionAttributes, 'row' | 'subresource' | 'operation'>;

/** By the rules alone, whatever the names: what can be kept for a resource. */
export function mayMatch(of: MatchResources, asked: Asked, kinds: KindRegistry): MatchedResource | undefined {
  if (of.rules.length === 0) return itself(asked);
  return matchRules(of.rules, of.isEquivalent, asked, kinds);
}

const itself = ({ row, subresource }: Asked): MatchedResource => ({
  row,
  subresource,
  kind: kindOf(row, subresource),
});

/**
 * Whether a request is meant, and as which resource (plugin/policy/matching `Matcher.Matches`). Throws where the selector asks for a
 * namespace that is missing.
 */
export function matches(
  of: MatchResources,
  attributes: AdmissionAttributes,
  { kinds, objects }: { readonly kinds: KindRegistry; readonly objects: ObjectReader },
): MatchedResource | undefined {
  if (!objectMatches(of.objectSelector, attributes)) return undefined;
  const named = (rules: readonly NamedRule[]): MatchedResource | undefined =>
    matchRules(
      rules.filter(({ resourceNames = [] }) => resourceNames.length === 0 || resourceNames.includes(attributes.name)),
      of.isEquivalent,
      attributes,
      kinds,
    );
  if (of.excluded.length > 0 && named(of.excluded) !== undefined) return undefined;
  const matched = of.rules.length === 0 ? itself(attributes) : named(of.rules);
  if (matched === undefined) return undefined;
  return namespaceMatches(of.namespaceSelector, attributes, objects) ? matched : undefined;
}
