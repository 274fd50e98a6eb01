import { expect, it } from 'vitest';
import { PicturePace } from './picture-pace.ts';

it('refuses nobody before it knows, and whoever would wait for most of the deadline after', () => {
  const pace = new PicturePace();
  expect(pace.allows(1_000, 1)).toBe(true);
  pace.ended(1, 100, 90, 120);
  expect(pace.waitMs(10)).toBe(200);
  expect(pace.allows(40, 1_000)).toBe(true);
  expect(pace.allows(41, 1_000)).toBe(false);
});

it('counts each call once, and with a queue the time between two ends: cameras take their part of it', () => {
  const pace = new PicturePace();
  for (let call = 1; call <= 50; call++) {
    // Calls of 2 take 20 ms, every 60 ms: the rest is somebody else's.
    for (let picture = 0; picture < 2; picture++) pace.ended(2, 60 * call, 0, 60 * call + 20);
  }
  expect(pace.waitMs(1)).toBeCloseTo(30, 0);
  // No queue: the next one came after the last end.
  for (let call = 1; call <= 50; call++) pace.ended(1, 10_000 * call, 10_000 * call - 5, 10_000 * call + 10);
  expect(pace.waitMs(1)).toBeCloseTo(10, 0);
});
