import { dayMs, dayOf, hourMs, minuteMs } from '../../shared/local-time.ts';

/** What the five fields of a pattern name. */
export interface CronPattern {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly daysOfMonth: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly daysOfWeek: ReadonlySet<number>;
  /** Both kinds of days are named: it is for those that are either. */
  readonly isEitherDay: boolean;
}

interface FieldSpec {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** In place of numbers, the first for `from`. */
  readonly names?: readonly string[];
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const minuteField: FieldSpec = { name: 'minute', from: 0, to: 59 };
const hourField: FieldSpec = { name: 'hour', from: 0, to: 23 };
const dayField: FieldSpec = { name: 'day of the month', from: 1, to: 31 };
const monthField: FieldSpec = { name: 'month', from: 1, to: 12, names: monthNames };
/** 7 is Sunday too. */
const weekdayField: FieldSpec = { name: 'day of the week', from: 0, to: 7, names: dayNames };

/** The 29th of February comes after eight years at the latest. */
const mostDays = 8 * 366;

/**
 * Minute, hour, day of the month, month, day of the week: numbers or names, `*`, lists (`1,15`), ranges (`mon-fri`) and steps
 * (`0-30/10`, `*` and `/15`), as crontab has them. Throws a RangeError that says what is wrong.
 */
export function parseCron(pattern: string): CronPattern {
  const fields = pattern.trim().split(/\s+/);
  const [minute, hour, day, month, weekday] = fields;
  if (fields.length !== 5 || minute === undefined || hour === undefined || day === undefined) throw fiveFields();
  if (month === undefined || weekday === undefined) throw fiveFields();
  const weekdays = parseField(weekday, weekdayField);
  return {
    minutes: parseField(minute, minuteField),
    hours: parseField(hour, hourField),
    daysOfMonth: parseField(day, dayField),
    months: parseField(month, monthField),
    daysOfWeek: new Set([...weekdays].map((number) => number % 7)),
    isEitherDay: day !== '*' && weekday !== '*',
  };
}

/** The first whole minute after `afterWallMs` that it names, in wall ms; null: none ever. */
export function nextOfCron(cron: CronPattern, afterWallMs: number): number | null {
  const from = Math.floor(afterWallMs / minuteMs) * minuteMs + minuteMs;
  const today = dayOf(from);
  for (let days = 0; days <= mostDays; days++) {
    const date = today + days * dayMs;
    if (!namesDay(cron, date)) continue;
    const minute = firstMinute(cron, days === 0 ? from - today : 0);
    if (minute !== null) return date + minute;
  }
  return null;
}

function namesDay({ months, daysOfMonth, daysOfWeek, isEitherDay }: CronPattern, dateMs: number): boolean {
  const date = new Date(dateMs);
  if (!months.has(date.getUTCMonth() + 1)) return false;
  const [isOfMonth, isOfWeek] = [daysOfMonth.has(date.getUTCDate()), daysOfWeek.has(date.getUTCDay())];
  return isEitherDay ? isOfMonth || isOfWeek : isOfMonth && isOfWeek;
}

/** From `fromMs` of a day on, in ms of the day. */
function firstMinute({ hours, minutes }: CronPattern, fromMs: number): number | null {
  const firstHour = Math.floor(fromMs / hourMs);
  for (let hour = firstHour; hour < 24; hour++) {
    if (!hours.has(hour)) continue;
    for (let minute = hour === firstHour ? (fromMs % hourMs) / minuteMs : 0; minute < 60; minute++) {
      if (minutes.has(minute)) return hour * hourMs + minute * minuteMs;
    }
  }
  return null;
}

function parseField(text: string, field: FieldSpec): Set<number> {
  const numbers = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', stepText, ...more] = part.split('/');
    const step = stepText === undefined ? 1 : wholeNumber(stepText);
    if (more.length > 0 || step === null || step < 1) throw wrong(field, part);
    const [first, last] = parseRange(range, stepText !== undefined, field, part);
    for (let number = first; number <= last; number += step) numbers.add(number);
  }
  return numbers;
}

/** A number alone is a range to the end where a step follows it. */
function parseRange(range: string, hasStep: boolean, field: FieldSpec, part: string): [number, number] {
  if (range === '*') return [field.from, field.to];
  const [firstText = '', lastText, ...more] = range.split('-');
  const first = numberOf(firstText, field);
  const last = lastText !== undefined ? numberOf(lastText, field) : hasStep ? field.to : first;
  if (more.length > 0 || first === null || last === null || last < first) throw wrong(field, part);
  return [first, last];
}

function numberOf(text: string, { from, to, names = [] }: FieldSpec): number | null {
  const named = names.indexOf(text.toLowerCase());
  const number = named >= 0 ? from + named : wholeNumber(text);
  return number === null || number < from || number > to ? null : number;
}

const wholeNumber = (text: string): number | null => (/^\d{1,4}$/.test(text) ? Number(text) : null);

const fiveFields = (): RangeError => new RangeError('it has to have five fields');

const wrong = ({ name, from, to, names }: FieldSpec, part: string): RangeError => {
  const words = names === undefined ? '' : ` or ${names[0] ?? ''} to ${names[names.length - 1] ?? ''}`;
  return new RangeError(`"${part}" is no ${name} (${from} to ${to}${words})`);
};
