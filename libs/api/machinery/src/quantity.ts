/**
 * Exact quantities (k8s.io/apimachinery/pkg/api/resource.Quantity): `unscaled` × 10^`scale`, never a float.
 * A quantity keeps the notation it was written in, because the same number prints as `1Mi`, `1048576` or `1048576e0`.
 */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

export interface Quantity {
  readonly unscaled: bigint;
  readonly scale: number;
  readonly format: QuantityFormat;
  /** The text it was read from, where upstream would print that instead of the canonical form. */
  readonly written?: string;
}

const int64Max = 2n ** 63n - 1n;
/** Numbers with more digits left of the point than this are past any int64; they are never written out. */
const int64Digits = 19;

export const zeroQuantity: Quantity = { unscaled: 0n, scale: 0, format: 'DecimalSI' };

export function quantityOf(value: bigint | number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { unscaled: BigInt(value), scale: 0, format };
}

export function milliQuantityOf(value: bigint | number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { unscaled: BigInt(value), scale: -3, format };
}

export const isZeroQuantity = (q: Quantity): boolean => q.unscaled === 0n;

export function quantitySign(q: Quantity): -1 | 0 | 1 {
  return q.unscaled === 0n ? 0 : q.unscaled < 0n ? -1 : 1;
}

/** -1, 0 or 1. Costs no more than the digits given, however large the exponents are. */
export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  if (a.scale === b.scale) return a.unscaled === b.unscaled ? 0 : a.unscaled < b.unscaled ? -1 : 1;
  const sign = quantitySign(a);
  const other = quantitySign(b);
  if (sign !== other) return sign < other ? -1 : 1;
  if (sign === 0) return 0;
  const sizeA = magnitude(a);
  const sizeB = magnitude(b);
  if (sizeA !== sizeB) return sizeA < sizeB === sign > 0 ? -1 : 1;
  const scale = Math.min(a.scale, b.scale);
  const left = rescaled(a, scale);
  const right = rescaled(b, scale);
  return left === right ? 0 : left < right ? -1 : 1;
}

/** The sum; the notation is that of `a`, or of `b` where `a` is zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  const format = isZeroQuantity(a) ? b.format : a.format;
  if (isZeroQuantity(b)) return { unscaled: a.unscaled, scale: a.scale, format };
  if (isZeroQuantity(a)) return { unscaled: b.unscaled, scale: b.scale, format };
  // So far apart that the smaller is lost in any use; adding exactly would need as many digits as the exponents say.
  const distance = magnitude(a) - magnitude(b);
  if (Math.abs(distance) > 10_000) {
    const larger = distance > 0 ? a : b;
    return { unscaled: larger.unscaled, scale: larger.scale, format };
  }
  const scale = Math.min(a.scale, b.scale);
  return { unscaled: rescaled(a, scale) + rescaled(b, scale), scale, format };
}

export function negateQuantity(q: Quantity): Quantity {
  return { unscaled: -q.unscaled, scale: q.scale, format: q.format };
}

/** The difference; the notation is that of `a`, or of `b` where `a` is zero. */
export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return addQuantities(a, negateQuantity(b));
}

export function multiplyQuantity(q: Quantity, factor: bigint | number): Quantity {
  return { unscaled: q.unscaled * BigInt(factor), scale: q.scale, format: q.format };
}

/** In whole units, fractions rounded away from zero (`Value`); held within int64. */
export const quantityValue = (q: Quantity): bigint => scaledValue(q, 0);

/** In thousandths, rounded away from zero (`MilliValue`); held within int64. */
export const quantityMilliValue = (q: Quantity): bigint => scaledValue(q, -3);

/** Near enough for scores and metrics (`AsApproximateFloat64`). */
export const quantityNumber = (q: Quantity): number => Number(`${String(q.unscaled)}e${String(q.scale)}`);

/** ceil(|q| / 10^scale) with q's sign, held within int64. */
export function scaledValue(q: Quantity, scale: number): bigint {
  if (q.unscaled === 0n) return 0n;
  const shift = q.scale - scale;
  const digits = digitCount(q.unscaled) + shift;
  if (digits > int64Digits) return q.unscaled < 0n ? -int64Max : int64Max;
  // Below the last place it still rounds away from zero.
  const value =
    digits < 0 ? (q.unscaled < 0n ? -1n : 1n) : shift >= 0 ? q.unscaled * pow10(shift) : roundedUp(q.unscaled, -shift);
  return value > int64Max ? int64Max : value < -int64Max ? -int64Max : value;
}

/** `unscaled` / 10^places, rounded away from zero. */
export function roundedUp(unscaled: bigint, places: number): bigint {
  const divisor = pow10(places);
  const quotient = unscaled / divisor;
  if (quotient * divisor === unscaled) return quotient;
  return unscaled < 0n ? quotient - 1n : quotient + 1n;
}

export const pow10 = (exponent: number): bigint => 10n ** BigInt(exponent);

function rescaled(q: Quantity, scale: number): bigint {
  return q.scale === scale ? q.unscaled : q.unscaled * pow10(q.scale - scale);
}

/** Digits left of the decimal point, negative when zeros follow it. */
const magnitude = (q: Quantity): number => digitCount(q.unscaled) + q.scale;

export function digitCount(unscaled: bigint): number {
  const text = String(unscaled);
  return text.startsWith('-') ? text.length - 1 : text.length;
}
