import { type CronFields, type CronSchedule, CronScheduleError } from './cron-schedule';
import { type ZoneOffset, zoneOffset } from './zone-offset';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** A schedule that finds nothing for so long finds nothing ever: the 31st of February. */
const longestYears = 5;

/**
 * The first moment of the schedule after a moment, both in ms; undefined if there is none (robfig/cron v3 `Schedule.Next`). Without a
 * zone of its own a schedule is in `zone`, or UTC. Throws `CronScheduleError` for a zone that this runtime does not know.
 *
 * A moment counts when the clocks of the zone show it. So what falls into the hour that is left out in spring is left out, and what
 * falls into the hour that comes twice in autumn comes twice.
 */
export function cronTimes(schedule: CronSchedule, zone = ''): (afterMs: number) => number | undefined {
  if (schedule.kind === 'every') return (afterMs) => (Math.floor(afterMs / 1000) + schedule.seconds) * 1000;
  const name = schedule.zone ?? zone;
  const offset = zoneOffset(name);
  if (offset === undefined) throw new CronScheduleError(`provided bad location ${name}: unknown time zone ${name}`);
  return (afterMs) => nextTime(schedule, offset, afterMs);
}

function nextTime(schedule: CronFields, offset: ZoneOffset, afterMs: number): number | undefined {
  let at = Math.floor(afterMs / minuteMs) * minuteMs + minuteMs;
  const lastYear = localDate(at, offset).getUTCFullYear() + longestYears;
  for (;;) {
    const local = localDate(at, offset);
    const [year, month, day] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()];
    const minute = local.getUTCMinutes();
    if (year > lastYear) return undefined;
    if (!schedule.months.has(month + 1)) at = laterOf(at, momentOf(Date.UTC(year, month + 1, 1), offset));
    else if (!isDay(schedule, local)) at = laterOf(at, momentOf(Date.UTC(year, month, day + 1), offset));
    else if (!schedule.hours.has(local.getUTCHours())) at += (60 - minute) * minuteMs;
    else if (!schedule.minutes.has(minute)) at += minuteMs;
    else return at;
  }
}

/** Always forward, whatever clocks do. */
const laterOf = (at: number, next: number): number => Math.max(at + minuteMs, next);

/** Its UTC fields are what clocks of the zone show. */
const localDate = (ms: number, offset: ZoneOffset): Date => new Date(ms + offset(ms));

function isDay({ days, weekdays, needsBothDays }: CronFields, local: Date): boolean {
  const isOfMonth = days.has(local.getUTCDate());
  const isOfWeek = weekdays.has(local.getUTCDay());
  return needsBothDays ? isOfMonth && isOfWeek : isOfMonth || isOfWeek;
}

/**
 * The first moment at which clocks of the zone show a time, or the first that they show after it where they leap over it. A zone
 * changes its offset at most once in two days.
 */
function momentOf(localMs: number, offset: ZoneOffset): number {
  const before = localMs - offset(localMs - dayMs);
  const after = localMs - offset(localMs + dayMs);
  const candidates = before <= after ? [before, after] : [after, before];
  const exact = candidates.find((ms) => ms + offset(ms) === localMs);
  if (exact !== undefined) return exact;
  let leapt = Math.max(before, after);
  while (leapt - minuteMs + offset(leapt - minuteMs) >= localMs) leapt -= minuteMs;
  return leapt;
}
