import { describe, expect, it } from 'vitest';
import { humanDuration, shortHumanDuration } from './human-duration';
import { canonicalMicroTime, canonicalTime, microTimeText, parseMicroTime, parseTime, timeText } from './time';

const seconds = '2006-01-02T15:04:05Z07:00';
const micros = '2006-01-02T15:04:05.000000Z07:00';

describe('times', () => {
  it('are written in UTC, cut to their unit', () => {
    expect(timeText(Date.UTC(2026, 0, 2, 3, 4, 5, 999))).toBe('2026-01-02T03:04:05Z');
    expect(microTimeText(Date.UTC(2026, 0, 2, 3, 4, 5, 6), 7)).toBe('2026-01-02T03:04:05.006007Z');
    expect(timeText(-1)).toBe('1969-12-31T23:59:59Z');
  });

  it.each([
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
    ['2026-01-02T03:04:05.999Z', '2026-01-02T03:04:05Z'],
    ['2026-01-02T03:04:05,5Z', '2026-01-02T03:04:05Z'],
    ['2026-01-02T03:04:05+02:00', '2026-01-02T01:04:05Z'],
    ['2026-01-02T03:04:05.1-00:30', '2026-01-02T03:34:05Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ])('reads %s as %s', (text, canonical) => {
    expect(canonicalTime(text)).toBe(canonical);
  });

  it.each([
    ['yesterday', ` as "${seconds}": cannot parse "yesterday" as "2006"`],
    ['', ` as "${seconds}": cannot parse "" as "2006"`],
    ['2026-1-02T03:04:05Z', ` as "${seconds}": cannot parse "1-02T03:04:05Z" as "01"`],
    ['2026-01-02', ` as "${seconds}": cannot parse "" as "T"`],
    ['2026-01-02 03:04:05Z', ` as "${seconds}": cannot parse " 03:04:05Z" as "T"`],
    ['2026-01-02T03:04:05', ` as "${seconds}": cannot parse "" as "Z07:00"`],
    ['2026-13-02T03:04:05Z', ': month out of range'],
    ['2026-02-29T03:04:05Z', ': day out of range'],
    ['2026-01-02T24:04:05Z', ': hour out of range'],
    ['2026-01-02T03:60:05Z', ': minute out of range'],
    ['2026-01-02T03:04:60Z', ': second out of range'],
    ['2026-01-02T03:04:05Zx', ': extra text: "x"'],
  ])('refuses %j', (text, why) => {
    expect(() => parseTime(text)).toThrow(`parsing time ${JSON.stringify(text)}${why}`);
  });

  it('keep microseconds where they count', () => {
    expect(parseMicroTime('2026-01-02T03:04:05.006007Z')).toEqual({ ms: Date.UTC(2026, 0, 2, 3, 4, 5, 6), micros: 7 });
    expect(canonicalMicroTime('2026-01-02T03:04:05.123456+01:00')).toBe('2026-01-02T02:04:05.123456Z');
    expect(() => parseMicroTime('2026-01-02T03:04:05Z')).toThrow(
      `parsing time "2026-01-02T03:04:05Z" as "${micros}": cannot parse "Z" as ".000000"`,
    );
    expect(() => parseMicroTime('yesterday')).toThrow(
      `parsing time "yesterday" as "${micros}": cannot parse "yesterday" as "2006"`,
    );
  });
});

describe('ages', () => {
  const s = 1000;
  const m = 60 * s;
  const h = 60 * m;
  const d = 24 * h;
  it.each([
    [-3 * s, '<invalid>', '<invalid>'],
    [-1 * s, '0s', '0s'],
    [0, '0s', '0s'],
    [119 * s, '119s', '1m'],
    [2 * m, '2m', '2m'],
    [2 * m + 5 * s, '2m5s', '2m'],
    [10 * m + 5 * s, '10m', '10m'],
    [179 * m, '179m', '2h'],
    [3 * h, '3h', '3h'],
    [3 * h + 7 * m, '3h7m', '3h'],
    [8 * h + 59 * m, '8h', '8h'],
    [47 * h, '47h', '1d'],
    [2 * d, '2d', '2d'],
    [2 * d + 5 * h, '2d5h', '2d'],
    [8 * d + 5 * h, '8d', '8d'],
    [729 * d, '729d', '1y'],
    [2 * 365 * d, '2y', '2y'],
    [2 * 365 * d + 3 * d, '2y3d', '2y'],
    [9 * 365 * d, '9y', '9y'],
  ])('of %d ms are %s, in short %s', (ms, long, short) => {
    expect(humanDuration(ms)).toBe(long);
    expect(shortHumanDuration(ms)).toBe(short);
  });
});
