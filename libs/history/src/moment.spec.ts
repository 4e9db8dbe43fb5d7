import { describe, expect, it } from 'vitest';
import { HistoryError } from './history-error';
import { parseMoment } from './moment';

const now = Date.parse('2026-01-31T12:00:00Z');

describe('a moment', () => {
  it.each([
    ['412', { kind: 'revision', revision: 412 }],
    ['2026-01-31T11:59:59Z', { kind: 'time', ms: now - 1000 }],
    ['2026-01-31T12:59:59.5+01:00', { kind: 'time', ms: now - 500 }],
    ['5m', { kind: 'time', ms: now - 300_000 }],
    ['-5m', { kind: 'time', ms: now - 300_000 }],
    ['1h30m', { kind: 'time', ms: now - 5_400_000 }],
    ['1.5s', { kind: 'time', ms: now - 1500 }],
    ['2d250ms', { kind: 'time', ms: now - 172_800_250 }],
  ])('%s', (text, moment) => {
    expect(parseMoment(text, now)).toEqual(moment);
  });

  it('is never before there were any', () => {
    for (const text of ['999999999d', '0001-01-01T00:00:00Z'])
      expect(parseMoment(text, now)).toEqual({ kind: 'time', ms: 0 });
  });

  it.each(['', 'now', '-5', '5x', 'm', '5 m', '2026-01-31', '1e3', '9999999999999999'])('is not %j', (text) => {
    expect(refusalOf(text)).toEqual([
      `${JSON.stringify(text)} is no moment`,
      'Name a revision (412), a time (2026-01-31T12:00:00Z) or how long ago (5m, 1h30m).',
    ]);
  });

  it.each(['2026-13-31T12:00:00Z', '2025-02-29T00:00:00Z', '2026-01-01T24:00:00Z', '2026-01-01T00:00:00+99:00'])(
    'is not %s, which no calendar and no clock has',
    (text) => {
      expect(refusalOf(text)).toEqual([
        `"${text}" is no moment: there is no such time`,
        'Name a day that is in the calendar and a time that is on the clock.',
      ]);
    },
  );

  it('is not revision 0, nor a time that is still to come', () => {
    expect(refusalOf('0')).toEqual([
      '"0" is no moment: revisions begin at 1',
      'Name a later one, or a time: before the first revision there is nothing.',
    ]);
    expect(refusalOf('2026-01-31T12:00:00.001Z')).toEqual([
      '2026-01-31T12:00:00.001Z is still to come',
      'It is 2026-01-31T12:00:00.000Z. Name a moment that has passed.',
    ]);
  });
});

function refusalOf(text: string): readonly unknown[] {
  try {
    return [parseMoment(text, now)];
  } catch (error) {
    return error instanceof HistoryError ? [error.message, error.hint] : [error];
  }
}
