import { expect, test } from 'vitest';
import { lookedAt, unreadFor } from './attention.ts';

const hour = 3_600_000;
const on = { onSinceMs: 100 * hour, lookedAtMs: null, waitedMs: null };

test('results wait from the moment the camera is on until somebody looks', () => {
  expect(unreadFor(on, 107 * hour)).toBe(7 * hour);
  const read = lookedAt(on, 107 * hour);
  expect(read.waitedMs).toBe(7 * hour);
  expect(unreadFor(read, 108 * hour)).toBe(hour);
});

test('a look before the camera was switched on counts for nothing', () => {
  expect(unreadFor({ ...on, lookedAtMs: 50 * hour }, 101 * hour)).toBe(hour);
});

test('looking on and on is one look; the next one after a pause tells anew', () => {
  let seen = lookedAt(on, 107 * hour);
  for (let second = 1; second < 60; second += 1) seen = lookedAt(seen, 107 * hour + second * 1000);
  expect(seen.waitedMs).toBe(7 * hour);
  expect(lookedAt(seen, 108 * hour).waitedMs).toBeLessThan(hour);
});
