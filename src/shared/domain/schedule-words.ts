import { offsetText, wallClockMs } from '../local-time.ts';
import type { MissedPolicy, ScheduleRun, ScheduleSettings, ScheduleWhen, WeekWindow } from './schedule.ts';

const dayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const nameOfDay = (day: number): string => dayNames[day - 1] ?? '';

/** `Tue 24 Nov 2026, 22:00 (UTC+01:00)`: nothing of it is left to guess. */
export function momentText(epochMs: number, timeZone: string): string {
  const wall = new Date(wallClockMs(epochMs, timeZone));
  const day = `${nameOfDay(wall.getUTCDay() || 7)} ${wall.getUTCDate()} ${monthNames[wall.getUTCMonth()] ?? ''}`;
  const time = wall.toISOString().slice(11, 16);
  return `${day} ${wall.getUTCFullYear()}, ${time} (UTC${offsetText(wall.getTime() - epochMs)})`;
}

/** `every day`, `Mon to Fri`, `Mon, Wed and Fri`. */
export function daysText(days: readonly number[]): string {
  const sorted = [...days].sort((a, b) => a - b);
  const [first = 1] = sorted;
  const last = sorted[sorted.length - 1] ?? first;
  if (sorted.length === 7) return 'every day';
  if (sorted.length > 2 && last - first === sorted.length - 1) return `${nameOfDay(first)} to ${nameOfDay(last)}`;
  const names = sorted.map(nameOfDay);
  const tail = names.pop() ?? '';
  return names.length === 0 ? tail : `${names.join(', ')} and ${tail}`;
}

/** `Mon to Fri at 22:00`. */
export function whenText(when: ScheduleWhen, timeZone: string): string {
  switch (when.kind) {
    case 'once':
      return `once, ${momentText(when.atMs, timeZone)}`;
    case 'weekly':
      return `${daysText(when.days)} at ${when.time}`;
    case 'cron':
      return `by the cron pattern ${when.pattern}`;
  }
}

const windowText = ({ days, from, to }: WeekWindow): string => `${daysText(days)} ${from} to ${to}`;
const windowsText = (windows: readonly WeekWindow[]): string => windows.map(windowText).join('; ');

/** `runs every day 22:00 to 06:00 only, never Sat 00:00 to 12:00`; null: at any time. */
export function hoursText({ mayRun, quiet }: Pick<ScheduleSettings, 'mayRun' | 'quiet'>): string | null {
  const parts = [
    ...(mayRun.length === 0 ? [] : [`runs ${windowsText(mayRun)} only`]),
    ...(quiet.length === 0 ? [] : [`${mayRun.length === 0 ? 'never runs' : 'never'} ${windowsText(quiet)}`]),
  ];
  return parts.length === 0 ? null : parts.join(', ');
}

export const missedText: Readonly<Record<MissedPolicy, string>> = {
  'run-once': 'A run that was missed is made up for once, as soon as Nightshift runs again and its hours allow it.',
  skip: 'A run that was missed is left out; the next one is as planned.',
};

/** What became of a run: `started, scan done`, `missed (3 times): Nightshift was not running …`. */
export function runText(run: ScheduleRun): string {
  const count = run.count === 1 ? '' : ` (${run.count}${run.atLeast ? ' or more' : ''} times)`;
  const outcome = `${outcomeText(run)}${count}`;
  return run.why === null ? outcome : `${outcome}: ${run.why}`;
}

function outcomeText({ outcome, end, byHand }: ScheduleRun): string {
  switch (outcome) {
    case 'starting':
      return 'starting';
    case 'started': {
      const begun = byHand ? 'started by hand' : 'started';
      return end === null ? begun : `${begun}, ${endWords[end]}`;
    }
    case 'missed':
    case 'skipped':
      return outcome;
    case 'failed':
      return 'could not start';
  }
}

const endWords: Readonly<Record<NonNullable<ScheduleRun['end']>, string>> = {
  done: 'scan done',
  failed: 'scan failed',
  cancelled: 'scan cancelled',
  replaced: 'the run after it went on with its scan',
};
