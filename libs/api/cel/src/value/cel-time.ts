import { parseTime, TimeError } from '@reckon/api/machinery';

const perSecond = 1_000_000_000n;
const perMs = 1_000_000n;
/** 0001-01-01T00:00:00Z and the last nanosecond of 9999: other times are no timestamps. */
const earliest = -62_135_596_800n * perSecond;
const latest = 253_402_300_800n * perSecond - 1n;

export const isTimestampRange = (nanos: bigint): boolean => nanos >= earliest && nanos <= latest;
export const isInt64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value;

/** Go's `time.Parse(time.RFC3339, …)` in nanoseconds since 1970; undefined for what is no time. */
export function parseTimestamp(text: string): bigint | undefined {
  const fraction = /[.,]([0-9]+)(?=Z|[+-])/.exec(text);
  try {
    // The fraction beyond milliseconds is added apart.
    const whole = fraction === null ? text : text.replace(fraction[0], '');
    return BigInt(parseTime(whole)) * perMs + BigInt((fraction?.[1] ?? '').slice(0, 9).padEnd(9, '0'));
  } catch (error) {
    if (error instanceof TimeError) return undefined;
    throw error;
  }
}

/** Go's `time.RFC3339Nano` in UTC. */
export function timestampText(nanos: bigint): string {
  const seconds = floorDivide(nanos, perSecond);
  const fraction = String(nanos - seconds * perSecond)
    .padStart(9, '0')
    .replace(/0+$/, '');
  const date = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${date}${fraction === '' ? '' : `.${fraction}`}Z`;
}

export function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  '\u00b5s': 1000n,
  '\u03bcs': 1000n,
  ms: perMs,
  s: perSecond,
  m: 60n * perSecond,
  h: 3600n * perSecond,
};

/** Go's `time.ParseDuration`; undefined for what is none, or does not fit into 64 bits. */
export function parseDuration(text: string): bigint | undefined {
  const match = /^([+-]?)(?:0|((?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+))$/.exec(text);
  if (match === null) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of (match[2] ?? '').matchAll(
    /([0-9]*)\.?([0-9]*)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g,
  )) {
    if (whole.replace(/^0+/, '').length > 20) return undefined;
    const scale = units[unit] ?? 1n;
    const digits = fraction.slice(0, 18);
    total += BigInt(whole === '' ? 0 : whole) * scale;
    if (digits !== '') total += (BigInt(digits) * scale) / 10n ** BigInt(digits.length);
  }
  const nanos = match[1] === '-' ? -total : total;
  return isInt64(nanos) ? nanos : undefined;
}

/** As CEL writes a duration: in seconds. */
export function durationText(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  const fraction = String(size % perSecond)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${nanos < 0n ? '-' : ''}${String(size / perSecond)}${fraction === '' ? '' : `.${fraction}`}s`;
}
