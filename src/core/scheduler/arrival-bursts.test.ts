import { describe, expect, test } from 'vitest';
import { seededRandom } from '../testing/seeded-random.ts';
import * as cell from './arrival-cells.ts';
import { arrived, isPredictable, nextArrivalMonoMs, nextExpected } from './arrival-forecast.ts';

function newCamera(): cell.ArrivalCells {
  const known = cell.createArrivalCells();
  cell.clearArrivals(known, 0);
  return known;
}

const lagMs = 4;

/** A camera whose captures are so far apart, over and over, from 0 on; with the time of the newest. */
function cameraOf(intervals: readonly number[], times: number, jitterMs = 0) {
  const forecast = newCamera();
  const random = seededRandom(3);
  let dueMs = 0;
  let newest = 0;
  for (let index = 0; index <= times; index += 1) {
    newest = dueMs + jitterMs * (random() - 0.5);
    arrived(forecast, 0, newest, newest + lagMs, newest + lagMs);
    dueMs += intervals[index % intervals.length] as number;
  }
  return { forecast, newest };
}

const burstOfFive = [80, 80, 80, 80, 1_300];

describe('a camera that sends five pictures, then nothing for long', () => {
  test('is expected at the next picture of its burst', () => {
    const { forecast, newest } = cameraOf(burstOfFive, 52);
    expect(isPredictable(forecast, 0)).toBe(true);
    expect(nextArrivalMonoMs(forecast, 0, newest + 50)).toBeCloseTo(newest + 80 + lagMs, 6);
    expect(nextExpected(forecast, 0, newest + 50).otherwise).toBeLessThan(0.1);
  });

  test('is expected after its pause once five have come', () => {
    const { forecast, newest } = cameraOf(burstOfFive, 54);
    expect(nextArrivalMonoMs(forecast, 0, newest + 10)).toBeCloseTo(newest + 1_300 + lagMs, 6);
    // And in the middle of it, whatever the length of the next burst.
    expect(nextArrivalMonoMs(forecast, 0, newest + 700)).toBeCloseTo(newest + 1_300 + lagMs, 6);
  });

  test('may have lost the first picture, or stopped', () => {
    const { forecast, newest } = cameraOf(burstOfFive, 54);
    expect(nextArrivalMonoMs(forecast, 0, newest + 1_300 + 50)).toBeCloseTo(newest + 1_380 + lagMs, 6);
    expect(nextArrivalMonoMs(forecast, 0, newest + 1_300 + 900)).toBe(Infinity);
  });

  test('is known after two bursts and a half, jitter or not', () => {
    for (const jitterMs of [0, 10]) {
      const { forecast, newest } = cameraOf(burstOfFive, 14, jitterMs);
      const next = nextArrivalMonoMs(forecast, 0, newest + 400);
      expect(Math.abs(next - (newest + 1_300 + lagMs))).toBeLessThanOrEqual(jitterMs);
    }
  });
});

test('bursts of other lengths than the last: the short distance is awaited with less certainty', () => {
  const { forecast, newest } = cameraOf([80, 80, 1_300, 80, 80, 80, 80, 1_300, 80, 1_300], 71);
  const { atMonoMs, otherwise } = nextExpected(forecast, 0, newest + 20);
  expect(atMonoMs).toBeCloseTo(newest + 80 + lagMs, 6);
  expect(otherwise).toBeGreaterThan(0.1);
});

test('bursts at any moment: between them nothing is due at any beat', () => {
  const random = seededRandom(8);
  const pauses = Array.from({ length: 40 }, () => [80, 80, 80, 80, 600 + 1_800 * random()]).flat();
  const { forecast, newest } = cameraOf(pauses, 199);
  for (let sinceMs = 100; sinceMs < 3_000; sinceMs += 50) {
    const { atMonoMs, deviationMs } = nextExpected(forecast, 0, newest + sinceMs);
    expect(atMonoMs).toBeGreaterThan(newest + 500);
    expect(deviationMs).toBeGreaterThan(100);
  }
});

test('every second and third picture of a stream: no single beat fits, both distances are known', () => {
  const { forecast, newest } = cameraOf([80, 120], 60);
  expect(nextArrivalMonoMs(forecast, 0, newest + 10)).toBeCloseTo(newest + 80 + lagMs, 0);
  const after = cameraOf([80, 120], 61);
  expect(nextArrivalMonoMs(after.forecast, 0, after.newest + 10)).toBeCloseTo(after.newest + 120 + lagMs, 0);
});

test('a beat of which some are left out stays a beat', () => {
  const { forecast, newest } = cameraOf([200, 200, 400, 200, 200, 200, 400], 70, 8);
  const { deviationMs } = nextExpected(forecast, 0, newest + 10);
  expect(forecast.cells[cell.periodMs]).toBeCloseTo(200, 0);
  const dueMs = (forecast.cells[cell.phaseMonoMs] as number) + (forecast.cells[cell.periodMs] as number);
  expect(nextArrivalMonoMs(forecast, 0, newest + 10)).toBeCloseTo(dueMs + lagMs, 6);
  expect(deviationMs).toBe(forecast.cells[cell.deviationMs]);
});
