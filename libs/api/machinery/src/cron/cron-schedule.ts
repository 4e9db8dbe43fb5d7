import { NumberSyntaxError, parseInt64 } from '../go-number';
import { readDuration } from './go-duration';
import { locationProblem } from './location';

/** A text that is no schedule; the message is that of the parser that CronJobs are read with (robfig/cron v3 `ParseStandard`). */
export class CronScheduleError extends Error {
  readonly code = 'InvalidCronSchedule';
  constructor(message: string) {
    super(message);
    this.name = 'CronScheduleError';
  }
}

/** Moments by the fields of a clock and a calendar, or by a constant distance. */
export type CronSchedule = CronFields | CronEvery;

export interface CronFields {
  readonly kind: 'fields';
  /** As the schedule itself names it; undefined if it names none. */
  readonly zone: string | undefined;
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  /** January is 1. */
  readonly months: ReadonlySet<number>;
  /** Sunday is 0. */
  readonly weekdays: ReadonlySet<number>;
  /** Both the day of the month and the weekday must match; else either will do. */
  readonly needsBothDays: boolean;
}

interface CronEvery {
  readonly kind: 'every';
  readonly seconds: number;
}

/** The values of one field of a schedule. */
interface Bounds {
  readonly min: bigint;
  readonly max: bigint;
  readonly names?: ReadonlyMap<string, bigint>;
}

const numbered = (first: number, names: string): ReadonlyMap<string, bigint> =>
  new Map(names.split(' ').map((name, i) => [name, BigInt(first + i)]));

const fieldBounds: readonly Bounds[] = [
  { min: 0n, max: 59n },
  { min: 0n, max: 23n },
  { min: 1n, max: 31n },
  { min: 1n, max: 12n, names: numbered(1, 'jan feb mar apr may jun jul aug sep oct nov dec') },
  { min: 0n, max: 6n, names: numbered(0, 'sun mon tue wed thu fri sat') },
];

const descriptors: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

/** What `strings.Fields` and `strings.TrimSpace` take for white space. */
const space = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/** Reads a schedule; throws `CronScheduleError`. */
export function parseCronSchedule(text: string): CronSchedule {
  if (text === '') throw new CronScheduleError('empty spec string');
  let spec = text;
  let zone: string | undefined;
  if (spec.startsWith('TZ=') || spec.startsWith('CRON_TZ=')) {
    const end = spec.indexOf(' ');
    // A zone and nothing else: the parser that upstream uses panics.
    if (end < 0) throw new CronScheduleError('empty spec string');
    zone = spec.slice(spec.indexOf('=') + 1, end);
    const problem = locationProblem(zone);
    if (problem !== undefined) throw new CronScheduleError(`provided bad location ${zone}: ${problem}`);
    spec = trimmed(spec.slice(end));
  }
  if (spec.startsWith('@every ')) return every(spec);
  const words = spec.startsWith('@') ? descriptors.get(spec) : spec;
  if (words === undefined) throw new CronScheduleError(`unrecognized descriptor: ${spec}`);
  return fieldsOf(words, zone);
}

function fieldsOf(words: string, zone: string | undefined): CronFields {
  const texts = words.split(space).filter((field) => field !== '');
  if (texts.length !== fieldBounds.length)
    throw new CronScheduleError(
      `expected exactly ${String(fieldBounds.length)} fields, found ${String(texts.length)}: [${texts.join(' ')}]`,
    );
  const [minutes, hours, days, months, weekdays] = fieldBounds.map((bounds, i) => readField(texts[i] ?? '', bounds));
  return {
    kind: 'fields',
    zone,
    minutes: numbersOf(minutes),
    hours: numbersOf(hours),
    days: numbersOf(days),
    months: numbersOf(months),
    weekdays: numbersOf(weekdays),
    needsBothDays: days?.isAny === true || weekdays?.isAny === true,
  };
}

/** Whole seconds, at least one (robfig/cron v3 `Every`). */
function every(spec: string): CronEvery {
  const duration = readDuration(spec.slice('@every '.length));
  if (typeof duration === 'string') throw new CronScheduleError(`failed to parse duration ${spec}: ${duration}`);
  return { kind: 'every', seconds: Math.max(1, Number(duration / 1_000_000_000n)) };
}

const trimmed = (text: string): string =>
  text.replace(new RegExp(`^${space.source}`), '').replace(new RegExp(`${space.source}$`), '');

interface Field {
  readonly numbers: ReadonlySet<number>;
  /** A star stands in it. */
  readonly isAny: boolean;
}

const numbersOf = (field: Field | undefined): ReadonlySet<number> => field?.numbers ?? new Set();

/** A list of ranges; what stands between two commas may be nothing at all. */
function readField(text: string, bounds: Bounds): Field {
  const numbers = new Set<number>();
  let isAny = false;
  for (const part of text.split(',')) {
    if (part === '') continue;
    const { start, end, step, isStar } = readRange(part, bounds);
    for (let value = start; value <= end; value += step) numbers.add(Number(value));
    isAny ||= isStar && step === 1n;
  }
  return { numbers, isAny };
}

interface Range {
  readonly start: bigint;
  readonly end: bigint;
  readonly step: bigint;
  readonly isStar: boolean;
}

/** `*`, `?`, `5`, `1-5`, any of them with `/2`. */
function readRange(text: string, bounds: Bounds): Range {
  const [span = '', stepText, ...moreSteps] = text.split('/');
  const [low = '', high, ...moreEnds] = span.split('-');
  const isStar = low === '*' || low === '?';
  let start = bounds.min;
  let end = bounds.max;
  if (!isStar) {
    start = numberOrName(low, bounds);
    end = start;
    if (moreEnds.length > 0) throw new CronScheduleError(`too many hyphens: ${text}`);
    if (high !== undefined) end = numberOrName(high, bounds);
  }
  if (moreSteps.length > 0) throw new CronScheduleError(`too many slashes: ${text}`);
  const step = stepText === undefined ? 1n : wholeNumber(stepText);
  // `5/10` means from 5 on.
  if (stepText !== undefined && high === undefined) end = bounds.max;
  checkRange({ start, end, step, isStar }, bounds, text);
  return { start, end, step, isStar };
}

function checkRange({ start, end, step }: Range, { min, max }: Bounds, text: string): void {
  if (start < min)
    throw new CronScheduleError(`beginning of range (${String(start)}) below minimum (${String(min)}): ${text}`);
  if (end > max) throw new CronScheduleError(`end of range (${String(end)}) above maximum (${String(max)}): ${text}`);
  if (start > end)
    throw new CronScheduleError(`beginning of range (${String(start)}) beyond end of range (${String(end)}): ${text}`);
  if (step === 0n) throw new CronScheduleError(`step of range should be a positive number: ${text}`);
}

const numberOrName = (text: string, { names }: Bounds): bigint => names?.get(text.toLowerCase()) ?? wholeNumber(text);

function wholeNumber(text: string): bigint {
  let value: bigint;
  try {
    value = parseInt64(text, 'Atoi');
  } catch (error) {
    if (!(error instanceof NumberSyntaxError)) throw error;
    throw new CronScheduleError(`failed to parse int from ${text}: ${error.message}`);
  }
  if (value < 0n) throw new CronScheduleError(`negative number (${String(value)}) not allowed: ${text}`);
  return value;
}
