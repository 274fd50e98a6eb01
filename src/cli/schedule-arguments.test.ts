import { expect, test } from 'vitest';
import { localIso } from '../shared/local-time.ts';
import { readEvery, readMoment, readWindow } from './schedule-arguments.ts';

test.each([
  ['mon-fri 22:00', [1, 2, 3, 4, 5], '22:00'],
  ['day 6:30', [1, 2, 3, 4, 5, 6, 7], '06:30'],
  ['Sat,Sun 00:05', [6, 7], '00:05'],
  ['sat-mon 12:00', [1, 6, 7], '12:00'],
  ['monday,thu 12:00', [1, 4], '12:00'],
])('every %s', (text, days, time) => {
  expect(readEvery(text)).toEqual({ kind: 'weekly', days, time });
});

test.each(['22:00', 'mon', 'mon 24:00', 'mon 22:60', 'moo 22:00', 'mon- 22:00', 'mon 22:00 more', ''])(
  'every %j is refused in words',
  (text) => {
    expect(() => readEvery(text)).toThrow(expect.objectContaining({ kind: 'bad-input', where: text }) as Error);
  },
);

test('a window goes over midnight, and half of one is refused', () => {
  expect(readWindow('--hours', 'mon-thu 22:00-6:00')).toEqual({ days: [1, 2, 3, 4], from: '22:00', to: '06:00' });
  for (const text of [
    'mon 22:00',
    'mon 22:00-',
    'mon -06:00',
    '22:00-06:00',
    'mon 22:00-06:00-07:00',
    'mon 22:00-06:00 x',
  ]) {
    expect(() => readWindow('--quiet', text), text).toThrow(/--quiet/);
  }
});

test.each([
  ['2026-11-24T22:00', '2026-11-24T22:00:00+01:00'],
  ['2026-11-24 22:00', '2026-11-24T22:00:00+01:00'],
  ['2026-07-24T22:00:30', '2026-07-24T22:00:30+02:00'],
  ['2026-11-24T22:00Z', '2026-11-24T23:00:00+01:00'],
  ['2026-11-24T22:00-05:00', '2026-11-25T04:00:00+01:00'],
  // Left out by the clock, and there twice.
  ['2026-03-29T02:30', '2026-03-29T03:00:00+02:00'],
  ['2026-10-25T02:30', '2026-10-25T02:30:00+02:00'],
])('the moment %s in Berlin', (text, iso) => {
  expect(localIso(readMoment(text, 'Europe/Berlin'), 'Europe/Berlin')).toBe(iso);
});

test.each(['tomorrow', '2026-11-24', '22:00', '2026-13-01T00:00', '24.11.2026 22:00'])('no moment: %s', (text) => {
  expect(() => readMoment(text, 'UTC')).toThrow(expect.objectContaining({ kind: 'bad-input' }) as Error);
});
