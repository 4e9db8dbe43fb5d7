import { describe, expect, it } from 'vitest';
import { type CronFields, parseCronSchedule } from './cron-schedule';
import { readDuration } from './go-duration';
import { locationProblem } from './location';

const fields = (schedule: string): CronFields => parseCronSchedule(schedule) as CronFields;

describe('a schedule', () => {
  it.each([
    '* * * * *',
    '? ? ? ? ?',
    '0 0 1 1 0',
    '59 23 31 12 6',
    '*/5 * * * *',
    '10/20 * * * *',
    '1-30/7,45 * * * *',
    '0 0 * jan-DEC sun-Sat',
    '0 0 * Feb MON,wed',
    '  0   0\t*  * *  ',
    ', * * * *',
    '1,,2 * * * *',
    // What follows the hyphen of a star is never looked at.
    '*-5-6 * * * *',
    '*-x * * * *',
    '+5 * * * *',
    '@yearly',
    '@annually',
    '@monthly',
    '@weekly',
    '@daily',
    '@midnight',
    '@hourly',
    '@every 1h30m',
    '@every 1ns',
    '@every -5s',
    'TZ=UTC * * * * *',
    'CRON_TZ=Europe/Berlin   @hourly',
    'TZ= 0 0 * * *',
    'TZ=Local 0 0 * * *',
  ])('is %j', (schedule) => {
    expect(() => parseCronSchedule(schedule)).not.toThrow();
  });

  it.each([
    ['', 'empty spec string'],
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['0 * * * * *', 'expected exactly 5 fields, found 6: [0 * * * * *]'],
    [' ', 'expected exactly 5 fields, found 0: []'],
    ['TZ=UTC', 'empty spec string'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* 24 * * *', 'end of range (24) above maximum (23): 24'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['* * 32 * *', 'end of range (32) above maximum (31): 32'],
    ['* * * 0 *', 'beginning of range (0) below minimum (1): 0'],
    ['* * * 13 *', 'end of range (13) above maximum (12): 13'],
    ['* * * * 7', 'end of range (7) above maximum (6): 7'],
    ['30-10 * * * *', 'beginning of range (30) beyond end of range (10): 30-10'],
    ['60/2 * * * *', 'beginning of range (60) beyond end of range (59): 60/2'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['*/-1 * * * *', 'negative number (-1) not allowed: -1'],
    ['*/x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ['*/ * * * *', 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'],
    ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['-1 * * * *', 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'],
    ['1- * * * *', 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'],
    ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
    ['jan * * * *', 'failed to parse int from jan: strconv.Atoi: parsing "jan": invalid syntax'],
    ['* * * sun *', 'failed to parse int from sun: strconv.Atoi: parsing "sun": invalid syntax'],
    [
      '99999999999999999999 * * * *',
      'failed to parse int from 99999999999999999999: strconv.Atoi: parsing "99999999999999999999": value out of range',
    ],
    ['1, 60 * * * *', 'expected exactly 5 fields, found 6: [1, 60 * * * *]'],
    ['* 1,60 * * *', 'end of range (60) above maximum (23): 60'],
    ['@reboot', 'unrecognized descriptor: @reboot'],
    ['@Daily', 'unrecognized descriptor: @Daily'],
    ['@every', 'unrecognized descriptor: @every'],
    ['@every 5', 'failed to parse duration @every 5: time: missing unit in duration "5"'],
    ['@every  5s', 'failed to parse duration @every  5s: time: invalid duration " 5s"'],
    ['TZ=Mars/Base * * * * *', 'provided bad location Mars/Base: unknown time zone Mars/Base'],
    ['CRON_TZ=../etc * * * * *', 'provided bad location ../etc: time: invalid location name'],
    [' TZ=UTC * * * * *', 'expected exactly 5 fields, found 6: [TZ=UTC * * * * *]'],
  ])('%j: %s', (schedule, problem) => {
    expect(() => parseCronSchedule(schedule)).toThrow(expect.objectContaining({ message: problem }));
  });
});

describe('the numbers of a schedule', () => {
  it.each([
    ['*/20 0 1 1 *', { minutes: [0, 20, 40], hours: [0], days: [1], months: [1], weekdays: [0, 1, 2, 3, 4, 5, 6] }],
    [
      '50/3,7 5-6 * Feb-apr mon,SUN',
      { minutes: [7, 50, 53, 56, 59], hours: [5, 6], months: [2, 3, 4], weekdays: [0, 1] },
    ],
    [',1,,2 * * * *', { minutes: [1, 2] }],
    ['TZ=Asia/Tokyo @weekly', { minutes: [0], hours: [0], weekdays: [0], zone: 'Asia/Tokyo' }],
  ])('of %j', (schedule, expected) => {
    const read = fields(schedule);
    for (const [field, value] of Object.entries(expected)) {
      const found = read[field as keyof CronFields];
      expect(found instanceof Set ? [...(found as Set<number>)].sort((a, b) => a - b) : found).toEqual(value);
    }
  });

  it.each([
    ['0 0 * * *', true],
    ['0 0 1 * *', true],
    ['0 0 ? * 1', true],
    ['0 0 1 * 1', false],
    ['0 0 1,* * 1', true],
    ['0 0 */1 * 1', true],
    ['0 0 */2 * 1', false],
  ])('of %j must match both the day and the weekday: %s', (schedule, needsBothDays) => {
    expect(fields(schedule).needsBothDays).toBe(needsBothDays);
  });

  it.each([
    ['@every 1h30m', 5400],
    ['@every 90s500ms', 90],
    ['@every 1ns', 1],
    ['@every -5s', 1],
  ])('of %j are %d seconds', (schedule, seconds) => {
    expect(parseCronSchedule(schedule)).toEqual({ kind: 'every', seconds });
  });
});

describe('a duration', () => {
  it.each([
    '0',
    '+0',
    '-0',
    '0s',
    '5s',
    '.5s',
    '5.s',
    '1.5h',
    '-1.5h',
    '+5m',
    '1h2m3s4ms5us6ns',
    '1µs',
    '1μs',
    '2562047h47m16.854775807s',
    '-9223372036854775808ns',
    '0.100000000000000000000h',
  ])('is %j', (text) => {
    expect(readDuration(text)).toBeTypeOf('bigint');
  });

  it.each([
    ['', 'time: invalid duration ""'],
    ['-', 'time: invalid duration "-"'],
    ['s', 'time: invalid duration "s"'],
    ['.s', 'time: invalid duration ".s"'],
    ['3', 'time: missing unit in duration "3"'],
    ['1.', 'time: missing unit in duration "1."'],
    ['1h3', 'time: missing unit in duration "1h3"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['1 s', 'time: unknown unit " s" in duration "1 s"'],
    ['1s-2s', 'time: unknown unit "s-" in duration "1s-2s"'],
    ['1"', 'time: unknown unit "\\"" in duration "1\\""'],
    ['1é', 'time: unknown unit "\\xc3\\xa9" in duration "1\\xc3\\xa9"'],
    ['9223372036854775808ns', 'time: invalid duration "9223372036854775808ns"'],
    ['9223372036854775810ns', 'time: invalid duration "9223372036854775810ns"'],
    ['2562048h', 'time: invalid duration "2562048h"'],
    ['2562047h48m', 'time: invalid duration "2562047h48m"'],
  ])('%j: %s', (text, problem) => {
    expect(readDuration(text)).toBe(problem);
  });
});

describe('a time zone', () => {
  it.each([
    '',
    'UTC',
    'Local',
    'Europe/Berlin',
    'America/Argentina/Buenos_Aires',
    'Etc/GMT+5',
    'EST5EDT',
    'Asia/Calcutta',
  ])('is %j', (name) => {
    expect(locationProblem(name)).toBeUndefined();
  });

  it.each([
    ['europe/berlin', 'unknown time zone europe/berlin'],
    ['Europe', 'unknown time zone Europe'],
    ['Mars/Base', 'unknown time zone Mars/Base'],
    ['Europe/../UTC', 'time: invalid location name'],
    ['/UTC', 'time: invalid location name'],
    ['\\UTC', 'time: invalid location name'],
  ])('%j: %s', (name, problem) => {
    expect(locationProblem(name)).toBe(problem);
  });
});
