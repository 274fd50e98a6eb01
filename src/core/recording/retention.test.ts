import { expect, test } from 'vitest';
import {
  chooseLeaving,
  daysUntilFull,
  keepFreeBytes,
  stopBytes,
  usualThresholds,
  type StoredFootage,
} from './retention.ts';

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

test('recording stops only long after old footage has begun to go, on any disk', () => {
  for (const total of [1, 2, 10, 100, 4_000]) {
    expect(stopBytes(disk(0, total), thresholds)).toBe(keepFreeBytes(disk(0, total), thresholds) / 2);
  }
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
  const always = { bytesPerDay: 5 * gib, growsDays: null };
  expect(daysUntilFull(disk(30), thresholds, [always])).toBe(4);
  expect(daysUntilFull(disk(5), thresholds, [always])).toBe(0);
  expect(daysUntilFull(disk(30), thresholds, [])).toBeNull();
  expect(daysUntilFull(disk(30), thresholds, [{ ...always, bytesPerDay: 0 }])).toBeNull();
});

test('a camera that has its days grows no more', () => {
  const growth = (bytes: number, growsDays: number | null) => ({ bytesPerDay: bytes * gib, growsDays });
  expect(daysUntilFull(disk(30), thresholds, [growth(5, 3)])).toBeNull();
  expect(daysUntilFull(disk(30), thresholds, [growth(5, 6)])).toBe(4);
  expect(daysUntilFull(disk(30), thresholds, [growth(5, 2), growth(2, null)])).toBe(5);
  expect(daysUntilFull(disk(30), thresholds, [growth(5, -1), growth(2, 20)])).toBe(10);
});
