import { parseQuantity } from './quantity-parser';
import { digitCount, pow10, type Quantity } from './quantity';

const decimalSuffixes: ReadonlyMap<number, string> = new Map(
  ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'].map((s, i) => [(i - 3) * 3, s]),
);
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/**
 * Quantity.String: as written where upstream keeps the text, else the canonical form: no fraction, the largest suffix that
 * loses nothing. `1.5` → `1500m`, `1024Ki` → `1Mi`, `0.5Ki` → `512`.
 */
export function quantityText(q: Quantity): string {
  if (q.written !== undefined) return q.written;
  if (q.unscaled === 0n) return '0';
  return (q.format === 'BinarySI' ? binaryText(q) : undefined) ?? decimalText(q);
}

/** What the server answers for a quantity that it was sent; throws `QuantityError`. */
export function canonicalQuantity(text: string): string {
  return quantityText(parseQuantity(text.trim()));
}

/** Undefined where the number is below 1024 or no whole number: then it is printed as a decimal. */
function binaryText(q: Quantity): string | undefined {
  let amount = wholeNumber(q);
  if (amount === undefined || (amount > -1024n && amount < 1024n)) return undefined;
  let power = 0;
  while ((amount & 1023n) === 0n) {
    amount >>= 10n;
    power++;
  }
  return `${String(amount)}${binarySuffixes[power] ?? ''}`;
}

function wholeNumber(q: Quantity): bigint | undefined {
  // No binary quantity is that large; only a sum with a monstrous decimal gets here.
  if (q.scale > 400) return undefined;
  if (q.scale >= 0) return q.unscaled * pow10(q.scale);
  const unit = pow10(-q.scale);
  return q.unscaled % unit === 0n ? q.unscaled / unit : undefined;
}

function decimalText(q: Quantity): string {
  const digits = String(q.unscaled).replace(/0+$/, '');
  const dropped = digitCount(q.unscaled) - digits.replace('-', '').length;
  const exact = q.scale + dropped;
  const exponent = Math.floor(exact / 3) * 3;
  const mantissa = digits + '0'.repeat(exact - exponent);
  if (q.format === 'DecimalExponent') return exponent === 0 ? mantissa : `${mantissa}e${String(exponent)}`;
  // Past the last suffix upstream prints none (`1000E` becomes `1`).
  return `${mantissa}${decimalSuffixes.get(exponent) ?? ''}`;
}
