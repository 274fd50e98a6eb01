/** Why a typed moment leads nowhere. */
export type MomentTrouble =
  | 'not-understood'
  | 'no-such-moment' // 31 April, or an hour that the change of the clock leaves out
  | 'to-come';

export type TypedMoment =
  { readonly ok: true; readonly atMs: number } | { readonly ok: false; readonly trouble: MomentTrouble };

const dayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

interface Day {
  /** Null: the last such day that is not to come. */
  readonly year: number | null;
  /** From 1 on. */
  readonly month: number;
  readonly day: number;
}
interface TimeOfDay {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const troubled = (trouble: MomentTrouble): TypedMoment => ({ ok: false, trouble });

/**
 * A moment as people type it, on this machine's clock of 24 hours: `02:14`, `02:14:30`, `yesterday 02:14`, `Monday 02:14`,
 * `2026-11-23 02:14`, `23.11. 02:14`, `23 Nov 02:14`, `-15m`, `1h30m ago`, `now`. A time alone is the last such time, a
 * day alone its midnight.
 */
export function parseMoment(typed: string, nowMs: number): TypedMoment {
  const text = typed
    .trim()
    .toLowerCase()
    .replace(/\u2212/g, '-')
    .replace(/\s+/g, ' ');
  if (text === 'now') return { ok: true, atMs: nowMs };
  const agoMs = parseAgo(text);
  if (agoMs !== null) return agoMs <= nowMs ? { ok: true, atMs: nowMs - agoMs } : troubled('no-such-moment');

  const { time, rest } = takeTime(text.replace(/^(\d{4}-\d{1,2}-\d{1,2})t(?=\d)/, '$1 '));
  if (rest === '') return time === null ? troubled('not-understood') : lastSuch(time, nowMs);
  const day = parseDay(rest, nowMs);
  if (day === null) return troubled('not-understood');
  const atMs = momentOf(day, time ?? { hour: 0, minute: 0, second: 0 }, nowMs);
  if (atMs === null) return troubled('no-such-moment');
  return atMs > nowMs ? troubled('to-come') : { ok: true, atMs };
}

/** `-15m`, `-1h30m`, `90 s ago`, in milliseconds; null: it is no such thing. */
function parseAgo(text: string): number | null {
  const match = /^(?:-|(?=.* ago$))((?:\d+(?:\.\d+)? ?(?:s|sec|m|min|h|d)[a-z]* ?)+)(?:ago)?$/.exec(text);
  if (match?.[1] === undefined) return null;
  let sumMs = 0;
  for (const [, amount = '', unit = ''] of match[1].matchAll(/(\d+(?:\.\d+)?) ?([a-z]+)/g)) {
    const name = /^(s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?)$/.exec(unit)?.[1];
    const unitMs = name === undefined ? undefined : unitsMs[name.charAt(0)];
    if (unitMs === undefined) return null;
    sumMs += Number(amount) * unitMs;
  }
  return sumMs;
}

/** The time of day in a text, wherever it stands, and what is left without it. */
function takeTime(text: string): { time: TimeOfDay | null; rest: string } {
  const match = /(?:^|[ ,])(?:at )?(\d{1,2}):(\d{2})(?::(\d{2}))?(?=$|[ ,])/.exec(text);
  const [whole = '', hour, minute, second = '0'] = match ?? [];
  const time = { hour: Number(hour), minute: Number(minute), second: Number(second) };
  const isTime = match !== null && time.hour <= 23 && time.minute <= 59 && time.second <= 59;
  if (!isTime) return { time: null, rest: text };
  return { time, rest: text.replace(whole, ' ').replace(/[ ,]+/g, ' ').trim() };
}

function parseDay(text: string, nowMs: number): Day | null {
  const now = new Date(nowMs);
  const before = (days: number): Day => {
    const date = new Date(now.getFullYear(), now.getMonth(), now.getDate() - days);
    return { year: date.getFullYear(), month: date.getMonth() + 1, day: date.getDate() };
  };
  if (text === 'today') return before(0);
  if (text === 'yesterday') return before(1);
  const weekday = text.length < 3 ? -1 : dayNames.findIndex((name) => name.startsWith(text.replace(/^(on|last) /, '')));
  if (weekday >= 0) return before((now.getDay() - weekday + 7) % 7);

  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  if (iso !== null) return { year: Number(iso[1]), month: Number(iso[2]), day: Number(iso[3]) };
  const dotted = /^(\d{1,2})\.(\d{1,2})\.?(\d{4})?$/.exec(text);
  if (dotted !== null) return dayOf(dotted[1], Number(dotted[2]), dotted[3]);
  const named = /^(\d{1,2})\.? ([a-z]{3,})\.?(?: (\d{4}))?$/.exec(text) ?? swapped(text);
  if (named === null) return null;
  const month = monthNames.findIndex((name) => named[2]?.startsWith(name));
  return month < 0 ? null : dayOf(named[1], month + 1, named[3]);
}

/** `Nov 23`, as `23 Nov` would be matched. */
function swapped(text: string): readonly (string | undefined)[] | null {
  const match = /^([a-z]{3,})\.? (\d{1,2})(?:,? (\d{4}))?$/.exec(text);
  return match === null ? null : [match[0], match[2], match[1], match[3]];
}

const dayOf = (day: string | undefined, month: number, year: string | undefined): Day => ({
  year: year === undefined ? null : Number(year),
  month,
  day: Number(day),
});

/** Today, or yesterday where that is still to come. */
function lastSuch(time: TimeOfDay, nowMs: number): TypedMoment {
  const now = new Date(nowMs);
  for (const days of [0, 1]) {
    const date = new Date(now.getFullYear(), now.getMonth(), now.getDate() - days);
    const atMs = momentOf({ year: date.getFullYear(), month: date.getMonth() + 1, day: date.getDate() }, time, nowMs);
    if (atMs !== null && atMs <= nowMs) return { ok: true, atMs };
  }
  return troubled('no-such-moment');
}

/** Null: the calendar or the clock has no such moment. */
function momentOf({ year, month, day }: Day, { hour, minute, second }: TimeOfDay, nowMs: number): number | null {
  if (year === null) {
    const thisYear = new Date(nowMs).getFullYear();
    const ofThisYear = momentOf({ year: thisYear, month, day }, { hour, minute, second }, nowMs);
    if (ofThisYear !== null && ofThisYear <= nowMs) return ofThisYear;
    return momentOf({ year: thisYear - 1, month, day }, { hour, minute, second }, nowMs);
  }
  const at = new Date(year, month - 1, day, hour, minute, second);
  const isThere =
    at.getFullYear() === year &&
    at.getMonth() === month - 1 &&
    at.getDate() === day &&
    at.getHours() === hour &&
    at.getMinutes() === minute;
  return isThere ? at.getTime() : null;
}
