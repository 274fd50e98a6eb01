import { expect, test } from 'vitest';
import { RestartPolicy } from './restart-policy.ts';

test('the first losses of a minute are mended at once, more of them with growing pauses', () => {
  const policy = new RestartPolicy();
  const delays = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((second) => policy.next(second * 1000));
  expect(delays).toEqual([100, 100, 100, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

test('a quiet minute forgets', () => {
  const policy = new RestartPolicy();
  for (let i = 0; i < 8; i++) policy.next(i);
  expect(policy.next(61_000)).toBe(100);
});
