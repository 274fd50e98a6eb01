import { expect, test } from 'vitest';
import {
  firstMomentOf,
  isTimeZone,
  localIso,
  offsetChangeMs,
  offsetText,
  utcOffsetMs,
  wallClockMs,
} from './local-time.ts';

const berlin = 'Europe/Berlin';
const shown = (iso: string): number => Date.parse(`${iso}Z`);

test.each([
  ['2026-11-24T21:00:00Z', berlin, '2026-11-24T22:00:00+01:00'],
  ['2026-07-24T21:00:00Z', berlin, '2026-07-24T23:00:00+02:00'],
  ['2026-10-25T00:30:00Z', berlin, '2026-10-25T02:30:00+02:00'],
  ['2026-10-25T01:30:00Z', berlin, '2026-10-25T02:30:00+01:00'],
  ['2026-11-24T21:00:00Z', 'Asia/Kolkata', '2026-11-25T02:30:00+05:30'],
  ['2026-11-24T02:00:00Z', 'America/New_York', '2026-11-23T21:00:00-05:00'],
  ['1969-12-31T23:59:59.250Z', 'UTC', '1969-12-31T23:59:59+00:00'],
])('%s is told in %s as %s', (utc, zone, local) => {
  expect(localIso(Date.parse(utc), zone)).toBe(local);
});

test('a wall clock keeps the milliseconds, before 1970 too', () => {
  expect(wallClockMs(Date.parse('2026-07-24T21:00:00.125Z'), berlin)).toBe(shown('2026-07-24T23:00:00.125'));
  expect(wallClockMs(-250, 'UTC')).toBe(-250);
});

test('what a clock shows twice is meant the first time; what it leaves out is when it is set', () => {
  const moment = (iso: string, zone = berlin): string => localIso(firstMomentOf(shown(iso), zone), zone);
  expect(moment('2026-10-25T02:30:00')).toBe('2026-10-25T02:30:00+02:00');
  expect(moment('2026-10-25T03:00:00')).toBe('2026-10-25T03:00:00+01:00');
  expect(moment('2026-03-29T02:30:00')).toBe('2026-03-29T03:00:00+02:00');
  expect(moment('2026-03-29T01:59:00')).toBe('2026-03-29T01:59:00+01:00');
  expect(moment('2026-03-29T03:00:00')).toBe('2026-03-29T03:00:00+02:00');
  // Set at midnight, by half an hour, and a day that never was.
  expect(moment('2026-09-06T00:15:00', 'America/Santiago')).toBe('2026-09-06T01:00:00-03:00');
  expect(moment('2026-10-04T02:10:00', 'Australia/Lord_Howe')).toBe('2026-10-04T02:30:00+11:00');
  expect(moment('2011-12-30T12:00:00', 'Pacific/Apia')).toBe('2011-12-31T00:00:00+14:00');
});

test('through a year the first moment is found at which the clock has come so far', () => {
  for (const zone of [berlin, 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata']) {
    let last = -Infinity;
    for (let wall = shown('2026-01-01T00:07:00'); wall < shown('2027-01-01T00:00:00'); wall += 13 * 3_600_000) {
      const moment = firstMomentOf(wall, zone);
      expect(moment).toBeGreaterThan(last);
      expect(wallClockMs(moment, zone)).toBeGreaterThanOrEqual(wall);
      expect(wallClockMs(moment - 1, zone)).toBeLessThan(wall);
      last = moment;
    }
  }
});

test('the moment at which a clock is set is found to the millisecond', () => {
  const change = offsetChangeMs(Date.parse('2026-10-24T12:00:00Z'), Date.parse('2026-10-25T12:00:00Z'), berlin);
  expect(new Date(change).toISOString()).toBe('2026-10-25T01:00:00.000Z');
  expect(offsetText(utcOffsetMs(change - 1, berlin))).toBe('+02:00');
  expect(offsetText(utcOffsetMs(change, berlin))).toBe('+01:00');
});

test('time zones are known by their IANA names', () => {
  expect(isTimeZone(berlin)).toBe(true);
  expect(isTimeZone('Berlin')).toBe(false);
  expect(isTimeZone('')).toBe(false);
});

test.each([
  [0, '+00:00'],
  [3_600_000, '+01:00'],
  [-12_600_000, '-03:30'],
])('an offset of %d ms is %s', (offset, text) => {
  expect(offsetText(offset)).toBe(text);
});
