import type { CelFunction, CelFunctionTable } from '../evaluate/cel-run';
import type { CelMeter } from '../evaluate/cel-meter';
import { celEqual, compareCel } from '../value/cel-equal';
import { CelError, type CelList, type CelValue, isCelList, typeNameOf, ValueList } from '../value/cel-value';

/** What calling and making a list is charged, beside what is gone through. */
const callCost = 11;
/** What comparing each with each is charged; of texts a little more (ext `trackListSelfCompare`). */
const compareCost = 2;
const textCompareCost = 2.1;
/** What stands in lists within lists is counted by nobody upstream; here a little, so that it cannot be without end. */
const partCost = 0.1;

const sizeOf = (value: CelValue | undefined): number => (value !== undefined && isCelList(value) ? value.size : 1);

function selfCompare(list: CelValue | undefined): number {
  if (list === undefined || !isCelList(list) || list.size === 0) return callCost;
  const first = list.at(0);
  const isText = typeof first === 'string' || (typeof first === 'object' && first?.kind === 'bytes');
  return callCost + Math.floor(list.size * list.size * (isText ? textCompareCost : compareCost));
}

const elementsOf = (list: CelList): CelValue[] => Array.from({ length: list.size }, (_, i) => list.at(i));

const slice: CelFunction = {
  cost: ([list, start, end]) => {
    if (typeof start !== 'bigint' || typeof end !== 'bigint') return callCost;
    return callCost + Math.max(0, Math.min(sizeOf(list), Number(end)) - Math.max(0, Number(start)));
  },
  run: ([list = null, start, end]) => {
    if (!isCelList(list) || typeof start !== 'bigint' || typeof end !== 'bigint') return undefined;
    const refuse = (why: string): CelError => new CelError(`cannot slice(${String(start)}, ${String(end)}), ${why}`);
    if (start < 0n || end < 0n) return refuse('negative indexes not supported');
    if (start > end) return refuse('start index must be less than or equal to end index');
    if (list.size < end) return refuse(`list is length ${String(list.size)}`);
    return new ValueList(elementsOf(list).slice(Number(start), Number(end)));
  },
};

/** Lists in lists so deep take the place of their elements. */
function flatInto(values: CelValue[], list: CelList, depth: number, meter: CelMeter): void {
  for (let i = 0; i < list.size; i++) {
    const value = list.at(i);
    meter.charge(partCost);
    if (depth > 0 && isCelList(value)) flatInto(values, value, depth - 1, meter);
    else values.push(value);
  }
}

const flatten: CelFunction = {
  cost: ([list, depth = 1n]) =>
    callCost + sizeOf(list) * (typeof depth === 'bigint' && depth >= 0n ? Math.min(Number(depth), 2 ** 53) : 1),
  run: ([list = null, depth = 1n, ...rest], meter) => {
    if (typeof depth !== 'bigint') return undefined;
    if (!isCelList(list))
      return rest.length > 0 ? undefined : new CelError(`no such overload: ${typeNameOf(list)}.flatten()`);
    if (depth < 0n) return new CelError('level must be non-negative');
    const values: CelValue[] = [];
    flatInto(values, list, Number(depth), meter);
    return new ValueList(values);
  },
};

/** In the order of the keys, of which there is one for each element. */
export function sortByKeys(list: CelList, keys: CelList): CelValue {
  if (list.size !== keys.size)
    return new CelError(
      `@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${String(list.size)} and ${String(keys.size)} elements respectively`,
    );
  if (list.size === 0) return list;
  const all = elementsOf(keys);
  const [first = null] = all;
  if (compareCel(first, first) === undefined) return new CelError('list elements must be comparable');
  if (all.some((key) => typeNameOf(key) !== typeNameOf(first)))
    return new CelError('list elements must have the same type');
  const places = all.map((_, i) => i);
  places.sort((a, b) => {
    const order = compareCel(all[a] ?? null, all[b] ?? null);
    return typeof order === 'number' ? order : 0;
  });
  return new ValueList(places.map((place) => list.at(place)));
}

/** What sorting by these keys is charged. */
export const sortCost = (keys: CelValue): number => selfCompare(keys);

/** cel-go ext `Lists` of version 3. */
export const listExtensionFunctions: CelFunctionTable = {
  slice,
  flatten,
  sort: {
    cost: ([list]) => selfCompare(list),
    run: ([list = null]) => (isCelList(list) ? sortByKeys(list, list) : undefined),
  },
  '@sortByAssociatedKeys': {
    cost: ([, keys]) => selfCompare(keys),
    run: ([list = null, keys = null]) => (isCelList(list) && isCelList(keys) ? sortByKeys(list, keys) : undefined),
  },
  'lists.range': {
    cost: ([count]) => callCost + (typeof count === 'bigint' && count > 0n ? Number(count) : 0),
    run: ([count]) =>
      typeof count === 'bigint'
        ? new ValueList(Array.from({ length: count > 0n ? Number(count) : 0 }, (_, i) => BigInt(i)))
        : undefined,
  },
  reverse: {
    cost: ([list]) => callCost + sizeOf(list),
    run: ([list = null]) => (isCelList(list) ? new ValueList(elementsOf(list).reverse()) : undefined),
  },
  distinct: {
    cost: ([list]) => selfCompare(list),
    run: ([list = null], meter) => {
      if (!isCelList(list)) return undefined;
      const values: CelValue[] = [];
      for (let i = 0; i < list.size; i++) {
        const value = list.at(i);
        if (!values.some((one) => celEqual(value, one, meter))) values.push(value);
      }
      return new ValueList(values);
    },
  },
};
