import { describe, expect, test } from 'vitest';
import { burstyCameras, keptShare } from '../testing/bursty-cameras.ts';
import { simulate, type SimulationLog } from '../testing/simulated-slot.ts';
import { retained, shiftOf, sixCameras, sixShape } from '../testing/six-cameras.ts';

const endMonoMs = 60_000;
/** Rhythms are found by then. */
const settledMs = 8_000;

/**
 * Eight cameras send five pictures each within a third of a second, then nothing for 1.3 s: for a moment more than the device
 * can do, and a third of it in the mean. What they break by coming all at once, they break without an archive too.
 */
describe('eight bursty cameras beside a job that never runs dry', () => {
  test.each([13, 14, 15, 17])('runs of %i ms: nine tenths retained, no more broken than without it', (frameMs) => {
    const shift = (archive: boolean): SimulationLog =>
      shiftOf(burstyCameras({ endMonoMs }), { archive, frameMs, endMonoMs });
    const [alone, beside] = [shift(false), shift(true)];
    expect(retained(beside, endMonoMs, frameMs)).toBeGreaterThan(0.9);
    const [missedAlone, missed] = [1 - keptShare(alone, settledMs), 1 - keptShare(beside, settledMs)];
    expect(missed).toBeLessThan(Math.max(1.05 * missedAlone, missedAlone + 0.01));
    // The first seconds too: nothing is known of the cameras yet.
    expect(keptShare(beside, 0)).toBeGreaterThan(keptShare(alone, 0) - 0.015);
  });

  test.each([14, 17])(
    'runs of %i ms, at moments that nobody foresees: a chunk at most is in the way of each',
    (frameMs) => {
      const shift = (archive: boolean): SimulationLog =>
        shiftOf(burstyCameras({ endMonoMs, atRandom: true }), { archive, frameMs, endMonoMs });
      const [alone, beside] = [shift(false), shift(true)];
      expect(retained(beside, endMonoMs, frameMs)).toBeGreaterThan(0.75);
      expect(keptShare(beside, settledMs)).toBeGreaterThan(keptShare(alone, settledMs) - 0.02);
    },
  );
});

test('in bursts the lightest cameras miss, heavier ones keep every frame, and nothing is left out on purpose', () => {
  const weights = ['low', 'critical', 'normal', 'low', 'critical', 'normal', 'low', 'low'] as const;
  const frameMs = 16;
  const isHeavier = (source: string): boolean => weights[Number(source.split(' ')[1])] !== 'low';
  const weighed = shiftOf(burstyCameras({ endMonoMs, weights }), { archive: true, frameMs, endMonoMs });
  const equal = shiftOf(burstyCameras({ endMonoMs }), { archive: true, frameMs, endMonoMs });
  expect(keptShare(equal, settledMs, isHeavier)).toBeLessThan(0.85);
  expect(keptShare(weighed, settledMs, isHeavier)).toBeGreaterThan(0.99);
  // Newer frames of light cameras push older ones out while heavier ones are served.
  expect(keptShare(weighed, settledMs)).toBeGreaterThan(keptShare(equal, settledMs) - 0.06);
  expect(retained(weighed, endMonoMs, frameMs)).toBeGreaterThan(0.9);
  // Between bursts every frame can be run: to halve a camera would only break more promises.
  expect(weighed.drops.filter(({ reason }) => reason === 'shed-rate' || reason === 'shed-quiet')).toEqual([]);
});

test('chunks that stall in the way of cameras are answered for: the archive goes to its floor, and comes back', () => {
  let nowMonoMs = 0;
  let stalls = 0;
  const atFloorMonoMs: number[] = [];
  const { scheduler } = simulate({
    endMonoMs,
    warmed: { live: [1], archive: [1] },
    durationMs(lane, _size, run) {
      if (run === 0 || lane === 'live' || nowMonoMs < 20_000 || stalls >= 3) return 10;
      stalls += 1;
      return 600;
    },
    beforeDecision({ shedding }, now) {
      nowMonoMs = now;
      if (shedding.inForce['archive-to-floor']) atFloorMonoMs.push(now);
    },
    cameras: sixCameras(0, 'periodic', 'even', endMonoMs),
    jobs: [{ jobId: 'night', batch: 'auto', openMonoMs: 0, frames: 1e6, decodeMs: 0.5, shapes: [sixShape] }],
  });
  expect(atFloorMonoMs[0]).toBeGreaterThan(20_000);
  expect(atFloorMonoMs[0]).toBeLessThan(24_000);
  expect(scheduler.shedding.inForce['archive-to-floor']).toBe(false);
});
