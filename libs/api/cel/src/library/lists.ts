import type { CelType } from '../check/cel-type';
import { callCosts } from '../evaluate/call-cost';
import type { CelCall, CelFunction, CelFunctionTable } from '../evaluate/cel-run';
import type { CelMeter } from '../evaluate/cel-meter';
import { celEqual, compareCel, listIncludes } from '../value/cel-equal';
import {
  CelDuration,
  CelError,
  type CelList,
  CelOptional,
  CelUint,
  type CelValue,
  isCelList,
  noOverload,
  none,
  ValueList,
} from '../value/cel-value';
import { addValues } from './operators';
import { indexOfText, lastIndexOfText } from './strings';

const onList =
  (call: (list: CelList, meter: CelMeter, values: readonly CelValue[]) => CelValue | undefined): CelCall =>
  (values, meter) => {
    const [list = null] = values;
    return isCelList(list) ? call(list, meter, values) : undefined;
  };

const traversing = (call: CelCall): CelFunction => ({ run: call, cost: callCosts.first });

const isSorted = onList((list) => {
  for (let i = 1; i < list.size; i++) {
    const order = compareCel(list.at(i - 1), list.at(i));
    if (order === undefined) return noOverload;
    if (order === 1) return false;
  }
  return true;
});

/** What nothing adds up to is of the type that the list would hold. */
export const sumFunction = (type: CelType | undefined): CelFunction =>
  traversing(
    onList((list, meter) => {
      let total = zeroOf(type?.name, list.size === 0 ? 0n : list.at(0));
      for (let i = 0; i < list.size; i++) {
        total = addValues(total, list.at(i), meter);
        if (total instanceof CelError) return total;
      }
      return total;
    }),
  );

function zeroOf(type: string | undefined, first: CelValue): CelValue {
  if (type === 'double' || typeof first === 'number') return 0;
  if (type === 'uint' || first instanceof CelUint) return new CelUint(0n);
  return type === 'google.protobuf.Duration' || first instanceof CelDuration ? new CelDuration(0n) : 0n;
}

const extreme = (name: string, wanted: -1 | 1): CelFunction =>
  traversing(
    onList((list) => {
      if (list.size === 0) return new CelError(`${name} called on empty list`);
      let best = list.at(0);
      for (let i = 1; i < list.size; i++) {
        const order = compareCel(list.at(i), best);
        if (order === undefined) return noOverload;
        if (order === wanted) best = list.at(i);
      }
      return best;
    }),
  );

const indexOf: CelCall = ([target = null, value = null, offset = 0n], meter) => {
  if (typeof target === 'string')
    return typeof value === 'string' && typeof offset === 'bigint' ? indexOfText(target, value, offset) : undefined;
  if (!isCelList(target)) return undefined;
  for (let i = 0; i < target.size; i++) if (celEqual(target.at(i), value, meter)) return BigInt(i);
  return -1n;
};

const lastIndexOf: CelCall = ([target = null, value = null, offset], meter) => {
  if (typeof target === 'string') {
    if (typeof value !== 'string' || (offset !== undefined && typeof offset !== 'bigint')) return undefined;
    return lastIndexOfText(target, value, offset);
  }
  if (!isCelList(target)) return undefined;
  for (let i = target.size - 1; i >= 0; i--) if (celEqual(target.at(i), value, meter)) return BigInt(i);
  return -1n;
};

const bothLists =
  (call: (a: CelList, b: CelList, meter: CelMeter) => boolean): CelCall =>
  ([a = null, b = null], meter) =>
    isCelList(a) && isCelList(b) ? call(a, b, meter) : undefined;

function containsAll(list: CelList, parts: CelList, meter: CelMeter): boolean {
  for (let i = 0; i < parts.size; i++) if (!listIncludes(list, parts.at(i), meter)) return false;
  return true;
}

function intersects(a: CelList, b: CelList, meter: CelMeter): boolean {
  for (let i = 0; i < a.size; i++) if (listIncludes(b, a.at(i), meter)) return true;
  return false;
}

const elementAt = (list: CelList, index: number): CelValue =>
  index >= 0 && index < list.size ? new CelOptional(list.at(index)) : none;

/** cel-go counts it for nothing. */
const elementCost = 0.1;

const unwrapped = onList((list, meter) => {
  const values: CelValue[] = [];
  for (let i = 0; i < list.size; i++) {
    meter.charge(elementCost);
    const value = list.at(i);
    if (!(value instanceof CelOptional)) return undefined;
    if (value.value !== undefined) values.push(value.value);
  }
  return new ValueList(values);
});

/** apiserver/pkg/cel/library `Lists`, cel-go ext `Sets`, and what optional types add to lists. */
export const listFunctions: CelFunctionTable = {
  isSorted: traversing(isSorted),
  min: extreme('min', -1),
  max: extreme('max', 1),
  indexOf: { run: indexOf, cost: callCosts.first },
  lastIndexOf: { run: lastIndexOf, cost: callCosts.first },
  'sets.contains': { run: bothLists(containsAll), cost: callCosts.product },
  'sets.equivalent': {
    run: bothLists((a, b, meter) => containsAll(a, b, meter) && containsAll(b, a, meter)),
    cost: callCosts.products,
  },
  'sets.intersects': { run: bothLists(intersects), cost: callCosts.product },
  first: onList((list) => elementAt(list, 0)),
  last: onList((list) => elementAt(list, list.size - 1)),
  unwrapOpt: unwrapped,
  'optional.unwrap': unwrapped,
};
