/** Nanoseconds of each unit that Go knows; both signs for micro count. */
const units: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

const limit = 2n ** 63n;

/** The nanoseconds of `1h30m`, or why Go's `time.ParseDuration` refuses it, in its words. */
export function readDuration(text: string): bigint | string {
  const quoted = quote(text);
  const invalid = `time: invalid duration ${quoted}`;
  const isNegative = text.startsWith('-');
  let rest = isNegative || text.startsWith('+') ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') return invalid;
  let sum = 0n;
  while (rest !== '') {
    const [number = '', whole = '', fraction = ''] = /^([0-9]*)(?:\.([0-9]*))?/.exec(rest) ?? [];
    if (whole === '' && fraction === '') return invalid;
    const value = BigInt(whole === '' ? '0' : whole.slice(0, 400));
    if (value > limit) return invalid;
    rest = rest.slice(number.length);
    const unit = /^[^.0-9]*/.exec(rest)?.[0] ?? '';
    if (unit === '') return `time: missing unit in duration ${quoted}`;
    const size = units.get(unit);
    if (size === undefined) return `time: unknown unit ${quote(unit)} in duration ${quoted}`;
    rest = rest.slice(unit.length);
    if (value > limit / size) return invalid;
    // More digits than these are less than a nanosecond.
    const digits = fraction.slice(0, 18);
    sum += value * size + (digits === '' ? 0n : (BigInt(digits) * size) / 10n ** BigInt(digits.length));
    if (sum > limit) return invalid;
  }
  if (isNegative) return -sum;
  return sum === limit ? invalid : sum;
}

/** Package time quotes by itself: everything beyond ASCII byte by byte. */
function quote(text: string): string {
  let out = '';
  for (const character of text) {
    if (character === '"' || character === '\\') out += `\\${character}`;
    else if (character >= ' ' && character < '\u0080') out += character;
    else for (const byte of Buffer.from(character)) out += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `"${out}"`;
}
