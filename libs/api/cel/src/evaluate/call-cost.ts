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

const deepest = 50;

/** apiserver/pkg/cel/library `traversalCost`; what is deeper is counted as one. */
function traversal(value: CelValue | undefined, depth: number): number {
  if (typeof value === 'string') return Math.floor(value.length * traversalFactor);
  if (value instanceof CelBytes) return Math.floor(value.bytes.length * traversalFactor);
  if (typeof value !== 'object' || value?.kind !== 'list' || depth > deepest) return 1;
  let cost = 0;
  for (let i = 0; i < value.size; i++) cost += traversal(value.at(i), depth + 1);
  return cost;
}

/** apiserver/pkg/cel/library `CostEstimator.CallCost`, interpreter `CostTracker.costCall`. */
export const callCosts = {
  traverse: traversals(1),
  traverseSecond: ([, text]: readonly CelValue[]) => Math.ceil(sizeOf(text) * traversalFactor),
  rebuild: traversals(2),
  shorter: ([a, b]: readonly CelValue[]) => Math.ceil(Math.min(sizeOf(a), sizeOf(b)) * traversalFactor),
  together: ([a, b]: readonly CelValue[]) => Math.ceil((sizeOf(a) + sizeOf(b)) * traversalFactor),
  contains: ([a, b]: readonly CelValue[]) =>
    Math.ceil(sizeOf(a) * traversalFactor) * Math.ceil(sizeOf(b) * traversalFactor),
  second: ([, list]: readonly CelValue[]) => sizeOf(list),
  /** Of a list its elements and what they are made of, of a text its characters. */
  first: ([list]: readonly CelValue[]) => traversal(list, 0),
  /** Each of one list is looked for in the other. */
  product: ([a, b]: readonly CelValue[]) => 1 + sizeOf(a) * sizeOf(b),
  products: ([a, b]: readonly CelValue[]) => 1 + 2 * sizeOf(a) * sizeOf(b),
  /** Of a text and a pattern. */
  match: ([text, pattern]: readonly CelValue[]) =>
    Math.ceil((1 + sizeOf(text)) * traversalFactor) * Math.ceil(sizeOf(pattern) * regexFactor),
} satisfies Readonly<Record<string, Cost>>;
