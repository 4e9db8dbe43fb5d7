import { parseTime, TimeError } from '@reckon/api/machinery';
import { HistoryError } from './history-error';

/** A point of a log as people name it: a revision, a time, or how long ago. */
export type Moment =
  { readonly kind: 'revision'; readonly revision: number } | { readonly kind: 'time'; readonly ms: number };

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const duration = /^-?((?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+)$/;
const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/**
 * `412`; `2026-01-31T12:00:00Z`; `5m`, `-5m`, `1h30m`: so long before `nowMs`. Throws `HistoryError` for what is none, for a time that
 * is still to come, and for revision 0; whether a revision is still to come, only its log knows.
 */
export function parseMoment(text: string, nowMs: number): Moment {
  if (/^\d{1,15}$/.test(text)) return { kind: 'revision', revision: fromOne(text) };
  const ago = duration.exec(text)?.[1];
  if (ago !== undefined) {
    let ms = 0;
    for (const [, amount, unit] of ago.matchAll(/([\d.]+)(ms|[smhd])/g))
      ms += Number(amount) * (unitMs[unit ?? ''] ?? 0);
    return { kind: 'time', ms: beginning(Math.round(nowMs - ms)) };
  }
  if (rfc3339.test(text)) return { kind: 'time', ms: beginning(passed(text, nowMs)) };
  throw noMoment(text, '', 'Name a revision (412), a time (2026-01-31T12:00:00Z) or how long ago (5m, 1h30m).');
}

function fromOne(text: string): number {
  const revision = Number(text);
  if (revision > 0) return revision;
  throw noMoment(
    text,
    ': revisions begin at 1',
    'Name a later one, or a time: before the first revision there is nothing.',
  );
}

function passed(text: string, nowMs: number): number {
  const ms = timeIn(text);
  if (ms <= nowMs) return ms;
  const now = new Date(nowMs).toISOString();
  throw new HistoryError('BadMoment', `${text} is still to come`, `It is ${now}. Name a moment that has passed.`);
}

function timeIn(text: string): number {
  try {
    return parseTime(text.toUpperCase());
  } catch (cause) {
    if (!(cause instanceof TimeError)) throw cause;
    throw noMoment(
      text,
      ': there is no such time',
      'Name a day that is in the calendar and a time that is on the clock.',
    );
  }
}

/** No log is older than this, and a year before 1 cannot be written. */
const beginning = (ms: number): number => Math.max(0, ms);

const noMoment = (text: string, why: string, hint: string): HistoryError =>
  new HistoryError('BadMoment', `${JSON.stringify(text)} is no moment${why}`, hint);
