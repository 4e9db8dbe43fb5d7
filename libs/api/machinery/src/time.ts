import { goQuote } from './go-quote';

/** A text that is no time; the message is that of Go's `time.ParseError`. */
export class TimeError extends Error {
  readonly code = 'InvalidTime';
  constructor(message: string) {
    super(message);
    this.name = 'TimeError';
  }
}

/** A moment to the microsecond: Leases count on it. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly ms: number;
  /** Microseconds past `ms`, 0 to 999. */
  readonly micros: number;
}

const secondsLayout = '2006-01-02T15:04:05Z07:00';
const microLayout = '2006-01-02T15:04:05.000000Z07:00';

/** `metav1.Time` as the server writes it: UTC, whole seconds (cut, not rounded). */
export function timeText(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== newest.second) newest = { second, text: `${new Date(second * 1000).toISOString().slice(0, 19)}Z` };
  return newest.text;
}

/** Most times that are written are of the present second. */
let newest = { second: NaN, text: '' };

/** A day in UTC, as labels tell it: `2026-11-22`. */
export const dayText = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** When such a day begins, in ms since 1970; undefined for what is no day. */
export function parseDay(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const ms = Date.parse(`${text}T00:00:00Z`);
  // `Date.parse` takes the 31st of every month.
  return Number.isNaN(ms) || dayText(ms) !== text ? undefined : ms;
}

/** `metav1.MicroTime` as the server writes it. */
export function microTimeText(ms: number, micros = 0): string {
  return `${new Date(ms).toISOString().slice(0, 23)}${String(micros).padStart(3, '0')}Z`;
}

/** Reads a `metav1.Time` (Go's RFC3339, any fraction); throws `TimeError`. */
export const parseTime = (text: string): number => new LayoutReader(text, secondsLayout).read().ms;

/** Reads a `metav1.MicroTime`: exactly six digits of fraction; throws `TimeError`. */
export const parseMicroTime = (text: string): Moment => new LayoutReader(text, microLayout).read();

/** A time as the server answers it: `2026-01-01T02:00:00.5+02:00` → `2026-01-01T00:00:00Z`. */
export const canonicalTime = (text: string): string => timeText(parseTime(text));

export function canonicalMicroTime(text: string): string {
  const { ms, micros } = parseMicroTime(text);
  return microTimeText(ms, micros);
}

/** Walks the elements of the layout in order, as Go's `time.Parse`: the first that does not fit is named. */
class LayoutReader {
  private rest: string;

  constructor(
    private readonly text: string,
    private readonly layout: string,
  ) {
    this.rest = text;
  }

  read(): Moment {
    const year = this.digits(4, '2006');
    this.literal('-');
    const month = this.inRange(this.digits(2, '01'), 1, 12, 'month');
    this.literal('-');
    const day = this.digits(2, '02');
    this.literal('T');
    const hour = this.inRange(this.digits(2, '15'), 0, 23, 'hour');
    this.literal(':');
    const minute = this.inRange(this.digits(2, '04'), 0, 59, 'minute');
    this.literal(':');
    const second = this.inRange(this.digits(2, '05'), 0, 59, 'second');
    const micros = this.fraction();
    const offsetMinutes = this.zone();
    if (this.rest !== '') throw this.refusal(`: extra text: ${goQuote(this.rest)}`);
    if (day < 1 || day > daysIn(year, month)) throw this.refusal(': day out of range');
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, day);
    date.setUTCHours(hour, minute, second);
    return { ms: date.getTime() - offsetMinutes * 60_000 + Math.floor(micros / 1000), micros: micros % 1000 };
  }

  private digits(count: number, element: string): number {
    const part = this.rest.slice(0, count);
    if (part.length < count || !/^[0-9]+$/.test(part)) throw this.mismatch(element);
    this.rest = this.rest.slice(count);
    return Number(part);
  }

  private literal(text: string): void {
    if (!this.rest.startsWith(text)) throw this.mismatch(text);
    this.rest = this.rest.slice(text.length);
  }

  private inRange(value: number, low: number, high: number, name: string): number {
    if (value < low || value > high) throw this.refusal(`: ${name} out of range`);
    return value;
  }

  /** In microseconds. A comma is as good as a point, and without a fraction in the layout any number of digits will do. */
  private fraction(): number {
    const pattern = this.layout === microLayout ? /^[.,]([0-9]{6})/ : /^[.,]([0-9]+)/;
    const match = pattern.exec(this.rest);
    if (match === null) {
      if (this.layout === microLayout) throw this.mismatch('.000000');
      return 0;
    }
    this.rest = this.rest.slice(match[0].length);
    return Number((match[1] ?? '').slice(0, 6).padEnd(6, '0'));
  }

  private zone(): number {
    if (this.rest.startsWith('Z')) {
      this.rest = this.rest.slice(1);
      return 0;
    }
    const match = /^([+-])([0-9]{2}):([0-9]{2})/.exec(this.rest);
    if (match === null) throw this.mismatch('Z07:00');
    const hours = this.inRange(Number(match[2]), 0, 24, 'time zone offset hour');
    const minutes = this.inRange(Number(match[3]), 0, 60, 'time zone offset minute');
    this.rest = this.rest.slice(6);
    return (match[1] === '-' ? -1 : 1) * (hours * 60 + minutes);
  }

  private mismatch(element: string): TimeError {
    return this.refusal(` as ${goQuote(this.layout)}: cannot parse ${goQuote(this.rest)} as ${goQuote(element)}`);
  }

  private refusal(why: string): TimeError {
    return new TimeError(`parsing time ${goQuote(this.text)}${why}`);
  }
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
