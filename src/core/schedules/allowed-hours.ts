import { timeOfDayMs, type ScheduleRules, type WeekWindow } from '../../shared/domain/schedule.ts';
import { dayMs, dayOf, firstMomentOf, wallClockMs, weekdayOf } from '../../shared/local-time.ts';

/** The hours of a week in which a schedule's scans may run. */
export type AllowedHours = Pick<ScheduleRules, 'mayRun' | 'quiet' | 'timeZone'>;

/** Windows repeat by the week; the days beyond it are for one that begins on the day before and for a clock that is set. */
const daysAhead = 9;

/** [startMs, endMs), epoch ms. */
interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}

export function mayRunAt(hours: AllowedHours, atMs: number): boolean {
  const contains = (windows: readonly WeekWindow[]): boolean =>
    stretchesOf(windows, hours.timeZone, atMs, 0).some(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
  return (hours.mayRun.length === 0 || contains(hours.mayRun)) && !contains(hours.quiet);
}

/** The first moment from `atMs` on at which it may run; null: its hours leave none. */
export function allowedFrom(hours: AllowedHours, atMs: number): number | null {
  if (mayRunAt(hours, atMs)) return atMs;
  return firstEdge(hours, atMs, (edgeMs) => mayRunAt(hours, edgeMs));
}

/** The first moment after `atMs` at which it may not run any more; null: it always may. */
export function allowedUntil(hours: AllowedHours, atMs: number): number | null {
  return firstEdge(hours, atMs, (edgeMs) => !mayRunAt(hours, edgeMs));
}

/** The first beginning or end of a window after `atMs` of which `isIt` holds. */
function firstEdge(hours: AllowedHours, atMs: number, isIt: (edgeMs: number) => boolean): number | null {
  const edges = stretchesOf([...hours.mayRun, ...hours.quiet], hours.timeZone, atMs, daysAhead)
    .flatMap(({ startMs, endMs }) => [startMs, endMs])
    .filter((edgeMs) => edgeMs > atMs)
    .sort((a, b) => a - b);
  return edges.find(isIt) ?? null;
}

/** Of the windows that begin on the day of `atMs`, on the two before it, or on one of the `ahead` after it. */
function stretchesOf(windows: readonly WeekWindow[], timeZone: string, atMs: number, ahead: number): Stretch[] {
  if (windows.length === 0) return [];
  const today = dayOf(wallClockMs(atMs, timeZone));
  return windows.flatMap(({ days, from, to }) => {
    const [fromMs, toMs] = [timeOfDayMs(from), timeOfDayMs(to)];
    const lengthMs = toMs > fromMs ? toMs - fromMs : toMs - fromMs + dayMs;
    const stretches: Stretch[] = [];
    for (let day = -2; day <= ahead; day++) {
      const date = today + day * dayMs;
      if (!days.includes(weekdayOf(date))) continue;
      const startMs = firstMomentOf(date + fromMs, timeZone);
      const endMs = firstMomentOf(date + fromMs + lengthMs, timeZone);
      // Empty where the clock leaves all of it out.
      if (startMs < endMs) stretches.push({ startMs, endMs });
    }
    return stretches;
  });
}
