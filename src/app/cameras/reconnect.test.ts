import { expect, test } from 'vitest';
import { ReconnectBackoff } from './reconnect.ts';

test('backs off from 1 s to 60 s and starts anew after a steady connection', () => {
  const backoff = new ReconnectBackoff(() => 0.5);
  expect(Array.from({ length: 8 }, () => backoff.next(0))).toEqual([
    1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000,
  ]);
  expect(backoff.next(30_000)).toBe(1000);
});

test('jitter spreads the tries of many cameras by ±20 %', () => {
  expect(new ReconnectBackoff(() => 0).next(0)).toBe(800);
  expect(new ReconnectBackoff(() => 1).next(0)).toBe(1200);
});
