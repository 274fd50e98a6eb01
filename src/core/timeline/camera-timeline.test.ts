import { expect, test } from 'vitest';
import type { CameraStretch } from '../../shared/domain/camera.ts';
import { bucketFor, coarseStates, fewest, inBuckets } from './camera-timeline.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

test('buckets are round, few enough, and whole hours over more than three days', () => {
  expect(bucketFor(minute, 240)).toBe(1_000);
  expect(bucketFor(10 * minute, 240)).toBe(5_000);
  expect(bucketFor(hour, 240)).toBe(15_000);
  expect(bucketFor(day, 240)).toBe(10 * minute);
  expect(bucketFor(4 * day, 2_000)).toBe(hour);
  expect(bucketFor(14 * day, 240)).toBe(2 * hour);
  for (const span of [1, minute, 7 * day, 4_000 * day]) expect(span / bucketFor(span, 100)).toBeLessThanOrEqual(100);
});

test('a range is widened to whole buckets', () => {
  expect(inBuckets({ fromMs: 7 * minute + 1, toMs: 9 * minute }, minute)).toEqual({
    fromMs: 7 * minute,
    toMs: 9 * minute,
  });
});

test('of too many stretches those with the shortest gaps become one', () => {
  const stretches = [0, 10, 21, 40, 52].map((fromMs) => ({ fromMs, toMs: fromMs + 9 }));
  expect(fewest(stretches, 5)).toBe(stretches);
  expect(fewest(stretches, 3)).toEqual([
    { fromMs: 0, toMs: 30 },
    { fromMs: 40, toMs: 49 },
    { fromMs: 52, toMs: 61 },
  ]);
  expect(fewest(stretches, 1)).toEqual([{ fromMs: 0, toMs: 61 }]);
});

test('a camera that goes and comes is told in pieces that can be seen, and a single short one stays', () => {
  const state = (fromMs: number, toMs: number, state: CameraStretch['state']): CameraStretch => ({
    fromMs,
    toMs,
    state,
    reason: state === 'offline' ? `gone at ${String(fromMs)}` : null,
  });
  const steady = [
    state(0, 100, 'live'),
    state(100, 103, 'offline'),
    state(103, 200, 'live'),
    state(200, 300, 'offline'),
    state(400, 500, 'live'),
  ];
  expect(coarseStates(steady, 10)).toEqual(steady);
  const restless = Array.from({ length: 20 }, (_, index) =>
    state(index * 2, index * 2 + 2, index % 2 === 0 ? 'live' : 'offline'),
  );
  expect(coarseStates(restless, 10).map(({ fromMs, toMs, state }) => [fromMs, toMs, state])).toEqual([
    [0, 12, 'offline'],
    [12, 24, 'offline'],
    [24, 36, 'offline'],
    [36, 40, 'offline'],
  ]);
});
