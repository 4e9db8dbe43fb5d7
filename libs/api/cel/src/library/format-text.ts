import { goQuote } from '@reckon/api/machinery';
import type { CelMeter } from '../evaluate/cel-meter';
import { compareTexts } from '../value/cel-equal';
import { goExponent } from '../value/go-double';
import {
  CelBytes,
  CelDuration,
  CelError,
  type CelList,
  type CelMap,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
  typeNameOf,
} from '../value/cel-value';
import { textOfValue } from './conversions';

/** Why a text could not be made. */
class FormatError extends Error {
  readonly code = 'Format';
}

const defaultPrecision = 6;
/** No double has more digits than these that say anything; the rest are zeros. */
const mostPlaces = 100;
/** Of texts that are asked for, not given. */
const mostPrecision = 10_000;
const traversalCost = 0.1;

/** `text.format(list)` (cel-go ext `Strings` version 2, whose numbers are those of English). */
export function formatText(text: string, list: CelList, meter: CelMeter): CelValue {
  try {
    return format(text, list.size, meter, ({ write }, index) => write(list.at(index), meter));
  } catch (error) {
    if (error instanceof FormatError) return new CelError(error.message);
    throw error;
  }
}

/** What is wrong with a text whose clauses are given so many values; else how many it takes. `misfit`: of one value. */
export function formatProblem(
  text: string,
  count: number,
  misfit: (clause: string, index: number) => string | undefined,
): { readonly problem: string; readonly index?: number } | { readonly taken: number; readonly problem?: never } {
  let taken = 0;
  let at: number | undefined;
  try {
    format(text, count, undefined, ({ letter }, index) => {
      taken++;
      const why = misfit(letter, index);
      if (why !== undefined) {
        at = index;
        throw new FormatError(why);
      }
      return '';
    });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return at === undefined ? { problem: error.message } : { problem: error.message, index: at };
  }
  return { taken };
}

/** What is said of a value that a clause cannot show. */
export const misfitOf = (clause: string, typeName: string): string =>
  `${(Object.hasOwn(misfits, clause) ? misfits[clause] : undefined) ?? ''}, was given ${typeName}`;

const misfits: Readonly<Record<string, string>> = {
  s: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  d: 'decimal clause can only be used on integers',
  f: 'fixed-point clause can only be used on doubles',
  e: 'scientific clause can only be used on doubles',
  b: 'only integers and bools can be formatted as binary',
  o: 'octal clause can only be used on integers',
  x: 'only integers, byte buffers, and strings can be formatted as hex',
  X: 'only integers, byte buffers, and strings can be formatted as hex',
};

interface Clause {
  readonly letter: string;
  readonly write: Writer;
}

function format(
  text: string,
  count: number,
  meter: CelMeter | undefined,
  write: (clause: Clause, index: number) => string,
): string {
  let out = '';
  let next = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (character !== '%') {
      out += character;
      continue;
    }
    if (text.charAt(i + 1) === '%') {
      out += '%';
      i++;
      continue;
    }
    if (next >= count) throw new FormatError(`index ${String(next)} out of range`);
    if (i + 1 >= text.length) throw new FormatError('unexpected end of string');
    const clause = readClause(text, i + 1);
    i = clause.end;
    try {
      out += write(clause, next);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new FormatError(`error during formatting: ${error.message}`);
    }
    meter?.charge(out.length > mostPrecision ? out.length * traversalCost : 0);
    next++;
  }
  return out;
}

type Writer = (value: CelValue, meter: CelMeter) => string;

/** `end`: the place of its letter. */
function readClause(text: string, start: number): Clause & { readonly end: number } {
  const parsing = (why: string): FormatError => new FormatError(`could not parse formatting clause: ${why}`);
  let end = start;
  let precision: number | undefined;
  if (text.charAt(start) === '.') {
    const digits = /[0-9]*/y;
    digits.lastIndex = start + 1;
    const found = digits.exec(text)?.[0] ?? '';
    end = start + 1 + found.length;
    if (end >= text.length) throw parsing('error while parsing precision: could not find end of precision specifier');
    if (found === '' || found.length > 9)
      throw parsing(
        `error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing ${goQuote(found)}: ${found === '' ? 'invalid syntax' : 'value out of range'}`,
      );
    precision = Math.min(Number(found), mostPrecision);
  }
  const letter = String.fromCodePoint(text.codePointAt(end) ?? 0);
  const make = Object.hasOwn(writers, letter) ? writers[letter] : undefined;
  if (make === undefined) throw parsing(`unrecognized formatting clause "${letter}"`);
  return { letter, write: make(precision ?? defaultPrecision), end };
}

const writers: Readonly<Record<string, (precision: number) => Writer>> = {
  s: () => writeText,
  d: () => writeDecimal,
  f: (precision) => (value) => localNumber('f', value, (number) => grouped(fixed(number, precision))),
  e: (precision) => (value) => localNumber('e', value, (number) => scientific(number, precision)),
  b: () => (value) => {
    if (typeof value === 'boolean') return value ? '1' : '0';
    const number = integerOf(value);
    if (number !== undefined) return number.toString(2);
    throw new FormatError(misfitOf('b', typeNameOf(value)));
  },
  o: () => (value) => {
    const number = integerOf(value);
    if (number !== undefined) return number.toString(8);
    throw new FormatError(misfitOf('o', typeNameOf(value)));
  },
  x: () => writeHex,
  X: () => (value) => writeHex(value).toUpperCase(),
};

