/**
 * Clocks on walls, by IANA time zone. A wall clock's reading is told as the epoch ms at which a clock in UTC shows the same
 * date and time ("wall ms"), so that days and minutes of it can be reckoned with.
 */
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Throws a RangeError where there is no such time zone. */
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formatters.set(timeZone, made);
  return made;
}

export function isTimeZone(name: string): boolean {
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}

/** The time zone that this machine is set to. */
export const ownTimeZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** What a wall clock in the time zone shows then, in wall ms. */
export function wallClockMs(epochMs: number, timeZone: string): number {
  const shown = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of formatterOf(timeZone).formatToParts(epochMs)) {
    if (Object.hasOwn(shown, type)) shown[type as keyof typeof shown] = Number(value);
  }
  const { year, month, day, hour, minute, second } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((epochMs % 1000) + 1000) % 1000);
}

/** By how much the wall clock is ahead of UTC then. */
export const utcOffsetMs = (epochMs: number, timeZone: string): number => wallClockMs(epochMs, timeZone) - epochMs;

/** The first moment after `fromMs`, up to `toMs`, with another offset than then; there has to be one. */
export function offsetChangeMs(fromMs: number, toMs: number, timeZone: string): number {
  const offset = utcOffsetMs(fromMs, timeZone);
  let [before, after] = [fromMs, toMs];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (utcOffsetMs(middle, timeZone) === offset) before = middle;
    else after = middle;
  }
  return after;
}

/**
 * The first moment at which a wall clock in the time zone shows `wallMs` or later. A time that comes twice, in a night of 25
 * hours, is meant when it comes first; one that the clock leaves out, in a night of 23, is the moment at which it is set.
 */
export function firstMomentOf(wallMs: number, timeZone: string): number {
  // Both moments are within 14 hours of the one that is meant.
  const offsets = [utcOffsetMs(wallMs - dayMs, timeZone), utcOffsetMs(wallMs + dayMs, timeZone)];
  const early = wallMs - Math.max(...offsets);
  const late = wallMs - Math.min(...offsets);
  for (const moment of [early, late]) if (wallClockMs(moment, timeZone) === wallMs) return moment;
  return offsetChangeMs(early, late, timeZone);
}

const two = (n: number): string => String(n).padStart(2, '0');

/** `+01:00` */
export function offsetText(offsetMs: number): string {
  const minutes = Math.round(Math.abs(offsetMs) / minuteMs);
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** `2026-11-24T22:00:00+01:00`: ISO 8601, to the second. */
export function localIso(epochMs: number, timeZone: string): string {
  const wall = wallClockMs(epochMs, timeZone);
  return `${new Date(wall).toISOString().slice(0, 19)}${offsetText(wall - epochMs)}`;
}

/** ISO 8601: 1 is Monday, 7 is Sunday. */
export const weekdayOf = (wallMs: number): number => new Date(wallMs).getUTCDay() || 7;

/** Midnight of its day, in wall ms. */
export const dayOf = (wallMs: number): number => Math.floor(wallMs / dayMs) * dayMs;
