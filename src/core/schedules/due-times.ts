import { timeOfDayMs, type ScheduleWhen } from '../../shared/domain/schedule.ts';
import {
  dayMs,
  dayOf,
  firstMomentOf,
  offsetChangeMs,
  utcOffsetMs,
  wallClockMs,
  weekdayOf,
} from '../../shared/local-time.ts';
import { nextOfCron, parseCron, type CronPattern } from './cron-pattern.ts';

/** The first moment after the given one at which something is due, in epoch ms; null: none ever. */
export type DueTimes = (afterMs: number) => number | null;

/**
 * In a night of 23 hours a time of day that the clock leaves out is due when the clock is set; in one of 25 hours a time that comes
 * twice is due when it comes first. So each is due once a night. A cron pattern for every hour (`*` for its hours) is about
 * the hours that pass: it is due in both of the equal ones, and not in the one that is left out.
 *
 * Throws a RangeError where a pattern is none.
 */
export function dueTimes(when: ScheduleWhen, timeZone: string): DueTimes {
  switch (when.kind) {
    case 'once':
      return (afterMs) => (when.atMs > afterMs ? when.atMs : null);
    case 'weekly':
      return (afterMs) => nextOnDays(when.days, timeOfDayMs(when.time), timeZone, afterMs);
    case 'cron': {
      const cron = parseCron(when.pattern);
      const isForEveryHour = when.pattern.trim().split(/\s+/)[1] === '*';
      return (afterMs) =>
        isForEveryHour ? nextOfEveryHour(cron, timeZone, afterMs) : nextOfPattern(cron, timeZone, afterMs);
    }
  }
}

function nextOnDays(days: readonly number[], timeMs: number, timeZone: string, afterMs: number): number | null {
  const today = dayOf(wallClockMs(afterMs, timeZone));
  // One more to either side: a clock that is set at midnight shows a day twice or never.
  for (let day = -1; day <= 8; day++) {
    const date = today + day * dayMs;
    if (!days.includes(weekdayOf(date))) continue;
    const due = firstMomentOf(date + timeMs, timeZone);
    if (due > afterMs) return due;
  }
  return null;
}

function nextOfPattern(cron: CronPattern, timeZone: string, afterMs: number): number | null {
  let wall = nextOfCron(cron, wallClockMs(afterMs, timeZone));
  while (wall !== null) {
    const due = firstMomentOf(wall, timeZone);
    if (due > afterMs) return due;
    // It comes a second time tonight, and was due when it came first.
    wall = nextOfCron(cron, wall);
  }
  return null;
}

function nextOfEveryHour(cron: CronPattern, timeZone: string, afterMs: number): number | null {
  let fromMs = afterMs;
  let offset = utcOffsetMs(fromMs, timeZone);
  let wall = nextOfCron(cron, fromMs + offset);
  while (wall !== null) {
    const due = wall - offset;
    if (utcOffsetMs(due, timeZone) === offset) return due;
    // The clock is set before that: from then on it is another wall clock, and the minute at which it is set counts.
    fromMs = offsetChangeMs(fromMs, due, timeZone);
    offset = utcOffsetMs(fromMs, timeZone);
    wall = nextOfCron(cron, fromMs + offset - 1);
  }
  return null;
}
