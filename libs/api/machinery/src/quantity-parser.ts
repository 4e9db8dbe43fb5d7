import { tryParseInt64 } from './go-number';
import { pow10, type Quantity, type QuantityFormat, roundedUp } from './quantity';

const formatMessage = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** The text is no quantity; the message is upstream's. */
export class QuantityError extends Error {
  readonly code = 'InvalidQuantity';
  constructor(message: string) {
    super(message);
    this.name = 'QuantityError';
  }
}

/** Each digit has one place that it can belong to, so that a long text costs no more than its length. */
const shape = /^([+-]?)(0*)((?:[1-9][0-9]*)?)(?:\.([0-9]*))?((?:(?:[eEinumkKMGTP]+[+-]?|[+-])[0-9]*)?)$/;

interface Suffix {
  readonly format: QuantityFormat;
  readonly exponent: number;
}

const suffixes: ReadonlyMap<string, Suffix> = new Map<string, Suffix>([
  ...['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'].map((s, i): [string, Suffix] => [
    s,
    { format: 'DecimalSI', exponent: (i - 3) * 3 },
  ]),
  ...['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((s, i): [string, Suffix] => [
    s,
    { format: 'BinarySI', exponent: (i + 1) * 10 },
  ]),
]);

const int64Max = 2n ** 63n - 1n;
const nano = -9;
/** Decimal digits that any int64 can hold. */
const safeDigits = 18;

/**
 * resource.ParseQuantity. Values finer than 10^-9 are rounded up (away from zero); binary ones are capped at 2^63-1.
 * Throws `QuantityError`.
 */
export function parseQuantity(text: string): Quantity {
  if (text === '') throw new QuantityError(formatMessage);
  const match = shape.exec(text);
  if (match === null) throw new QuantityError(formatMessage);
  const [, sign = '', zeros = '', rest = '', fraction = '', suffixText = ''] = match;
  const whole = rest === '' ? '0' : rest;
  const suffix = readSuffix(suffixText);
  const isNegative = sign === '-';
  const signed = (n: bigint): bigint => (isNegative ? -n : n);
  const digits = whole + fraction;

  const hasDigits = zeros + rest + fraction !== '';
  if (suffix.format === 'BinarySI') return binary({ text, suffix, whole, fraction, hasDigits, signed });

  const scale = suffix.exponent - fraction.length;
  if (digits.length <= safeDigits && scale >= nano) {
    const unscaled = signed(BigInt(digits));
    const isKept = scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
    return { unscaled, scale, format: suffix.format, ...(isKept ? { written: text } : {}) };
  }
  if (!hasDigits) throw noNumber();
  const exact = BigInt(digits);
  if (scale >= nano || exact === 0n)
    return { unscaled: signed(exact), scale: exact === 0n ? 0 : scale, format: suffix.format };
  const dropped = nano - scale;
  const rounded = dropped > digits.length ? 1n : roundedUp(exact, dropped);
  return { unscaled: signed(rounded), scale: nano, format: suffix.format };
}

const noNumber = (): QuantityError => new QuantityError('unable to parse numeric part of quantity');

interface BinaryParts {
  readonly text: string;
  readonly suffix: Suffix;
  readonly whole: string;
  readonly fraction: string;
  readonly hasDigits: boolean;
  readonly signed: (n: bigint) => bigint;
}

function binary({ text, suffix, whole, fraction, hasDigits, signed }: BinaryParts): Quantity {
  const unit = 1n << BigInt(suffix.exponent);
  if (fraction === '') {
    const count = BigInt(whole);
    const value = count * unit;
    // 2^10 has about three decimal digits; one is kept in reserve.
    const isSmall = safeDigits - 3 - whole.length - (suffix.exponent * 3) / 10 - 1 >= 0;
    if (isSmall) {
      const isKept = (count & 7n) !== 0n;
      return { unscaled: signed(value), scale: 0, format: 'BinarySI', ...(isKept ? { written: text } : {}) };
    }
    if (!hasDigits) throw noNumber();
    return { unscaled: signed(value > int64Max ? int64Max : value), scale: 0, format: 'BinarySI' };
  }
  const places = fraction.length;
  const exact = BigInt(whole + fraction) * unit;
  const unscaled = places > -nano ? roundedUp(exact, places + nano) : exact;
  const scale = -Math.min(places, -nano);
  const one = pow10(-scale);
  if (unscaled > int64Max * one) return { unscaled: signed(int64Max), scale: 0, format: 'BinarySI' };
  return { unscaled: signed(unscaled), scale, format: unscaled < one ? 'DecimalSI' : 'BinarySI' };
}

function readSuffix(text: string): Suffix {
  const known = suffixes.get(text);
  if (known !== undefined) return known;
  if (text.startsWith('e') || text.startsWith('E')) {
    const exponent = tryParseInt64(text.slice(1));
    // Upstream keeps the low 32 bits.
    if (exponent !== undefined) return { format: 'DecimalExponent', exponent: Number(BigInt.asIntN(32, exponent)) };
  }
  throw new QuantityError("unable to parse quantity's suffix");
}
