import { expect, test } from 'vitest';
import { burstWeek, flawsOf } from '../testing/burst-week.ts';
import { fastShift } from '../testing/fast-shift.ts';

test('bursts of a thousand cameras: every frame is accounted for, critical cameras first, queues bounded', () => {
  const log = fastShift(burstWeek(40_000, 1));
  expect(flawsOf(log, 40_000)).toEqual([]);
  expect(log.captured).toBeGreaterThanOrEqual(40_000);
});
