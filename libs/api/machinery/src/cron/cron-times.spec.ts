import { describe, expect, it } from 'vitest';
import { parseCronSchedule } from './cron-schedule';
import { cronTimes } from './cron-times';
import { zoneOffset, zonedTimeText } from './zone-offset';

const next = (schedule: string, after: string, zone?: string): string | undefined => {
  const ms = cronTimes(parseCronSchedule(schedule), zone)(Date.parse(after));
  return ms === undefined ? undefined : new Date(ms).toISOString().replace(':00.000Z', 'Z').replace('.000Z', 'Z');
};

describe('the next time', () => {
  it.each([
    ['* * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:01Z'],
    ['* * * * *', '2026-01-01T00:00:59.999Z', '2026-01-01T00:01Z'],
    ['0 * * * *', '2025-12-31T23:59:59.999Z', '2026-01-01T00:00Z'],
    ['*/15 * * * *', '2026-01-01T00:45:01Z', '2026-01-01T01:00Z'],
    ['30 6-16/4 * * 1-5', '2026-01-02T14:31:00Z', '2026-01-05T06:30Z'],
    ['0 0 29 2 *', '2026-01-01T00:00:00Z', '2028-02-29T00:00Z'],
    ['0 0 31 * *', '2026-01-31T00:00:00Z', '2026-03-31T00:00Z'],
    // The 13th and every Friday; every Friday that is the 13th cannot be said.
    ['0 0 13 * 5', '2026-01-01T00:00:00Z', '2026-01-02T00:00Z'],
    ['0 0 13 * 5', '2026-01-10T00:00:00Z', '2026-01-13T00:00Z'],
    ['0 0 * * 0', '2026-01-01T00:00:00Z', '2026-01-04T00:00Z'],
    ['@yearly', '2026-01-01T00:00:00Z', '2027-01-01T00:00Z'],
    ['@hourly', '2026-01-01T00:00:00Z', '2026-01-01T01:00Z'],
    ['@every 90s', '2026-01-01T00:00:00.700Z', '2026-01-01T00:01:30Z'],
    ['59 23 31 2 *', '2026-01-01T00:00:00Z', undefined],
    [', * * * *', '2026-01-01T00:00:00Z', undefined],
  ])('of %j after %s is %s', (schedule, after, expected) => {
    expect(next(schedule, after)).toBe(expected);
  });

  it.each([
    ['0 9 * * *', 'Europe/Berlin', '2026-01-01T00:00:00Z', '2026-01-01T08:00Z'],
    ['0 9 * * *', 'Europe/Berlin', '2026-07-01T00:00:00Z', '2026-07-01T07:00Z'],
    ['0 0 * * *', 'Asia/Kolkata', '2026-01-01T00:00:00Z', '2026-01-01T18:30Z'],
    ['0 0 1 * *', 'America/Los_Angeles', '2026-01-01T00:00:00Z', '2026-01-01T08:00Z'],
    ['TZ=Asia/Tokyo 0 0 * * *', 'Europe/Berlin', '2026-01-01T00:00:00Z', '2026-01-01T15:00Z'],
    ['0 0 * * *', 'Local', '2026-01-01T00:00:00Z', '2026-01-02T00:00Z'],
    // Spring: half past two is left out.
    ['30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-30T00:30Z'],
    ['0 * * * *', 'Europe/Berlin', '2026-03-29T00:00:00Z', '2026-03-29T01:00Z'],
    // Autumn: it comes twice.
    ['30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-25T00:30Z'],
    ['30 2 * * *', 'Europe/Berlin', '2026-10-25T00:30:00Z', '2026-10-25T01:30Z'],
    ['30 2 * * *', 'Europe/Berlin', '2026-10-25T01:30:00Z', '2026-10-26T01:30Z'],
    // Midnight itself is leapt over, or comes twice.
    ['0 * 8 3 *', 'America/Havana', '2026-03-01T00:00:00Z', '2026-03-08T05:00Z'],
    ['0 0 * * *', 'America/Havana', '2026-03-07T06:00:00Z', '2026-03-09T04:00Z'],
    ['0 0 * * *', 'America/Havana', '2026-10-31T05:00:00Z', '2026-11-01T04:00Z'],
    ['0 0 * * *', 'America/Havana', '2026-11-01T04:00:00Z', '2026-11-01T05:00Z'],
    // By half an hour.
    ['15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T12:00:00Z', '2026-10-04T15:15Z'],
  ])('of %j in %s after %s is %s', (schedule, zone, after, expected) => {
    expect(next(schedule, after, zone)).toBe(expected);
  });

  it('of a zone that this runtime does not know is refused', () => {
    expect(() => next('* * * * *', '2026-01-01T00:00:00Z', 'Mars/Base')).toThrow(
      'provided bad location Mars/Base: unknown time zone Mars/Base',
    );
  });

  it('is the first minute that matches, whatever the clocks do: compared with looking at every minute', () => {
    for (const [zone, from] of [
      ['America/Havana', '2026-03-07T00:00:00Z'],
      ['Asia/Beirut', '2026-10-24T00:00:00Z'],
      ['Antarctica/Troll', '2026-03-28T00:00:00Z'],
      ['Australia/Lord_Howe', '2026-04-04T00:00:00Z'],
      ['America/St_Johns', '2026-10-31T00:00:00Z'],
    ] as const) {
      const offset = zoneOffset(zone)!;
      const times = cronTimes(parseCronSchedule('*/20 0-3,23 * * *'), zone);
      const start = Date.parse(from);
      const expected: number[] = [];
      for (let at = start + 60_000; at <= start + 2.5 * 86_400_000; at += 60_000) {
        const local = new Date(at + offset(at));
        if (local.getUTCMinutes() % 20 === 0 && [0, 1, 2, 3, 23].includes(local.getUTCHours())) expected.push(at);
      }
      const found: number[] = [];
      for (let at = times(start); at !== undefined && at <= start + 2.5 * 86_400_000; at = times(at)) found.push(at);
      expect([zone, ...found]).toEqual([zone, ...expected]);
    }
  });
});

describe('a time in a zone', () => {
  it.each([
    ['', '2026-01-01T00:00:00Z'],
    ['UTC', '2026-01-01T00:00:00Z'],
    ['Europe/London', '2026-01-01T00:00:00Z'],
    ['Europe/Berlin', '2026-01-01T01:00:00+01:00'],
    ['America/St_Johns', '2025-12-31T20:30:00-03:30'],
    ['Asia/Kathmandu', '2026-01-01T05:45:00+05:45'],
  ])('of %j is written %s', (zone, expected) => {
    expect(zonedTimeText(Date.UTC(2026, 0, 1), zoneOffset(zone)!)).toBe(expected);
  });
});
