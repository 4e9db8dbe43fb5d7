import { callCosts, countFactor, sizeOf, traversalFactor } from '../evaluate/call-cost';
import type { CelFunctionTable } from '../evaluate/cel-run';
import { tryParseInt64 } from '@reckon/api/machinery';
import { goDoubleText, parseGoDouble } from '../value/go-double';
import { durationText, parseDuration, parseTimestamp, timestampText } from '../value/cel-time';
import {
  CelBytes,
  CelDuration,
  CelError,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
  typeNameOf,
} from '../value/cel-value';
import { intOf, timestampOf, uintOf } from './operators';

const perSecond = 1_000_000_000n;

const noConversion = (value: CelValue, type: string): CelError =>
  new CelError(`type conversion error from '${typeNameOf(value)}' to '${type}'`);

function toInt(value: CelValue): CelValue | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number')
    // The bounds themselves are not exact as doubles: Go refuses them.
    return Number.isFinite(value) && Math.abs(value) < 2 ** 63
      ? BigInt(Math.trunc(value))
      : new CelError('integer overflow');
  if (typeof value === 'string') return tryParseInt64(value) ?? noConversion(value, 'int');
  if (value instanceof CelUint) return intOf(value.value);
  if (value instanceof CelDuration) return value.nanos;
  return value instanceof CelTimestamp ? (value.nanos - mod(value.nanos)) / perSecond : undefined;
}

const mod = (nanos: bigint): bigint => ((nanos % perSecond) + perSecond) % perSecond;

function toUint(value: CelValue): CelValue | undefined {
  if (value instanceof CelUint) return value;
  if (typeof value === 'bigint') return uintOf(value);
  if (typeof value === 'number')
    return Number.isFinite(value) && value >= 0 && value < 2 ** 64
      ? new CelUint(BigInt(Math.trunc(value)))
      : new CelError('unsigned integer overflow');
  if (typeof value !== 'string') return undefined;
  const number = /^[0-9]{1,40}$/.test(value) ? BigInt(value) : -1n;
  return BigInt.asUintN(64, number) === number ? new CelUint(number) : noConversion(value, 'uint');
}

function toDouble(value: CelValue): CelValue | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof CelUint) return Number(value.value);
  return typeof value === 'string' ? (parseGoDouble(value) ?? noConversion(value, 'double')) : undefined;
}

/** Also what `%s` writes; undefined for what has no text. */
export function textOfValue(value: CelValue): CelValue | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'number':
      return goDoubleText(value);
    default:
  }
  if (value instanceof CelUint) return String(value.value);
  if (value instanceof CelBytes) return textOfBytes(value.bytes);
  if (value instanceof CelTimestamp) return timestampText(value.nanos);
  return value instanceof CelDuration ? durationText(value.nanos) : undefined;
}

function textOfBytes(bytes: Uint8Array): CelValue {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Fatal decoders throw nothing but that.
    return new CelError('invalid UTF-8 in bytes, cannot convert to string');
  }
}

const bools: Readonly<Record<string, boolean>> = {
  '1': true,
  t: true,
  T: true,
  TRUE: true,
  true: true,
  True: true,
  '0': false,
  f: false,
  F: false,
  FALSE: false,
  false: false,
  False: false,
};

function toBool(value: CelValue): CelValue | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  return (Object.hasOwn(bools, value) ? bools[value] : undefined) ?? noConversion(value, 'bool');
}

function toDuration(value: CelValue): CelValue | undefined {
  if (value instanceof CelDuration) return value;
  if (typeof value === 'bigint') return new CelDuration(value);
  if (typeof value !== 'string') return undefined;
  const nanos = parseDuration(value);
  return nanos === undefined ? noConversion(value, 'google.protobuf.Duration') : new CelDuration(nanos);
}

function toTimestamp(value: CelValue): CelValue | undefined {
  if (value instanceof CelTimestamp) return value;
  if (typeof value === 'bigint') return timestampOf(value * perSecond);
  if (typeof value !== 'string') return undefined;
  const nanos = parseTimestamp(value);
  return nanos === undefined ? noConversion(value, 'google.protobuf.Timestamp') : timestampOf(nanos);
}

function toBytes(value: CelValue): CelValue | undefined {
  if (value instanceof CelBytes) return value;
  return typeof value === 'string' ? new CelBytes(Buffer.from(value, 'utf8')) : undefined;
}

function sizeOfValue(value: CelValue): CelValue | undefined {
  if (typeof value === 'string') return BigInt(codePointCount(value));
  if (typeof value !== 'object' || value === null) return undefined;
  if (value instanceof CelBytes) return BigInt(value.bytes.length);
  return value.kind === 'list' || value.kind === 'map' ? BigInt(value.size) : undefined;
}

function codePointCount(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0xdc00 || code > 0xdfff) count++;
  }
  return count;
}

/** cel-go common/stdlib: conversions between types, and sizes. */
export const conversionFunctions: CelFunctionTable = {
  int: ([value = null]) => toInt(value),
  uint: ([value = null]) => toUint(value),
  double: ([value = null]) => toDouble(value),
  bool: ([value = null]) => toBool(value),
  bytes: {
    run: ([value = null]) => toBytes(value),
    cost: ([value]) => (typeof value === 'string' ? Math.ceil(sizeOf(value) * traversalFactor) : 1),
  },
  duration: ([value = null]) => toDuration(value),
  timestamp: ([value = null]) => toTimestamp(value),
  dyn: ([value = null]) => value,
  type: ([value = null]) => new CelTypeValue(typeNameOf(value)),
  size: ([value = null], meter) => {
    if (typeof value === 'string') meter.charge(value.length * countFactor);
    return sizeOfValue(value) ?? new CelError('no such overload: size');
  },
};

/** `string` of the standard types; addresses add their own. */
export const stringCost = (values: readonly CelValue[]): number =>
  values[0] instanceof CelBytes ? callCosts.traverse(values) : 1;