const integerOf = (value: CelValue): bigint | undefined =>
  typeof value === 'bigint' ? value : value instanceof CelUint ? value.value : undefined;

const writeDecimal: Writer = (value) => {
  const number = integerOf(value);
  if (number !== undefined) return String(number);
  throw new FormatError(misfitOf('d', typeNameOf(value)));
};

function writeHex(value: CelValue): string {
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('hex');
  if (value instanceof CelBytes) return Buffer.from(value.bytes).toString('hex');
  const number = integerOf(value);
  if (number !== undefined) return number.toString(16);
  throw new FormatError(misfitOf('x', typeNameOf(value)));
}

const writeText: Writer = (value, meter) => {
  if (value === null) return 'null';
  if (value instanceof CelTypeValue) return value.name;
  if (typeof value === 'object' && value.kind === 'list') return writeList(value, meter);
  if (typeof value === 'object' && value.kind === 'map' && value.typeName === 'map') return writeMap(value, meter);
  const text = textOfValue(value);
  if (typeof text === 'string') return text;
  if (text instanceof CelError) throw new FormatError(text.message);
  throw new FormatError(misfitOf('s', typeNameOf(value)));
};

/** Inside of lists and maps values stand as they would be written in an expression. */
function writeInner(value: CelValue, meter: CelMeter): string {
  meter.charge(traversalCost);
  if (typeof value === 'string') {
    meter.charge(value.length * traversalCost);
    return goQuote(value);
  }
  if (typeof value === 'number')
    return Number.isFinite(value) ? fixed(value, defaultPrecision) : goQuote(special(value));
  if (value instanceof CelBytes) return `b${goQuote(writeText(value, meter))}`;
  if (value instanceof CelTimestamp) return `timestamp(${goQuote(writeText(value, meter))})`;
  if (value instanceof CelDuration) return `duration(${goQuote(writeText(value, meter))})`;
  if (typeof value === 'object' && value !== null && (value.kind === 'opaque' || value.kind === 'optional'))
    throw new FormatError(`no formatting function for ${typeNameOf(value)}`);
  return writeText(value, meter);
}

const writeList = (list: CelList, meter: CelMeter): string => {
  const parts: string[] = [];
  for (let i = 0; i < list.size; i++) parts.push(writeInner(list.at(i), meter));
  return `[${parts.join(', ')}]`;
};

function writeMap(map: CelMap, meter: CelMeter): string {
  const entries = map.keys().map((key) => {
    if (typeof key === 'number') throw new FormatError('no formatting function for map key of type double');
    return [writeInner(key, meter), writeInner(map.find(key, meter) ?? null, meter)] as const;
  });
  entries.sort(([a], [b]) => compareTexts(a, b));
  return `{${entries.map(([key, value]) => `${key}:${value}`).join(', ')}}`;
}

const special = (number: number): string => (Number.isNaN(number) ? 'NaN' : number > 0 ? '+Inf' : '-Inf');

function localNumber(clause: string, value: CelValue, write: (number: number) => string): string {
  const number = typeof value === 'number' ? value : specialText(value);
  if (number === undefined) throw new FormatError(misfitOf(clause, typeNameOf(value)));
  if (Number.isFinite(number)) return write(number);
  return Number.isNaN(number) ? 'NaN' : number > 0 ? '\u221e' : '-\u221e';
}

/** Texts that stand for what no number is written as. */
const specialText = (value: CelValue): number | undefined =>
  value === 'NaN' ? Number.NaN : value === 'Infinity' ? Infinity : value === '-Infinity' ? -Infinity : undefined;

/** Exact, and to the even one of two that are as near: `2.5` → `2`, which JavaScript rounds up. */
function fixed(number: number, precision: number): string {
  const places = Math.min(precision, mostPlaces);
  const zeros = '0'.repeat(precision - places);
  if (Math.abs(number) >= 1e21) return `${String(BigInt(number))}${precision > 0 ? `.${'0'.repeat(precision)}` : ''}`;
  const text = number.toFixed(places);
  const isHalf = places < 20 && Math.abs(number) < 2 ** 52 && (Math.abs(number) * 10 ** places) % 1 === 0.5;
  const isOdd = Number(text.at(-1) ?? '0') % 2 === 1;
  const shown = isHalf && isOdd ? (number - Math.sign(number) * 10 ** -(places + 1)).toFixed(places) : text;
  return shown + zeros;
}

const grouped = (text: string): string => text.replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(?:\d{3})+$)/g, ','));

const superscripts = [
  '\u2070',
  '\u00b9',
  '\u00b2',
  '\u00b3',
  '\u2074',
  '\u2075',
  '\u2076',
  '\u2077',
  '\u2078',
  '\u2079',
];

function scientific(number: number, precision: number): string {
  const places = Math.min(precision, mostPlaces);
  const [mantissa = '', power = '0'] = number.toExponential(places).split('e');
  const exponent = goExponent(Number(power)).replace('+', '').replace('-', '\u207b');
  const raised = exponent.replace(/\d/g, (digit) => superscripts[Number(digit)] ?? digit);
  return `${mantissa}\u00d710${raised}`;
}
