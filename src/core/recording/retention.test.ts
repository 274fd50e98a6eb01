import { expect, test } from 'vitest';
import { chooseLeaving, daysUntilFull, keepFreeBytes, usualThresholds, type StoredFootage } from './retention.ts';

const gib = 2 ** 30;
const dayMs = 86_400_000;
const nowMs = 100 * dayMs;
const thresholds = usualThresholds;

/** One GiB a piece, the oldest first. */
const footage = (id: number, cameraId: string, daysOld: number): StoredFootage => ({
  id,
  cameraId,
  endMs: nowMs - daysOld * dayMs,
  bytes: gib,
});
const disk = (freeGib: number, totalGib = 100) => ({ freeBytes: freeGib * gib, totalBytes: totalGib * gib });
const ids = (segments: readonly StoredFootage[]): number[] => segments.map(({ id }) => id);

test('a tenth stays free, on large disks 40 GiB, on small ones 2 GiB, on tiny ones half', () => {
  expect(keepFreeBytes(disk(0, 100), thresholds)).toBe(10 * gib);
  expect(keepFreeBytes(disk(0, 4_000), thresholds)).toBe(40 * gib);
  expect(keepFreeBytes(disk(0, 10), thresholds)).toBe(2 * gib);
  expect(keepFreeBytes(disk(0, 2), thresholds)).toBe(gib);
});

test('with room and without days nothing goes', () => {
  const oldest = [footage(1, 'a', 90), footage(2, 'b', 80)];
  expect(chooseLeaving({ oldest, nowMs, keepDays: new Map(), disk: disk(10), thresholds })).toEqual([]);
});

test('footage past its days goes, of the cameras that have days', () => {
  const oldest = [footage(1, 'a', 90), footage(2, 'b', 80), footage(3, 'a', 3), footage(4, 'a', 1)];
  const keepDays = new Map([
    ['a', 2],
    ['b', null],
  ]);
  expect(ids(chooseLeaving({ oldest, nowMs, keepDays, disk: null, thresholds }))).toEqual([1, 3]);
});

test('where room is missing the oldest of all cameras go, as many as are needed', () => {
  const oldest = [footage(1, 'a', 9), footage(2, 'b', 8), footage(3, 'a', 7), footage(4, 'b', 6)];
  const question = { oldest, nowMs, keepDays: new Map<string, number>(), thresholds };
  expect(ids(chooseLeaving({ ...question, disk: disk(8) }))).toEqual([1, 2]);
  expect(ids(chooseLeaving({ ...question, disk: disk(9.5) }))).toEqual([1]);
  expect(ids(chooseLeaving({ ...question, disk: disk(0) }))).toEqual([1, 2, 3, 4]);
});

test('what goes for its age makes room first', () => {
  const oldest = [footage(1, 'a', 9), footage(2, 'b', 8), footage(3, 'b', 7)];
  const keepDays = new Map([['b', 5]]);
  expect(ids(chooseLeaving({ oldest, nowMs, keepDays, disk: disk(8), thresholds }))).toEqual([2, 3]);
});

test('the forecast counts what is free above the threshold', () => {
  expect(daysUntilFull(disk(30), thresholds, 5 * gib)).toBe(4);
  expect(daysUntilFull(disk(5), thresholds, 5 * gib)).toBe(0);
  expect(daysUntilFull(disk(30), thresholds, 0)).toBeNull();
});
