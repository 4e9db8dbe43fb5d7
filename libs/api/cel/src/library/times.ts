import { zoneOffset, type ZoneOffset } from '@reckon/api/machinery';
import type { CelCall, CelFunctionTable } from '../evaluate/cel-run';
import { floorDivide } from '../value/cel-time';
import { CelDuration, CelError, CelTimestamp, type CelValue } from '../value/cel-value';

const perMs = 1_000_000n;
const msPerDay = 86_400_000;

/** By name, or as `+01:00`. */
function offsetOf(zone: string): ZoneOffset | CelError {
  const hours = /^([+-]?)(\d{1,2}):(\d{1,2})$/.exec(zone);
  if (hours !== null) {
    const ahead = (Number(hours[2]) * 60 + Number(hours[3])) * 60_000 * (hours[1] === '-' ? -1 : 1);
    return () => ahead;
  }
  return zoneOffset(zone) ?? new CelError(`unknown time zone ${zone}`);
}

/** The moment with its fields shifted to a zone, so that those of UTC are what the zone's clocks show. */
function shifted({ nanos }: CelTimestamp, zone: CelValue | undefined): Date | CelError | undefined {
  const ms = Number(floorDivide(nanos, perMs));
  if (zone === undefined) return new Date(ms);
  if (typeof zone !== 'string') return undefined;
  const offset = offsetOf(zone);
  return offset instanceof CelError ? offset : new Date(ms + offset(ms));
}

const ofTime =
  (read: (date: Date) => number, ofDuration?: (nanos: bigint) => bigint): CelCall =>
  ([value, zone]) => {
    if (value instanceof CelDuration) return zone === undefined ? ofDuration?.(value.nanos) : undefined;
    if (!(value instanceof CelTimestamp)) return undefined;
    const date = shifted(value, zone);
    return date instanceof Date ? BigInt(read(date)) : date;
  };

const dayOfYear = (date: Date): number => {
  const start = new Date(date);
  start.setUTCMonth(0, 1);
  return Math.floor((date.getTime() - start.getTime()) / msPerDay);
};

const perSecond = 1_000_000_000n;

/** cel-go common/types: the parts of timestamps, and durations as a whole in some unit; of a duration, its milliseconds are all of it too. */
export const timeFunctions: CelFunctionTable = {
  getFullYear: ofTime((date) => date.getUTCFullYear()),
  getMonth: ofTime((date) => date.getUTCMonth()),
  getDayOfYear: ofTime(dayOfYear),
  getDayOfMonth: ofTime((date) => date.getUTCDate() - 1),
  getDate: ofTime((date) => date.getUTCDate()),
  getDayOfWeek: ofTime((date) => date.getUTCDay()),
  getHours: ofTime(
    (date) => date.getUTCHours(),
    (nanos) => nanos / (3600n * perSecond),
  ),
  getMinutes: ofTime(
    (date) => date.getUTCMinutes(),
    (nanos) => nanos / (60n * perSecond),
  ),
  getSeconds: ofTime(
    (date) => date.getUTCSeconds(),
    (nanos) => nanos / perSecond,
  ),
  getMilliseconds: ofTime(
    (date) => date.getUTCMilliseconds(),
    (nanos) => nanos / perMs,
  ),
};
