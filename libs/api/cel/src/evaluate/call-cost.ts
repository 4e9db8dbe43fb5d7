import { CelBytes, type CelValue } from '../value/cel-value';

/** What each character that is gone through is charged (cel-go common `StringTraversalCostFactor`). */
export const traversalFactor = 0.1;
/** cel-go counts the characters of a text for nothing: this is next to nothing for ordinary ones. */
export const countFactor = 0.005;
const regexFactor = 0.25;

/** How large a value is, where that makes work. */
export function sizeOf(value: CelValue | undefined): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 1;
  if (value instanceof CelBytes) return value.bytes.length;
  return value.kind === 'list' || value.kind === 'map' ? value.size : 1;
}

type Cost = (values: readonly CelValue[]) => number;

const traversals =
  (count: number): Cost =>
  ([text]) =>
    Math.ceil(sizeOf(text) * count * traversalFactor);

/** apiserver/pkg/cel/library `CostEstimator.CallCost`, interpreter `CostTracker.costCall`. */
export const callCosts = {
  traverse: traversals(1),
  rebuild: traversals(2),
  shorter: ([a, b]: readonly CelValue[]) => Math.ceil(Math.min(sizeOf(a), sizeOf(b)) * traversalFactor),
  together: ([a, b]: readonly CelValue[]) => Math.ceil((sizeOf(a) + sizeOf(b)) * traversalFactor),
  contains: ([a, b]: readonly CelValue[]) =>
    Math.ceil(sizeOf(a) * traversalFactor) * Math.ceil(sizeOf(b) * traversalFactor),
  second: ([, list]: readonly CelValue[]) => sizeOf(list),
  /** Of a list its elements, of a text its characters. */
  first: ([list]: readonly CelValue[]) =>
    typeof list === 'string' ? Math.ceil(list.length * traversalFactor) : sizeOf(list),
  /** Of a text and a pattern. */
  match: ([text, pattern]: readonly CelValue[]) =>
    Math.ceil((1 + sizeOf(text)) * traversalFactor) * Math.ceil(sizeOf(pattern) * regexFactor),
} satisfies Readonly<Record<string, Cost>>;
