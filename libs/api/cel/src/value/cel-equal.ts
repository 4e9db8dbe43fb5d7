import type { CelMeter } from '../evaluate/cel-meter';
import { CelBytes, type CelList, type CelMap, CelUint, type CelValue } from './cel-value';

/** What one comparison inside of lists and maps is charged: cel-go counts only the outermost. */
const costPerPart = 0.1;

/** `==`: values of different types are unequal, but for numbers, which are compared by value. */
export function celEqual(a: CelValue, b: CelValue, meter: CelMeter): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) {
    if (typeof a === typeof b) return a === b;
    return compareNumbers(a, b) === 0;
  }
  if (a.kind === 'uint') return b.kind === 'uint' && a.value === b.value;
  switch (a.kind) {
    case 'list':
      return b.kind === 'list' && equalLists(a, b, meter);
    case 'map':
      return b.kind === 'map' && equalMaps(a, b, meter);
    case 'bytes':
      return b.kind === 'bytes' && Buffer.compare(a.bytes, b.bytes) === 0;
    case 'timestamp':
      return b.kind === 'timestamp' && a.nanos === b.nanos;
    case 'duration':
      return b.kind === 'duration' && a.nanos === b.nanos;
    case 'type':
      return b.kind === 'type' && a.name === b.name;
    case 'optional':
      if (b.kind !== 'optional') return false;
      if (a.value === undefined || b.value === undefined) return a.value === b.value;
      return celEqual(a.value, b.value, meter);
    case 'opaque':
      return b.kind === 'opaque' && a.typeName === b.typeName && a.equals(b);
    case 'error':
      return false;
  }
}

function equalLists(a: CelList, b: CelList, meter: CelMeter): boolean {
  if (a.size !== b.size) return false;
  const merge = a.merge ?? b.merge;
  if (merge?.by === 'value') return includesAll(a, b, meter) && includesAll(b, a, meter);
  if (merge !== undefined) return equalByKeys(a, b, merge.keys, meter);
  for (let i = 0; i < a.size; i++) {
    meter.charge(costPerPart);
    if (!celEqual(a.at(i), b.at(i), meter)) return false;
  }
  return true;
}

function includesAll(list: CelList, parts: CelList, meter: CelMeter): boolean {
  for (let i = 0; i < parts.size; i++) if (!listIncludes(list, parts.at(i), meter)) return false;
  return true;
}

export function listIncludes(list: CelList, value: CelValue, meter: CelMeter): boolean {
  for (let i = 0; i < list.size; i++) {
    meter.charge(costPerPart);
    if (celEqual(list.at(i), value, meter)) return true;
  }
  return false;
}

function equalByKeys(a: CelList, b: CelList, keys: readonly string[], meter: CelMeter): boolean {
  for (let i = 0; i < a.size; i++) {
    const other = elementLike(b, a.at(i), keys, meter);
    if (other < 0 || !celEqual(a.at(i), b.at(other), meter)) return false;
  }
  return true;
}

/** The place of the element that has the same keys; -1 when there is none. */
export function elementLike(list: CelList, value: CelValue, keys: readonly string[], meter: CelMeter): number {
  for (let i = 0; i < list.size; i++) {
    meter.charge(costPerPart);
    const other = list.at(i);
    if (keys.every((key) => celEqual(fieldOf(value, key, meter), fieldOf(other, key, meter), meter))) return i;
  }
  return -1;
}

const fieldOf = (value: CelValue, key: string, meter: CelMeter): CelValue =>
  typeof value === 'object' && value !== null && value.kind === 'map' ? (value.find(key, meter) ?? null) : null;

function equalMaps(a: CelMap, b: CelMap, meter: CelMeter): boolean {
  if (a.size !== b.size) return false;
  for (const key of a.keys()) {
    meter.charge(costPerPart);
    const other = b.find(key, meter);
    if (other === undefined || !celEqual(a.find(key, meter) ?? null, other, meter)) return false;
  }
  return true;
}

const isNumber = (value: CelValue): value is bigint | number | CelUint =>
  typeof value === 'bigint' || typeof value === 'number' || value instanceof CelUint;

/** The order of two numbers of any kinds; undefined for what is none, or not one (`NaN`). */
function compareNumbers(a: CelValue, b: CelValue): -1 | 0 | 1 | undefined {
  if (!isNumber(a) || !isNumber(b)) return undefined;
  // JavaScript compares bigints with numbers by their exact values.
  const left = a instanceof CelUint ? a.value : a;
  const right = b instanceof CelUint ? b.value : b;
  if (left < right) return -1;
  if (left > right) return 1;
  return Number.isNaN(left) || Number.isNaN(right) ? undefined : 0;
}

/** The order of two values; undefined where they have none (`no such overload`). */
export function compareCel(a: CelValue, b: CelValue): -1 | 0 | 1 | 'NaN' | undefined {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b) ?? 'NaN';
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return a === b ? 0 : a ? 1 : -1;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return undefined;
  if (a instanceof CelBytes && b instanceof CelBytes) return Buffer.compare(a.bytes, b.bytes);
  if ((a.kind === 'timestamp' && b.kind === 'timestamp') || (a.kind === 'duration' && b.kind === 'duration'))
    return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
  return undefined;
}

/** By code points, which UTF-16 does not keep the order of. */
export function compareTexts(a: string, b: string): -1 | 0 | 1 {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left === right) continue;
    const isLeftPair = left >= 0xd800 && left <= 0xdfff;
    const isRightPair = right >= 0xd800 && right <= 0xdfff;
    if (isLeftPair !== isRightPair) return isLeftPair ? 1 : -1;
    return left < right ? -1 : 1;
  }
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
}
