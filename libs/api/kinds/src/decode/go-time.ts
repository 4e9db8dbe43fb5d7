import { goQuote } from '@reckon/api/machinery';
import { daysInMonth } from '../canonical-time';

/** The layouts of metav1.Time and metav1.MicroTime, as Go's error texts show them. */
export type TimeLayout = '2006-01-02T15:04:05Z07:00' | '2006-01-02T15:04:05.000000Z07:00';

const elements: readonly (readonly [layout: string, form: RegExp, range?: readonly [string, number, number]])[] = [
  ['2006', /^\d{4}/],
  ['-', /^-/],
  ['01', /^\d{2}/, ['month', 1, 12]],
  ['-', /^-/],
  ['02', /^\d{2}/, ['day', 0, 99]],
  ['T', /^T/],
  // The one number that may lack its zero.
  ['15', /^\d\d?/, ['hour', 0, 23]],
  [':', /^:/],
  ['04', /^\d{2}/, ['minute', 0, 59]],
  [':', /^:/],
  ['05', /^\d{2}/, ['second', 0, 59]],
];

/**
 * Reads a time as Go's `time.Parse` does and gives it in the form that Go writes: UTC, whole seconds or microseconds.
 * Throws RangeError with Go's text. Gives null for Go's zero time, which is written as null.
 */
export function readGoTime(text: string, layout: TimeLayout): string | null {
  const withMicros = layout.includes('.');
  let rest = text;
  const parts: string[] = [];
  for (const [element, form, range] of elements) {
    const found = form.exec(rest)?.[0];
    if (found === undefined) throw cannotParse(element);
    if (range !== undefined && (Number(found) < range[1] || Number(found) > range[2])) {
      throw new RangeError(`parsing time ${goQuote(text)}: ${range[0]} out of range`);
    }
    rest = rest.slice(found.length);
    parts.push(element === '15' ? found.padStart(2, '0') : found);
  }
  let fraction = /^[.,](\d+)/.exec(rest)?.[0] ?? '';
  if (withMicros) {
    const six = /^[.,]\d{6}/.exec(rest)?.[0];
    if (six === undefined) throw cannotParse('.000000');
    fraction = six;
  }
  rest = rest.slice(fraction.length);
  const zone = /^(?:Z|[+-]\d\d:\d\d)/.exec(rest)?.[0];
  if (zone === undefined) throw cannotParse('Z07:00');
  rest = rest.slice(zone.length);
  if (rest !== '') throw new RangeError(`parsing time ${goQuote(text)}: extra text: ${goQuote(rest)}`);
  return canonical(parts.join(''), fraction, zone);

  function cannotParse(element: string): RangeError {
    return new RangeError(
      `parsing time ${goQuote(text)} as ${goQuote(layout)}: cannot parse ${goQuote(rest)} as ${goQuote(element)}`,
    );
  }

  function canonical(local: string, fractionText: string, zoneText: string): string | null {
    const day = Number(local.slice(8, 10));
    if (day < 1 || day > daysInMonth(Number(local.slice(0, 4)), Number(local.slice(5, 7))))
      throw new RangeError(`parsing time ${goQuote(text)}: day out of range`);
    const micros = withMicros ? fractionText.slice(1, 7).padEnd(6, '0') : '';
    const utc = new Date(Date.parse(`${local}Z`) - offsetMs(zoneText)).toISOString().slice(0, -5);
    if (utc === '0001-01-01T00:00:00' && /^0*$/.test(fractionText.slice(1))) return null;
    return withMicros ? `${utc}.${micros}Z` : `${utc}Z`;
  }
}

function offsetMs(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
