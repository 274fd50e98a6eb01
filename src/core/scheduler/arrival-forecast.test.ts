import { describe, expect, test } from 'vitest';
import { seededRandom } from '../testing/seeded-random.ts';
import * as cell from './arrival-cells.ts';
import { arrived, isPredictable, lateAllowanceMs, nextArrivalMonoMs } from './arrival-forecast.ts';

function newCamera(): cell.ArrivalCells {
  const known = cell.createArrivalCells();
  cell.clearArrivals(known, 0);
  return known;
}

function forecastOf(captures: readonly number[], lagMs = 4) {
  const forecast = newCamera();
  for (const capturedMonoMs of captures) {
    arrived(forecast, 0, capturedMonoMs, capturedMonoMs + lagMs, capturedMonoMs + lagMs);
  }
  return forecast;
}

const steady = Array.from({ length: 20 }, (_, index) => 1_000 + 200 * index);

describe('a camera with a rhythm', () => {
  test('is expected at its next beat and the time to decode', () => {
    const forecast = forecastOf(steady);
    expect(isPredictable(forecast, 0)).toBe(true);
    expect(nextArrivalMonoMs(forecast, 0, 4_900)).toBeCloseTo(5_004, 6);
  });

  test('keeps its rhythm over frames that never came', () => {
    const forecast = forecastOf([...steady, 6_000, 6_200]);
    expect(forecast.cells[cell.periodMs]).toBeCloseTo(200, 6);
    expect(nextArrivalMonoMs(forecast, 0, 6_300)).toBeCloseTo(6_404, 6);
  });

  test('that is overdue counts as having left the beat out', () => {
    const forecast = forecastOf(steady);
    expect(nextArrivalMonoMs(forecast, 0, 5_004 + 2.9)).toBeCloseTo(5_004, 6);
    expect(nextArrivalMonoMs(forecast, 0, 5_004 + 3.1)).toBeCloseTo(5_204, 6);
    expect(nextArrivalMonoMs(forecast, 0, 5_900)).toBeCloseTo(6_004, 6);
  });

  test('that has been silent for ten beats is expected no more', () => {
    const forecast = forecastOf(steady);
    expect(nextArrivalMonoMs(forecast, 0, 5_004 + 1_900)).toBeCloseTo(7_004, 6);
    expect(nextArrivalMonoMs(forecast, 0, 5_004 + 2_100)).toBe(Infinity);
  });

  test('is awaited for as long as it is sometimes late', () => {
    const random = seededRandom(1);
    const forecast = forecastOf(steady.map((captured) => captured + 20 * (random() - 0.5)));
    const allowance = lateAllowanceMs(forecast, 0);
    expect(allowance).toBeGreaterThan(3);
    // 20 ms of jitter, all of it, and what the filter adds.
    expect(allowance).toBeLessThan(30);
    const due = nextArrivalMonoMs(forecast, 0, 4_900);
    expect(nextArrivalMonoMs(forecast, 0, due + allowance / 2)).toBe(due);
    expect(nextArrivalMonoMs(forecast, 0, due + allowance + 1)).toBeGreaterThan(due + 100);
  });

  test('follows a change of it', () => {
    const faster = Array.from({ length: 60 }, (_, index) => 5_000 + 150 * index);
    expect(forecastOf([...steady, ...faster]).cells[cell.periodMs]).toBeCloseTo(150, 0);
  });
});

test('a camera that is new or has no rhythm is not predictable', () => {
  expect(isPredictable(newCamera(), 0)).toBe(false);
  expect(isPredictable(forecastOf([0, 200, 400]), 0)).toBe(false);
  const random = seededRandom(5);
  let now = 0;
  const poisson = Array.from({ length: 200 }, () => (now -= 200 * Math.log(1 - random())));
  expect(isPredictable(forecastOf(poisson), 0)).toBe(false);
  expect(isPredictable(forecastOf([5, 5, 5, 5, 5, 5]), 0)).toBe(false);
});

test('being kept waiting by runs does not move the forecast', () => {
  const forecast = newCamera();
  // Each is ready after 4 ms, but heard of only when a run ends that began 2 ms before.
  for (const capturedMonoMs of steady) arrived(forecast, 0, capturedMonoMs, capturedMonoMs + 2, capturedMonoMs + 12);
  expect(nextArrivalMonoMs(forecast, 0, 4_900)).toBeLessThanOrEqual(5_004);
  expect(nextArrivalMonoMs(forecast, 0, 4_900)).toBeGreaterThanOrEqual(5_002);
  // Frames that take longer to decode now are noticed, even if none ever finds an idle slot.
  for (let beat = 0; beat < 30; beat += 1)
    arrived(forecast, 0, 5_000 + 200 * beat, 5_015 + 200 * beat, 5_022 + 200 * beat);
  expect(forecast.lagsMs[0]).toBeGreaterThan(14);
});

test('more cameras than there was room for change nothing of the others; a number used again knows nothing', () => {
  const known = forecastOf(steady);
  cell.clearArrivals(known, 40);
  for (const capturedMonoMs of steady)
    arrived(known, 40, capturedMonoMs + 50, capturedMonoMs + 59, capturedMonoMs + 59);
  expect(nextArrivalMonoMs(known, 0, 4_900)).toBeCloseTo(5_004, 6);
  expect(nextArrivalMonoMs(known, 40, 4_900)).toBeCloseTo(5_059, 6);
  cell.clearArrivals(known, 40);
  expect(isPredictable(known, 40)).toBe(false);
  expect(known.lagsMs[40]).toBe(0);
  expect(isPredictable(known, 0)).toBe(true);
});
