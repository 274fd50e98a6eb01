import { allWeekdays, type WeekWindow } from '../shared/domain/schedule.ts';
import { NightshiftError } from '../shared/errors.ts';
import { firstMomentOf } from '../shared/local-time.ts';

const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

const refused = (option: string, text: string, hint: string): NightshiftError =>
  new NightshiftError({ kind: 'bad-input', message: `${option} does not understand this.`, where: text, hint });

/** `mon-fri 22:00`, `day 22:00`, `mon,thu 6:30`. */
export function readEvery(text: string): { kind: 'weekly'; days: number[]; time: string } {
  const [days, time, more] = text.trim().toLowerCase().split(/\s+/);
  const read = days === undefined || more !== undefined ? null : readDays(days);
  const at = time === undefined ? null : readTime(time);
  if (read === null || at === null) {
    throw refused('--every', text, 'Write it like "mon-fri 22:00", "sat,sun 06:30" or "day 22:00".');
  }
  return { kind: 'weekly', days: read, time: at };
}

/** `mon-fri 22:00-06:00`, `day 22:00-06:00`. */
export function readWindow(option: string, text: string): WeekWindow {
  const [days, span, more] = text.trim().toLowerCase().split(/\s+/);
  const read = days === undefined || more !== undefined ? null : readDays(days);
  const [from, to, beyond] = (span ?? '').split('-').map(readTime);
  if (read === null || from == null || to == null || beyond !== undefined) {
    throw refused(option, text, 'Write it like "mon-fri 22:00-06:00" or "day 00:00-06:00".');
  }
  return { days: read, from, to };
}

/** With its UTC offset it is that moment; without one it is what the wall clock in the time zone shows. Epoch ms. */
export function readMoment(text: string, timeZone: string): number {
  const isLocal = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?$/.test(text);
  const moment = Date.parse(isLocal ? `${text.replace(' ', 'T')}Z` : text);
  if (Number.isNaN(moment) || (!isLocal && !/(Z|[+-]\d{2}:?\d{2})$/.test(text))) {
    throw refused('--at', text, 'Write it like 2026-11-24T22:00, or with its offset like 2026-11-24T22:00+01:00.');
  }
  return isLocal ? firstMomentOf(moment, timeZone) : moment;
}

function readTime(text: string): string | null {
  const found = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (found === null || Number(found[1]) > 23 || Number(found[2]) > 59) return null;
  return `${(found[1] ?? '').padStart(2, '0')}:${found[2] ?? ''}`;
}

/** ISO 8601, in order; null: these are no days. */
function readDays(text: string): number[] | null {
  if (text === 'day' || text === 'daily') return [...allWeekdays];
  const days = new Set<number>();
  for (const part of text.split(',')) {
    const [first, last = first, more] = part.split('-').map((name) => dayNames.indexOf(name.slice(0, 3)) + 1);
    if (first === undefined || last === undefined || more !== undefined || first === 0 || last === 0) return null;
    // From Saturday to Monday goes over the end of the week.
    for (let day = first; ; day = (day % 7) + 1) {
      days.add(day);
      if (day === last) break;
    }
  }
  return [...days].sort((a, b) => a - b);
}
