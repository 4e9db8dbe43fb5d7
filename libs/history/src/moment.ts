import { HistoryError } from './history-error';

/** A point of a log as people name it: a revision, a time, or how long ago. */
export type Moment =
  { readonly kind: 'revision'; readonly revision: number } | { readonly kind: 'time'; readonly ms: number };

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const duration = /^-?((?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+)$/;
const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** `412`; `2026-01-31T12:00:00Z`; `5m`, `-5m`, `1h30m`: so long before `nowMs`. Throws `HistoryError`. */
export function parseMoment(text: string, nowMs: number): Moment {
  if (/^\d{1,15}$/.test(text)) return { kind: 'revision', revision: Number(text) };
  const ago = duration.exec(text)?.[1];
  if (ago !== undefined) {
    let ms = 0;
    for (const [, amount, unit] of ago.matchAll(/([\d.]+)(ms|[smhd])/g))
      ms += Number(amount) * (unitMs[unit ?? ''] ?? 0);
    return { kind: 'time', ms: Math.round(nowMs - ms) };
  }
  const ms = rfc3339.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return { kind: 'time', ms };
  throw new HistoryError(
    'BadMoment',
    `${JSON.stringify(text)} is no moment`,
    'Name a revision (412), a time (2026-01-31T12:00:00Z) or how long ago (5m, 1h30m).',
  );
}
