import { CelError, CelOptional, CelUint, type CelValue, isCelList, isCelMap, none } from '../value/cel-value';
import type { CelMeter } from './cel-meter';

/** How a value stands in the text of an error. */
export function shownValue(value: CelValue): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return value instanceof CelUint ? String(value.value) : value.kind;
}

const noSuchKey = (key: CelValue): CelError => new CelError(`no such key: ${shownValue(key)}`);

const foundOr = (found: CelValue | undefined, key: CelValue): CelValue =>
  found === undefined ? noSuchKey(key) : found;

const noTextIndex = new CelError("unsupported index type 'string' in list");

/** `value.field`: of an optional value an optional field. */
export function selectField(value: CelValue, field: string, meter: CelMeter): CelValue {
  if (isCelMap(value)) return foundOr(value.find(field, meter), field);
  if (value instanceof CelError) return value;
  if (isCelList(value)) return noTextIndex;
  return value instanceof CelOptional ? selectOptionalField(value, field, meter) : noSuchKey(field);
}

/** `value.?field`. */
export function selectOptionalField(value: CelValue, field: string, meter: CelMeter): CelValue {
  const inner = value instanceof CelOptional ? value.value : value;
  if (inner === undefined) return none;
  if (inner instanceof CelError) return inner;
  return isCelMap(inner) ? optionalOf(inner.find(field, meter)) : none;
}

const optionalOf = (value: CelValue | undefined): CelValue =>
  value === undefined ? none : value instanceof CelError ? value : new CelOptional(value);

/** `has(value.field)`. */
export function hasField(value: CelValue, field: string, meter: CelMeter): CelValue {
  const inner = value instanceof CelOptional ? value.value : value;
  if (inner === undefined) return false;
  if (inner instanceof CelError) return inner;
  if (isCelList(inner)) return noTextIndex;
  return isCelMap(inner) && inner.find(field, meter) !== undefined;
}

/** `value[index]`. */
export function indexValue(value: CelValue, index: CelValue, meter: CelMeter): CelValue {
  if (value instanceof CelOptional) return indexOptional(value, index, meter);
  if (isCelMap(value)) return foundOr(value.find(index, meter), index);
  if (typeof value !== 'object' || value?.kind !== 'list') return noSuchKey(index);
  const place = placeOf(index);
  if (place instanceof CelError) return place;
  return place >= 0 && place < value.size ? value.at(place) : new CelError(`index out of bounds: ${String(place)}`);
}

/** `value[?index]`. */
export function indexOptional(value: CelValue, index: CelValue, meter: CelMeter): CelValue {
  const inner = value instanceof CelOptional ? value.value : value;
  if (inner === undefined) return none;
  if (isCelMap(inner)) return optionalOf(inner.find(index, meter));
  if (typeof inner !== 'object' || inner?.kind !== 'list') return none;
  const place = placeOf(index);
  if (place instanceof CelError) return place;
  return place >= 0 && place < inner.size ? optionalOf(inner.at(place)) : none;
}

/** Whole numbers of any kind count places. */
function placeOf(index: CelValue): number | CelError {
  if (typeof index === 'bigint') return Number(index);
  if (typeof index === 'number')
    return Number.isInteger(index) ? index : new CelError(`unsupported index value ${String(index)} in list`);
  if (index instanceof CelUint) return Number(index.value);
  return new CelError(`unsupported index type '${typeof index === 'string' ? 'string' : shownValue(index)}' in list`);
}
