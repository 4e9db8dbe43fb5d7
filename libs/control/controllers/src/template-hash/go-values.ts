/** intstr.IntOrString: which of the two it is, and both. */
export const intOrStringFields = (value: unknown): object =>
  typeof value === 'string' ? { Type: 1, StrVal: value } : { Type: 0, IntVal: value };

/**
 * The fields that resource.ParseQuantity leaves for a canonical text: the number with its decimal exponent, and the text itself where it
 * could not be written otherwise. Numbers of more digits than an int64 surely holds are kept as text only.
 */
export function quantityFields(value: unknown): object {
  const text = String((value as string | number | undefined) ?? '');
  if (text === '') return {};
  if (text === '0') return { s: text, Format: 'DecimalSI' };
  const [, sign = '', whole = '', fraction = '', suffix = ''] = /^([+-]?)(\d*)\.?(\d*)(.*)$/.exec(text) ?? [];
  const digits = whole.replace(/^0+/, '');
  const binary = binarySuffixes.indexOf(suffix);
  return binary < 0
    ? decimalFields(text, sign, digits, fraction, suffix)
    : binaryFields(text, sign, digits, fraction, (binary + 1) * 10);
}

function decimalFields(text: string, sign: string, whole: string, fraction: string, suffix: string): object {
  const thousands = decimalSuffixes.indexOf(suffix);
  const Format = thousands < 0 ? 'DecimalExponent' : 'DecimalSI';
  const scale = (thousands < 0 ? Number(suffix.slice(1)) : (thousands - nothing) * 3) - fraction.length;
  const digits = (whole === '' ? '0' : whole) + fraction;
  if (digits.length > mostDigits || scale < finest) return { s: text, Format };
  const isCanonical = scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
  return { i: { value: signed(sign, BigInt(digits)), scale }, s: isCanonical ? text : '', Format };
}

function binaryFields(text: string, sign: string, whole: string, fraction: string, exponent: number): object {
  const Format = 'BinarySI';
  const number = BigInt(whole === '' ? '0' : whole);
  if (fraction !== '' || whole.length > mostDigits - 4 - Math.trunc(exponent * 0.3)) return { s: text, Format };
  const isCanonical = (number & 7n) !== 0n;
  return { i: { value: signed(sign, number << BigInt(exponent)), scale: 0 }, s: isCanonical ? text : '', Format };
}

const signed = (sign: string, value: bigint): bigint => (sign === '-' ? -value : value);

const binarySuffixes: readonly string[] = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const decimalSuffixes: readonly string[] = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const nothing = decimalSuffixes.indexOf('');
const mostDigits = 18;
/** Finer than 10^-9 is rounded. */
const finest = -9;
