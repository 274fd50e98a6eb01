import { expect, test } from 'vitest';
import { cameraTimes } from './camera-times.ts';
import { ReconnectBackoff } from './reconnect.ts';

test('backs off from 1 s to 60 s and starts anew after a steady connection', () => {
  const backoff = new ReconnectBackoff(() => 0.5, cameraTimes);
  expect(Array.from({ length: 8 }, () => backoff.next(0, false))).toEqual([
    1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000,
  ]);
  expect(backoff.next(30_000, false)).toBe(1000);
});

test('jitter spreads the tries of a camera by ±20 %, and those of many over two seconds more', () => {
  expect(new ReconnectBackoff(() => 0, cameraTimes).next(0, true)).toBe(800);
  expect(new ReconnectBackoff(() => 1, cameraTimes).next(0, false)).toBe(1200);
  expect(new ReconnectBackoff(() => 1, cameraTimes).next(0, true)).toBe(3200);
});
