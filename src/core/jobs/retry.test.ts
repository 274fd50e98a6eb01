import { expect, test } from 'vitest';
import { failureKinds } from '../../shared/domain/job.ts';
import { isTransient, retryDelayMs } from './retry.ts';

test('only what may lie outside of the item is tried again', () => {
  expect(failureKinds.filter(isTransient)).toEqual(['unreadable', 'timed-out']);
  expect(retryDelayMs('undecodable', 1, 0.5)).toBeNull();
});

test('1, 16, 81, 256 seconds, then it is given up', () => {
  const delays = [1, 2, 3, 4, 5, 6].map((attempts) => retryDelayMs('unreadable', attempts, 0.5));
  expect(delays).toEqual([1_000, 16_000, 81_000, 256_000, null, null]);
});

test('by a fifth more or less, so that what failed together does not come back together', () => {
  expect(retryDelayMs('timed-out', 2, 0)).toBeCloseTo(12_800, 6);
  expect(retryDelayMs('timed-out', 2, 0.999_999_9)).toBeCloseTo(19_200, 1);
});
