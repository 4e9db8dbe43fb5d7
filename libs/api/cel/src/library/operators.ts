import { callCosts } from '../evaluate/call-cost';
import type { CelFunctionTable } from '../evaluate/cel-run';
import type { CelMeter } from '../evaluate/cel-meter';
import { celEqual, compareCel, elementLike, listIncludes } from '../value/cel-equal';
import { isInt64, isTimestampRange } from '../value/cel-time';
import {
  CelBytes,
  CelDuration,
  CelError,
  type CelList,
  CelTimestamp,
  CelUint,
  type CelValue,
  isCelList,
  JoinedList,
  noOverload,
  ValueList,
} from '../value/cel-value';

const intOverflow = new CelError('integer overflow');
const uintOverflow = new CelError('unsigned integer overflow');
const durationOverflow = new CelError('duration overflow');
const timestampOverflow = new CelError('timestamp overflow');

export const intOf = (value: bigint): CelValue => (isInt64(value) ? value : intOverflow);
export const uintOf = (value: bigint): CelValue =>
  BigInt.asUintN(64, value) === value ? new CelUint(value) : uintOverflow;
const durationOf = (nanos: bigint): CelValue => (isInt64(nanos) ? new CelDuration(nanos) : durationOverflow);
export const timestampOf = (nanos: bigint): CelValue =>
  isTimestampRange(nanos) ? new CelTimestamp(nanos) : timestampOverflow;

const adders: ReadonlySet<string> = new Set(['bytes', 'duration', 'list', 'timestamp', 'uint']);
const subtractors: ReadonlySet<string> = new Set(['duration', 'timestamp', 'uint']);

/** A left side that knows the operator, but not this right side; or one that does not know it at all. */
const refused = (name: string, left: CelValue, kinds: ReadonlySet<string>, isText = false): CelError => {
  const isKnown =
    typeof left === 'bigint' ||
    typeof left === 'number' ||
    (isText && typeof left === 'string') ||
    (typeof left === 'object' && left !== null && kinds.has(left.kind));
  return isKnown ? noOverload : new CelError(`no such overload: ${name}`);
};

export function addValues(a: CelValue, b: CelValue, meter: CelMeter): CelValue {
  if (typeof a === 'bigint' && typeof b === 'bigint') return intOf(a + b);
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (typeof a === 'string' && typeof b === 'string') return a + b;
  if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null) {
    if (a.kind === 'list' && b.kind === 'list') return joinLists(a, b, meter);
    if (a.kind === 'uint' && b.kind === 'uint') return uintOf(a.value + b.value);
    if (a.kind === 'bytes' && b.kind === 'bytes') return new CelBytes(Buffer.concat([a.bytes, b.bytes]));
    if (a.kind === 'duration' && b.kind === 'duration') return durationOf(a.nanos + b.nanos);
    if ((a.kind === 'duration' && b.kind === 'timestamp') || (a.kind === 'timestamp' && b.kind === 'duration'))
      return timestampOf(a.nanos + b.nanos);
  }
  return refused('_+_', a, adders, true);
}

/** Sets and keyed lists of a schema keep one of each; the others are put one behind the other. */
function joinLists(a: CelList, b: CelList, meter: CelMeter): CelValue {
  const { merge } = a;
  if (merge === undefined) return a.size === 0 ? b : b.size === 0 ? a : new JoinedList(a, b);
  const elements = Array.from({ length: a.size }, (_, i) => a.at(i));
  const joined = new ValueList(elements);
  for (let i = 0; i < b.size; i++) {
    const element = b.at(i);
    if (merge.by === 'value') {
      if (!listIncludes(joined, element, meter)) elements.push(element);
      continue;
    }
    const place = elementLike(joined, element, merge.keys, meter);
    if (place < 0) elements.push(element);
    else elements[place] = element;
  }
  return joined;
}

function subtract(a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'bigint' && typeof b === 'bigint') return intOf(a - b);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null) {
    if (a.kind === 'uint' && b.kind === 'uint') return uintOf(a.value - b.value);
    if (a.kind === 'timestamp' && b.kind === 'duration') return timestampOf(a.nanos - b.nanos);
    if (a.kind === b.kind && (a.kind === 'timestamp' || a.kind === 'duration') && 'nanos' in b)
      return durationOf(a.nanos - b.nanos);
  }
  return refused('_-_', a, subtractors);
}

