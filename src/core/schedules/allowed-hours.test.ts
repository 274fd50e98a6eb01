import { expect, test } from 'vitest';
import { allWeekdays, workingDays, type WeekWindow } from '../../shared/domain/schedule.ts';
import { hourMs, localIso } from '../../shared/local-time.ts';
import { allowedFrom, allowedUntil, mayRunAt, type AllowedHours } from './allowed-hours.ts';

const timeZone = 'Europe/Berlin';
const every = (from: string, to: string): WeekWindow => ({ days: [...allWeekdays], from, to });
const onDays = (days: readonly number[], from: string, to: string): WeekWindow => ({ days: [...days], from, to });
const hours = (mayRun: WeekWindow[], quiet: WeekWindow[] = []): AllowedHours => ({ mayRun, quiet, timeZone });
const at = (iso: string): number => Date.parse(iso);
const told = (ms: number | null): string | null => (ms === null ? null : localIso(ms, timeZone));

const nights = hours([every('22:00', '06:00')]);

test('a night is over midnight: its beginning is in it, its end is not', () => {
  expect(mayRunAt(nights, at('2026-11-24T21:59:59.999+01:00'))).toBe(false);
  expect(mayRunAt(nights, at('2026-11-24T22:00:00+01:00'))).toBe(true);
  expect(mayRunAt(nights, at('2026-11-25T05:59:59.999+01:00'))).toBe(true);
  expect(mayRunAt(nights, at('2026-11-25T06:00:00+01:00'))).toBe(false);
});

test.each([
  ['a usual night', '2026-11-24T22:00:00+01:00', 8],
  ['the night of 23 hours', '2026-03-28T22:00:00+01:00', 7],
  ['the night of 25 hours', '2026-10-24T22:00:00+02:00', 9],
])('%s lasts as long as it lasts', (_name, start, lengthHours) => {
  expect(allowedFrom(nights, at(start) - 1)).toBe(at(start));
  expect((allowedUntil(nights, at(start)) ?? 0) - at(start)).toBe(lengthHours * hourMs);
});

test('none is at any time, and one from midnight to midnight of all days has no end', () => {
  expect(mayRunAt(hours([]), 0)).toBe(true);
  expect(allowedFrom(hours([]), 123)).toBe(123);
  expect(allowedUntil(hours([]), 123)).toBeNull();
  expect(allowedUntil(hours([every('00:00', '00:00')]), at('2026-11-24T12:00:00Z'))).toBeNull();
});

test('a night belongs to the day on which it begins', () => {
  const workNights = hours([onDays(workingDays, '22:00', '06:00')]);
  // 2026-11-27 is a Friday.
  expect(mayRunAt(workNights, at('2026-11-28T05:00:00+01:00'))).toBe(true);
  expect(mayRunAt(workNights, at('2026-11-28T23:00:00+01:00'))).toBe(false);
  expect(told(allowedFrom(workNights, at('2026-11-28T06:00:00+01:00')))).toBe('2026-11-30T22:00:00+01:00');
});

test('quiet hours are cut out of the others', () => {
  const cut = hours([every('20:00', '08:00')], [every('01:00', '03:00'), onDays([7], '00:00', '00:00')]);
  expect(told(allowedUntil(cut, at('2026-11-24T20:00:00+01:00')))).toBe('2026-11-25T01:00:00+01:00');
  expect(told(allowedFrom(cut, at('2026-11-25T01:00:00+01:00')))).toBe('2026-11-25T03:00:00+01:00');
  // From Saturday night on it is Sunday: quiet until Monday, when the night of Sunday is still allowed.
  expect(told(allowedUntil(cut, at('2026-11-28T20:00:00+01:00')))).toBe('2026-11-29T00:00:00+01:00');
  expect(told(allowedFrom(cut, at('2026-11-29T00:00:00+01:00')))).toBe('2026-11-30T00:00:00+01:00');
});

test('windows that meet are one', () => {
  const met = hours([every('22:00', '00:00'), every('00:00', '06:00')]);
  expect(told(allowedUntil(met, at('2026-11-24T22:00:00+01:00')))).toBe('2026-11-25T06:00:00+01:00');
});

test('a week that leaves no time is said to', () => {
  expect(allowedFrom(hours([every('22:00', '06:00')], [every('21:00', '07:00')]), 0)).toBeNull();
});

test('a window that the clock leaves out is not there that night', () => {
  const short = hours([every('02:10', '02:40')]);
  expect(told(allowedFrom(short, at('2026-03-28T12:00:00+01:00')))).toBe('2026-03-30T02:10:00+02:00');
});
