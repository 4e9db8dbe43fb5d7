import {
  type KubeObject,
  type LabelSelector,
  SelectorError,
  labelSelectorFromObject,
  noLabel,
} from '@reckon/api/machinery';
import type { LabelSelectorObject } from '@reckon/api/machinery';

export interface Selecting extends KubeObject {
  spec?: { selector?: LabelSelectorObject };
}

/** The parsed selector of an object, parsed once per version of it. An empty or broken one selects nothing, as in the workload controllers. */
export const selectorCache = (): ((object: Selecting) => LabelSelector) =>
  parsedOnce((object) => parse(object.spec?.selector));

/** The same for a kind that says in its own way what it selects. */
export function parsedOnce<T extends object>(
  parseSelector: (object: T) => LabelSelector,
): (object: T) => LabelSelector {
  const parsed = new WeakMap<object, LabelSelector>();
  return (object) => {
    let selector = parsed.get(object);
    if (selector === undefined) {
      selector = parseSelector(object);
      parsed.set(object, selector);
    }
    return selector;
  };
}

function parse(object: LabelSelectorObject | undefined): LabelSelector {
  try {
    const selector = labelSelectorFromObject(object);
    return selector.empty ? noLabel() : selector;
  } catch (error) {
    if (error instanceof SelectorError) return noLabel();
    throw error;
  }
}
