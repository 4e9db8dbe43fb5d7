import { callCosts, countFactor, traversalFactor } from '../evaluate/call-cost';
import { shownValue } from '../evaluate/select-value';
import type { CelCall, CelFunctionTable } from '../evaluate/cel-run';
import { CelError, type CelList, type CelValue, isCelList, ValueList } from '../value/cel-value';
import { formatText } from './format-text';

/** Texts count code points; those without surrogates are indexed as they are. */
const hasPairs = /[\ud800-\udfff]/;
const pointsOf = (text: string): string | readonly string[] => (hasPairs.test(text) ? Array.from(text) : text);
const partOf = (points: string | readonly string[], start: number, end: number): string =>
  typeof points === 'string' ? points.slice(start, end) : points.slice(start, end).join('');

const outOfRange = (index: bigint): CelError => new CelError(`index out of range: ${String(index)}`);

const charAt: CelCall = ([text, index], meter) => {
  if (typeof text !== 'string' || typeof index !== 'bigint') return undefined;
  meter.charge(text.length * countFactor);
  const points = pointsOf(text);
  return index < 0n || index > BigInt(points.length) ? outOfRange(index) : (points[Number(index)] ?? '');
};

export function indexOfText(text: string, part: string, offset: bigint): CelValue {
  if (part === '') return offset;
  const points = pointsOf(text);
  if (offset < 0n || offset >= BigInt(points.length)) return offset === 0n ? -1n : outOfRange(offset);
  if (typeof points === 'string') return BigInt(points.indexOf(part, Number(offset)));
  const found = text.indexOf(part, points.slice(0, Number(offset)).join('').length);
  return found < 0 ? -1n : BigInt(Array.from(text.slice(0, found)).length);
}

export function lastIndexOfText(text: string, part: string, offset?: bigint): CelValue {
  const points = pointsOf(text);
  const last = offset ?? BigInt(points.length - 1);
  if (part === '') return offset ?? BigInt(points.length);
  if (last < 0n || last >= BigInt(points.length)) return offset === undefined ? -1n : outOfRange(last);
  if (typeof points === 'string') return BigInt(points.lastIndexOf(part, Number(last)));
  const found = text.lastIndexOf(part, points.slice(0, Number(last)).join('').length);
  return found < 0 ? -1n : BigInt(Array.from(text.slice(0, found)).length);
}

const substring: CelCall = ([text, start, end]) => {
  if (typeof text !== 'string' || typeof start !== 'bigint') return undefined;
  if (end !== undefined && typeof end !== 'bigint') return undefined;
  const points = pointsOf(text);
  const length = BigInt(points.length);
  if (end !== undefined && start > end)
    return new CelError(`invalid substring range. start: ${String(start)}, end: ${String(end)}`);
  if (start < 0n || start > length) return outOfRange(start);
  if (end !== undefined && (end < 0n || end > length)) return outOfRange(end);
  return partOf(points, Number(start), Number(end ?? length));
};

const mapCase =
  (pattern: RegExp, change: (letter: string) => string): CelCall =>
  ([text]) =>
    typeof text === 'string' ? text.replace(pattern, change) : undefined;

/** What Go's `unicode.IsSpace` holds for. */
const isSpace = (text: string, index: number): boolean => spaces.test(text.charAt(index));
const spaces = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

const trim: CelCall = ([text]) => {
  if (typeof text !== 'string') return undefined;
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text, start)) start++;
  while (end > start && isSpace(text, end - 1)) end--;
  return text.slice(start, end);
};

/** Go's `strings.Replace`: an empty text is found before every character, and at the end. */
const replace: CelCall = ([text, old, by, most = -1n], meter) => {
  if (typeof text !== 'string' || typeof old !== 'string' || typeof by !== 'string' || typeof most !== 'bigint')
    return undefined;
  const parts = old === '' ? ['', ...Array.from(text), ''] : text.split(old);
  const there = Math.max(0, old === '' ? parts.length - 1 : parts.length - 1);
  const count = most < 0n || most > BigInt(there) ? there : Number(most);
  // A short text put in for many makes a long one.
  meter.charge(count * by.length * traversalFactor);
  return (
    parts.slice(0, count + 1).join(by) +
    parts
      .slice(count + 1)
      .map((part) => old + part)
      .join('')
  );
};

/** Go's `strings.SplitN`: a negative count is all, none gives no list, and the last part keeps the rest. */
const split: CelCall = ([text, separator, most = -1n]) => {
  if (typeof text !== 'string' || typeof separator !== 'string' || typeof most !== 'bigint') return undefined;
  if (most === 0n) return new ValueList([]);
  const parts = separator === '' ? Array.from(text) : text.split(separator);
  if (most < 0n || BigInt(parts.length) <= most) return new ValueList(parts);
  const count = Number(most);
  return new ValueList([...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)]);
};

/** Charged as it goes: what comes of it is known when it is there. */
const join: CelCall = ([list, separator = ''], meter) => {
  let charged = 0;
  if (!isCelList(list ?? null) || typeof separator !== 'string') return undefined;
  const texts: string[] = [];
  const { size } = list as CelList;
  for (let i = 0; i < size; i++) {
    const text = (list as CelList).at(i);
    if (typeof text !== 'string') return new CelError(`join: invalid input: ${shownValue(text)}`);
    const cost = (text.length + separator.length) * 2 * traversalFactor;
    meter.charge(cost);
    charged += cost;
    texts.push(text);
  }
  const joined = texts.join(separator);
  meter.charge(Math.max(0, Math.ceil(joined.length * 2 * traversalFactor) - charged));
  return joined;
};

const escapes: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\u000b': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

const quote: CelCall = ([text]) =>
  typeof text === 'string' ? `"${text.replace(/[\u0007-\r\\"]/g, (c) => escapes[c] ?? c)}"` : undefined;

const texts =
  (test: (text: string, other: string) => boolean): CelCall =>
  ([text, other]) =>
    typeof text === 'string' && typeof other === 'string' ? test(text, other) : undefined;

/** cel-go's texts (common/stdlib, ext `Strings` version 2); those that take a pattern are apart. */
export const stringFunctions: CelFunctionTable = {
  contains: { run: texts((text, other) => text.includes(other)), cost: callCosts.contains },
  startsWith: { run: texts((text, other) => text.startsWith(other)), cost: callCosts.traverseSecond },
  endsWith: { run: texts((text, other) => text.endsWith(other)), cost: callCosts.traverseSecond },
  charAt,
  substring: { run: substring, cost: callCosts.traverse },
  lowerAscii: { run: mapCase(/[A-Z]+/g, (part) => part.toLowerCase()), cost: callCosts.traverse },
  upperAscii: { run: mapCase(/[a-z]+/g, (part) => part.toUpperCase()), cost: callCosts.traverse },
  trim: { run: trim, cost: callCosts.traverse },
  replace: { run: replace, cost: callCosts.rebuild },
  split: { run: split, cost: callCosts.rebuild },
  join: { run: join, cost: () => 0 },
  format: {
    run: ([text, list], meter) =>
      typeof text === 'string' && isCelList(list ?? null) ? formatText(text, list as CelList, meter) : undefined,
    cost: callCosts.traverse,
  },
  'strings.quote': { run: quote, cost: callCosts.traverse },
};
