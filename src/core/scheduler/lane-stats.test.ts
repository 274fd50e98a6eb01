import { expect, test } from 'vitest';
import { createLaneRecord, laneStats, lastSecondShare, recordBatch, recordWait } from './lane-stats.ts';

test('ten busy seconds', () => {
  const record = createLaneRecord('archive', 0);
  for (let end = 50; end <= 10_000; end += 50) {
    recordBatch(record, 2, 4, end - 25, end);
    recordWait(record, end % 100 === 0 ? 10 : 20, end);
  }
  expect(laneStats(record, 7, 10_000)).toEqual({
    lane: 'archive',
    waiting: 7,
    batches: 200,
    frames: 400,
    dropped: 0,
    // The tenth from 0 to 100 has just left the window of 100 tenths: its first batch, which ended at 50, with it.
    framesPerSecond: 39.8,
    slotShare: expect.closeTo(0.495, 9) as number,
    batchFill: 0.5,
    lastBatch: 2,
    waitMs: { p50: 10, p95: 20, p99: 20 },
    batchSizes: { '2': 200 },
  });
});

test('a run longer than the tenths is spread over them; the share of the last second is exact', () => {
  const record = createLaneRecord('archive', 0);
  recordBatch(record, 32, 32, 4_550, 5_050);
  expect(lastSecondShare(record, 5_099)).toBeCloseTo(0.5, 9);
  expect(lastSecondShare(record, 5_799)).toBeCloseTo(0.25, 9);
  expect(lastSecondShare(record, 9_000)).toBe(0);
});

test('what is older than ten seconds is forgotten, totals are not', () => {
  const record = createLaneRecord('live', 0);
  recordBatch(record, 1, 1, 90, 100);
  recordWait(record, 5, 100);
  expect(laneStats(record, 0, 20_000)).toMatchObject({
    batches: 1,
    frames: 1,
    framesPerSecond: 0,
    slotShare: 0,
    batchFill: null,
    waitMs: null,
    batchSizes: { '1': 1 },
  });
});

test('a young engine is not made to look slow', () => {
  const record = createLaneRecord('live', 1_000);
  for (let end = 1_100; end <= 2_000; end += 100) {
    recordBatch(record, 1, 1, end - 10, end);
  }
  expect(laneStats(record, 0, 2_000).framesPerSecond).toBe(10);
});
