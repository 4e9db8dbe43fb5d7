import { describe, expect, it } from 'vitest';
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

  it.each(['', 'now', '-5', '5', '5x', 'm', '5 m', '2026-01-31', '2026-13-31T12:00:00Z', '1e3', '9999999999999999'])(
    '%j is a revision or none',
    (text) => {
      if (text === '5') expect(parseMoment(text, now)).toEqual({ kind: 'revision', revision: 5 });
      else expect(() => parseMoment(text, now)).toThrow(`${JSON.stringify(text)} is no moment`);
    },
  );
});