const uints: ReadonlySet<string> = new Set(['uint']);

function multiply(a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'bigint' && typeof b === 'bigint') return intOf(a * b);
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  if (a instanceof CelUint && b instanceof CelUint) return uintOf(a.value * b.value);
  return refused('_*_', a, uints);
}

function divide(a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'number' && typeof b === 'number') return a / b;
  return integers('_/_', a, b, 'division by zero', (left, right) => left / right);
}

const modulo = (a: CelValue, b: CelValue): CelValue =>
  typeof a === 'number'
    ? new CelError('no such overload: _%_')
    : integers('_%_', a, b, 'modulus by zero', (left, right) => left % right);

function integers(
  name: string,
  a: CelValue,
  b: CelValue,
  byZero: string,
  operate: (a: bigint, b: bigint) => bigint,
): CelValue {
  if (typeof a === 'bigint' && typeof b === 'bigint') {
    if (b === 0n) return new CelError(byZero);
    // The smallest number has no opposite: its remainder is refused as its quotient is.
    return a === -(2n ** 63n) && b === -1n ? intOverflow : operate(a, b);
  }
  if (a instanceof CelUint && b instanceof CelUint)
    return b.value === 0n ? new CelError(byZero) : new CelUint(operate(a.value, b.value));
  return refused(name, a, uints);
}

function negate(value: CelValue): CelValue {
  if (typeof value === 'bigint') return intOf(-value);
  if (typeof value === 'number') return -value;
  return value instanceof CelDuration ? durationOf(-value.nanos) : new CelError('no such overload: -_');
}

const unordered = new CelError('NaN values cannot be ordered');
const isComparer = (value: CelValue): boolean =>
  value !== null && (typeof value !== 'object' || ['uint', 'bytes', 'timestamp', 'duration'].includes(value.kind));

function order(name: string, holds: (order: number) => boolean): CelFunctionTable[string] {
  return {
    run: ([a = null, b = null]) => {
      const found = compareCel(a, b);
      if (found === undefined) return isComparer(a) ? noOverload : new CelError(`no such overload: ${name}`);
      return found === 'NaN' ? unordered : holds(found);
    },
    cost: ([a = null, b = null]) => (typeof a === 'string' || a instanceof CelBytes ? callCosts.shorter([a, b]) : 1),
  };
}

const costOfSum = (values: readonly CelValue[]): number =>
  typeof values[0] === 'string' || values[0] instanceof CelBytes ? callCosts.together(values) : 1;

/** `&&`, `||` and `?:` are no functions: they do not look at all of their arguments. */
export const operators: CelFunctionTable = {
  '_+_': { run: ([a = null, b = null], meter) => addValues(a, b, meter), cost: costOfSum },
  '_-_': ([a = null, b = null]) => subtract(a, b),
  '_*_': ([a = null, b = null]) => multiply(a, b),
  '_/_': ([a = null, b = null]) => divide(a, b),
  '_%_': ([a = null, b = null]) => modulo(a, b),
  '-_': ([a = null]) => negate(a),
  '!_': ([a = null]) => (typeof a === 'boolean' ? !a : noOverload),
  '_==_': { run: ([a = null, b = null], meter) => celEqual(a, b, meter), cost: callCosts.shorter },
  '_!=_': { run: ([a = null, b = null], meter) => !celEqual(a, b, meter), cost: callCosts.shorter },
  '_<_': order('_<_', (found) => found < 0),
  '_<=_': order('_<=_', (found) => found <= 0),
  '_>_': order('_>_', (found) => found > 0),
  '_>=_': order('_>=_', (found) => found >= 0),
  '@in': {
    run: ([value = null, container = null], meter) => {
      if (isCelList(container)) return listIncludes(container, value, meter);
      if (typeof container === 'object' && container?.kind === 'map') return container.find(value, meter) !== undefined;
      return noOverload;
    },
    cost: ([value = null, container = null]) => (isCelList(container) ? callCosts.second([value, container]) : 1),
  },
};
