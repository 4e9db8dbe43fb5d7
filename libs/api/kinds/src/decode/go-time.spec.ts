import { describe, expect, it } from 'vitest';
import { isCanonicalMicroTime, isCanonicalTime } from '../canonical-time';
import { readGoTime } from './go-time';

const whole = '2006-01-02T15:04:05Z07:00';
const micro = '2006-01-02T15:04:05.000000Z07:00';

describe('readGoTime', () => {
  it.each([
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
    ['2026-01-02T03:04:05.999Z', '2026-01-02T03:04:05Z'],
    ['2026-01-02T03:04:05+05:30', '2026-01-01T21:34:05Z'],
    ['2024-02-29T23:59:59-00:30', '2024-03-01T00:29:59Z'],
    ['2026-01-02T3:04:05Z', '2026-01-02T03:04:05Z'],
    ['0001-01-01T00:00:00Z', null],
  ])('%s is %s', (text, expected) => {
    expect(readGoTime(text, whole)).toBe(expected);
  });

  it('keeps microseconds, which must be there', () => {
    expect(readGoTime('2026-01-02T03:04:05.120000+01:00', micro)).toBe('2026-01-02T02:04:05.120000Z');
    expect(() => readGoTime('2026-01-02T03:04:05Z', micro)).toThrow(
      `parsing time "2026-01-02T03:04:05Z" as "${micro}": cannot parse "Z" as ".000000"`,
    );
    expect(() => readGoTime('2026-01-02T03:04:05.1234567Z', micro)).toThrow('cannot parse "7Z" as "Z07:00"');
  });

  it.each([
    ['yesterday', `as "${whole}": cannot parse "yesterday" as "2006"`],
    ['2026-1-02T03:04:05Z', `as "${whole}": cannot parse "1-02T03:04:05Z" as "01"`],
    ['2026-13-02T03:04:05Z', ': month out of range'],
    ['2026-02-29T03:04:05Z', ': day out of range'],
    ['2026-02-28T24:04:05Z', ': hour out of range'],
    ['2026-02-28 03:04:05Z', `as "${whole}": cannot parse " 03:04:05Z" as "T"`],
    ['2026-02-28T03:04:05', `as "${whole}": cannot parse "" as "Z07:00"`],
    ['2026-02-28T03:04:05Zx', ': extra text: "x"'],
  ])('refuses %s', (text, message) => {
    expect(() => readGoTime(text, whole)).toThrow(
      `parsing time "${text}"${message.startsWith(':') ? '' : ' '}${message}`,
    );
  });

  it('agrees with the quick test of canonical times', () => {
    for (const text of ['2024-02-29T00:00:00Z', '2100-02-28T23:59:59Z', '2026-04-30T00:00:00Z']) {
      expect(isCanonicalTime(text)).toBe(true);
      expect(readGoTime(text, whole)).toBe(text);
    }
    for (const text of [
      '2100-02-29T00:00:00Z',
      '2026-04-31T00:00:00Z',
      '0001-01-01T00:00:00Z',
      '2026-04-30T00:00:60Z',
    ]) {
      expect(isCanonicalTime(text)).toBe(false);
    }
    expect(isCanonicalMicroTime('2026-01-01T00:00:00.000001Z')).toBe(true);
    expect(isCanonicalMicroTime('2026-01-01T00:00:00Z')).toBe(false);
  });
});
