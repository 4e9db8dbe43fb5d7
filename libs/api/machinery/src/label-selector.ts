import { type LabelRequirement, type Labels, requirementMatches, requirementText } from './label-requirement';
import { parseLabelRequirements } from './label-selector-parser';

/** A conjunction of requirements, sorted by key. */
export interface LabelSelector {
  /** True where every object matches. */
  readonly empty: boolean;
  /** Undefined for the selector that matches nothing (an absent `metav1.LabelSelector`). */
  readonly requirements: readonly LabelRequirement[] | undefined;
  matches(labels: Labels): boolean;
  /** The canonical text: what `parseLabelSelector` reads back, and what Scale's `status.selector` holds. */
  toString(): string;
}

const everything: LabelSelector = {
  empty: true,
  requirements: [],
  matches: () => true,
  toString: () => '',
};

const nothing: LabelSelector = {
  empty: false,
  requirements: undefined,
  matches: () => false,
  toString: () => '',
};

/** Matches every object. */
export const everyLabel = (): LabelSelector => everything;

/** Matches no object. */
export const noLabel = (): LabelSelector => nothing;

/** The selector of these requirements; they need not be sorted. */
export function selectorOf(requirements: readonly LabelRequirement[]): LabelSelector {
  if (requirements.length === 0) return everything;
  const sorted = [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return {
    empty: false,
    requirements: sorted,
    matches: (labels) => {
      for (const requirement of sorted) if (!requirementMatches(requirement, labels)) return false;
      return true;
    },
    toString: () => sorted.map(requirementText).join(','),
  };
}

/**
 * labels.Parse: `a=b,c in (d,e),!f,g`. Throws `SelectorError` with upstream's text.
 * An empty text matches everything.
 */
export function parseLabelSelector(text: string): LabelSelector {
  return text === '' ? everything : selectorOf(parseLabelRequirements(text));
}

/** labels.SelectorFromSet: equality on every entry, unchecked; no entries match everything. */
export function labelSelectorFromMap(labels: Labels): LabelSelector {
  if (labels == null) return everything;
  return selectorOf(Object.entries(labels).map(([key, value]) => ({ key, operator: '=' as const, values: [value] })));
}
