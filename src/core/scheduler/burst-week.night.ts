import { expect, test } from 'vitest';
import { burstWeek, flawsOf } from '../testing/burst-week.ts';
import { fastShift } from '../testing/fast-shift.ts';

const frames = 1_000_000;

test.each([1, 2, 3, 4, 5])('a week of bursts of a thousand cameras, a million frames (%i)', (seed) => {
  const log = fastShift(burstWeek(frames, seed));
  expect(flawsOf(log, frames)).toEqual([]);
  expect(log.captured).toBeGreaterThanOrEqual(frames);
});
