import { expect, test } from 'vitest';
import { RunningTime } from './running-time.ts';

/** Pictures that arrive every 100 ms with the given time stamps. */
const timesOf = (stamps: readonly (number | null)[], arrivals = stamps.map((_, index) => index * 100)): number[] => {
  const time = new RunningTime();
  return stamps.map((stamp, index) => time.next(stamp, 5000 + (arrivals[index] ?? 0)));
};
const evenly = Array.from({ length: 8 }, (_, index) => index * 100);

test('follows the camera, not the unsteady arrivals', () => {
  expect(timesOf([900, 1000, 1100, 1200], [0, 180, 190, 310])).toEqual([0, 100, 200, 300]);
});

test.each([
  ['an hour forwards', evenly.map((ms, index) => (index < 4 ? ms : ms + 3_600_000))],
  ['an hour back', evenly.map((ms, index) => (index < 4 ? ms : ms - 3_600_000))],
  ['to zero', evenly.map((ms, index) => (index < 4 ? ms + 50_000 : ms - 400))],
  ['all zero', evenly.map(() => 0)],
  ['missing', evenly.map(() => null)],
  ['missing at first', evenly.map((ms, index) => (index < 3 ? null : ms))],
])('time stamps that jump or stand still: %s', (_, stamps) => {
  expect(timesOf(stamps)).toEqual(evenly);
});

test('a clock that runs at half or three times its speed leads nobody more than ten seconds away', () => {
  for (const speed of [0.5, 3]) {
    const time = new RunningTime();
    let timeMs = 0;
    for (let ms = 0; ms <= 120_000; ms += 100) {
      const now = time.next(ms * speed, ms);
      expect(now).toBeGreaterThanOrEqual(timeMs);
      timeMs = now;
      expect(Math.abs(timeMs - ms)).toBeLessThanOrEqual(10_100);
    }
  }
});

test('pictures held back for three seconds keep their own distances', () => {
  const arrivals = evenly.map((ms, index) => (index < 3 ? ms : 3000 + index));
  expect(timesOf(evenly, arrivals)).toEqual(evenly);
});
