import { expect, test } from 'vitest';
import { nextOfCron, parseCron } from './cron-pattern.ts';

const wall = (iso: string): number => Date.parse(`${iso}Z`);
function following(pattern: string, from: string, count: number): string[] {
  const cron = parseCron(pattern);
  const found: string[] = [];
  let at: number | null = wall(from);
  while (found.length < count) {
    at = nextOfCron(cron, at);
    if (at === null) break;
    found.push(new Date(at).toISOString().slice(0, 16));
  }
  return found;
}

// 2026-11-24 is a Tuesday.
test.each([
  ['30 22 * * *', '2026-11-24T22:30', ['2026-11-25T22:30', '2026-11-26T22:30']],
  ['30 22 * * 1-5', '2026-11-27T12:00', ['2026-11-27T22:30', '2026-11-30T22:30']],
  ['30 22 * * MON-FRI', '2026-11-27T23:00', ['2026-11-30T22:30']],
  ['*/20 8-9 * * *', '2026-11-24T08:30', ['2026-11-24T08:40', '2026-11-24T09:00', '2026-11-24T09:20']],
  ['5/25 0 * * *', '2026-11-24T00:10', ['2026-11-24T00:30', '2026-11-24T00:55', '2026-11-25T00:05']],
  ['0 0,12 1 */3 *', '2026-11-24T00:00', ['2027-01-01T00:00', '2027-01-01T12:00', '2027-04-01T00:00']],
  ['0 6 * * 0', '2026-11-24T00:00', ['2026-11-29T06:00', '2026-12-06T06:00']],
  ['0 6 * * 7', '2026-11-24T00:00', ['2026-11-29T06:00', '2026-12-06T06:00']],
  ['0 6 * * 5-7', '2026-11-24T00:00', ['2026-11-27T06:00', '2026-11-28T06:00', '2026-11-29T06:00', '2026-12-04T06:00']],
  // Days of both kinds: either.
  ['0 0 13 * fri', '2026-11-10T00:00', ['2026-11-13T00:00', '2026-11-20T00:00', '2026-11-27T00:00']],
  ['0 0 1 jan,jul *', '2026-11-24T00:00', ['2027-01-01T00:00', '2027-07-01T00:00']],
  ['0 3 29 2 *', '2026-11-24T00:00', ['2028-02-29T03:00', '2032-02-29T03:00']],
  ['59 23 31 12 *', '2026-12-31T23:59', ['2027-12-31T23:59']],
])('%s after %s', (pattern, from, found) => {
  expect(following(pattern, from, found.length)).toEqual(found);
});

test('the minute that has begun is over, and a second before one it is still to come', () => {
  expect(following('0 22 * * *', '2026-11-24T21:59:59.999', 1)).toEqual(['2026-11-24T22:00']);
  expect(following('0 22 * * *', '2026-11-24T22:00:00', 1)).toEqual(['2026-11-25T22:00']);
});

test('the leap day that is left out in 2100 is eight years after the one before it', () => {
  expect(following('0 0 29 2 *', '2096-03-01T00:00', 1)).toEqual(['2104-02-29T00:00']);
});

test('a day that is in no year never comes', () => {
  expect(following('0 0 31 4,6,9,11 *', '2026-11-24T00:00', 1)).toEqual([]);
});

test.each([
  ['60 * * * *', /"60" is no minute \(0 to 59\)/],
  ['0 24 * * *', /"24" is no hour/],
  ['0 0 0 * *', /"0" is no day of the month/],
  ['0 0 * 13 *', /no month \(1 to 12 or jan to dec\)/],
  ['0 0 * * 8', /no day of the week/],
  ['0 0 * * fri-mon', /fri-mon/],
  ['5-1 * * * *', /5-1/],
  ['*/0 * * * *', /no minute/],
  ['1//2 * * * *', /no minute/],
  ['1-2-3 * * * *', /no minute/],
  [', * * * *', /no minute/],
  ['-1 * * * *', /no minute/],
  ['x * * * *', /"x" is no minute/],
  ['* * * *', /five fields/],
  ['* * * * * *', /five fields/],
])('%s is refused with what is wrong', (pattern, message) => {
  expect(() => parseCron(pattern)).toThrow(message);
});
