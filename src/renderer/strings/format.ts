/**
 * Numbers, units and times as words. Everything a person reads goes through here, so that a count looks the same in a
 * tile, a table and a report. Clock times are the machine's own, 24 hours.
 */
const locale = 'en-GB';
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const upToTenth = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const upToHundredth = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
const threeDigits = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
const clockTime = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
const clockSeconds = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayAndTime = new Intl.DateTimeFormat(locale, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

const weekday = new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short' });

export const count = (n: number): string => whole.format(n);

/** `1 picture`, `1,204 pictures`. */
export const counted = (n: number, one: string, many: string): string => `${count(n)} ${n === 1 ? one : many}`;

/** 0..1 as `62 %`. Nothing short of everything is 100 %, and something is never 0 %. */
export function percent(share: number): string {
  const rounded = Math.round(share * 100);
  const honest = share < 1 && rounded === 100 ? 99 : share > 0 && rounded === 0 ? '<1' : rounded;
  return `${String(honest)} %`;
}

/** Milliseconds as an operator compares them with a promise: `61 ms`, `1.4 s`. */
export const milliseconds = (ms: number): string =>
  ms < 10 && ms > 0 ? `${tenth.format(ms)} ms` : ms < 1000 ? `${whole.format(ms)} ms` : `${tenth.format(ms / 1000)} s`;

/** `4 / 18 / 31 ms`, or seconds once the largest is one. */
export function quantiles(valuesMs: readonly number[]): string {
  const inSeconds = Math.max(...valuesMs) >= 1000;
  const numbers = valuesMs.map((ms) => (inSeconds ? tenth.format(ms / 1000) : whole.format(ms)));
  return `${numbers.join(' / ')} ${inSeconds ? 's' : 'ms'}`;
}

/** A measured time against its promise, the unit said once where it is the same: `41 of 200 ms`, `103 ms of 1.0 s`. */
export const against = (ms: number, promiseMs: number, between = ' of '): string =>
  promiseMs < 1000 && ms < 1000
    ? `${whole.format(ms)}${between}${milliseconds(promiseMs)}`
    : `${milliseconds(ms)}${between}${milliseconds(promiseMs)}`;

export const perSecond = (n: number): string => (n >= 100 ? whole.format(n) : tenth.format(n));

/** A setting as it was typed: `5`, `0.5`, `62.4`. */
export const plain = (n: number): string => upToHundredth.format(n);

/** Money and other small amounts: three digits that count, `0.00042`, `12.4`. */
export const amount = (n: number): string => threeDigits.format(n);

/** A measured number of any unit: `585`, `41.9`, `0.4`. */
export const figure = (n: number): string => (n >= 100 ? whole.format(n) : upToTenth.format(n));

export const ratio = (n: number): string => (n < 10 ? n.toFixed(2) : tenth.format(n));

export const score = (n: number): string => n.toFixed(2);

/** A length of time in its two largest useful units: `8 s`, `21 min`, `3 h 05 min`, `2 d 4 h`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${String(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return seconds < 300 && seconds % 60 !== 0 ? minutesAndSeconds(seconds) : `${String(minutes)} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${String(hours)} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${String(Math.floor(hours / 24))} d ${String(hours % 24)} h`;
}

function minutesAndSeconds(seconds: number): string {
  return `${String(Math.floor(seconds / 60))} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** A position in a video: `00:12:31`. */
export function mediaTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

export const clock = (atMs: number): string => clockTime.format(atMs);
export const clockWithSeconds = (atMs: number): string => clockSeconds.format(atMs);

const sameDay = (a: number, b: number): boolean => new Date(a).toDateString() === new Date(b).toDateString();

/** The clock today, day and clock otherwise. */
export const moment = (atMs: number, nowMs: number): string =>
  sameDay(atMs, nowMs) ? clock(atMs) : dayAndTime.format(atMs);

export const dateTime = (atMs: number): string => dayAndTime.format(atMs);

/** `Mon, 23 Nov`. */
export const day = (atMs: number): string => weekday.format(atMs);

/** `Mon, 23 Nov 02:14:30`: nothing of it is left to guess. */
export const exactMoment = (atMs: number): string => `${day(atMs)} ${clockWithSeconds(atMs)}`;

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

export function bytes(n: number): string {
  let value = n;
  let unit = 0;
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const number = unit === 0 || value >= 100 ? whole.format(value) : upToTenth.format(value);
  return `${number} ${byteUnits[unit] ?? ''}`;
}

/** The last part of a path of either kind of machine. */
export const fileName = (path: string): string => path.split(/[/\\]/).filter(Boolean).at(-1) ?? path;

/** As people may type it: `2026-11-23 02:14`, with its seconds where it has some. */
export function momentToType(atMs: number): string {
  const at = new Date(atMs);
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${String(at.getFullYear())}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const seconds = at.getSeconds() === 0 ? '' : `:${two(at.getSeconds())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}${seconds}`;
}
