import { expect, test } from 'vitest';
import { parseMoment } from './typed-moment.ts';

/** A Tuesday. */
const now = new Date(2026, 10, 24, 14, 30, 15);
const nowMs = now.getTime();
const at = (typed: string): number | string => {
  const parsed = parseMoment(typed, nowMs);
  return parsed.ok ? parsed.atMs : parsed.trouble;
};
const local = (...parts: [number, number, number, number?, number?, number?]): number => new Date(...parts).getTime();

test.each([
  ['02:14', local(2026, 10, 24, 2, 14)],
  ['2:14', local(2026, 10, 24, 2, 14)],
  ['14:30', local(2026, 10, 24, 14, 30)],
  ['14:31', local(2026, 10, 23, 14, 31)],
  ['02:14:30', local(2026, 10, 24, 2, 14, 30)],
  ['  Yesterday  02:14 ', local(2026, 10, 23, 2, 14)],
  ['yesterday at 02:14', local(2026, 10, 23, 2, 14)],
  ['02:14 yesterday', local(2026, 10, 23, 2, 14)],
  ['today 02:14', local(2026, 10, 24, 2, 14)],
  ['yesterday', local(2026, 10, 23)],
  ['Monday 02:14', local(2026, 10, 23, 2, 14)],
  ['tue 02:14', local(2026, 10, 24, 2, 14)],
  ['wed 23:59', local(2026, 10, 18, 23, 59)],
  ['2026-11-23 02:14:30', local(2026, 10, 23, 2, 14, 30)],
  ['2026-11-23T02:14', local(2026, 10, 23, 2, 14)],
  ['2026-11-23', local(2026, 10, 23)],
  ['23.11. 02:14', local(2026, 10, 23, 2, 14)],
  ['23.11.2025 02:14', local(2025, 10, 23, 2, 14)],
  ['24.12. 18:00', local(2025, 11, 24, 18)],
  ['23 Nov 02:14', local(2026, 10, 23, 2, 14)],
  ['Nov 23, 2025 02:14', local(2025, 10, 23, 2, 14)],
  ['1 December', local(2025, 11, 1)],
  ['now', nowMs],
  ['-15m', nowMs - 15 * 60_000],
  ['\u221215m', nowMs - 15 * 60_000],
  ['-1h30m', nowMs - 90 * 60_000],
  ['-90s', nowMs - 90_000],
  ['15 min ago', nowMs - 15 * 60_000],
  ['2 days ago', nowMs - 2 * 86_400_000],
  ['1.5h ago', nowMs - 90 * 60_000],
])('%s', (typed, expected) => {
  expect(at(typed)).toBe(expected);
});

test.each(['', 'soon', '25:00', '02:60', '2:14 pm', '11/23 02:14', '15m', '-15x', 'yesterday 02:14 02:15', '23 foo'])(
  '%j is not understood',
  (typed) => {
    expect(at(typed)).toBe('not-understood');
  },
);

test('what is still to come, and what the calendar does not have, is said to be so', () => {
  expect(at('today 14:31')).toBe('to-come');
  expect(at('2027-01-01')).toBe('to-come');
  expect(at('2026-02-30 02:14')).toBe('no-such-moment');
  expect(at('31.4. 02:14')).toBe('no-such-moment');
});
