import { expect, test } from 'vitest';
import { cameraTimes } from './camera-times.ts';
import { ReconnectBackoff } from './reconnect.ts';

const away = (awayMs: number, livedMs = 0, herd = false) => ({ awayMs, livedMs, herd });

test('backs off from 1 to 8 s, after five minutes to 60 s, and starts anew after a steady connection', () => {
  const backoff = new ReconnectBackoff(() => 0.5, cameraTimes);
  const delays = (count: number, awayMs: number): number[] =>
    Array.from({ length: count }, () => backoff.next(away(awayMs)));
  expect(delays(6, 0)).toEqual([1000, 2000, 4000, 8000, 8000, 8000]);
  expect(delays(5, 300_000)).toEqual([8000, 16_000, 32_000, 60_000, 60_000]);
  expect(backoff.next(away(0, 30_000))).toBe(1000);
});

test('jitter spreads the tries of a camera by ±20 %, and those of many over two seconds more', () => {
  expect(new ReconnectBackoff(() => 0, cameraTimes).next(away(0, 0, true))).toBe(800);
  expect(new ReconnectBackoff(() => 1, cameraTimes).next(away(0))).toBe(1200);
  expect(new ReconnectBackoff(() => 1, cameraTimes).next(away(0, 0, true))).toBe(3200);
});

test('in the first five minutes nobody who comes back waits more than twelve seconds', () => {
  const backoff = new ReconnectBackoff(() => 1, cameraTimes);
  for (let awayMs = 0; awayMs < 300_000;) {
    const delay = backoff.next(away(awayMs, 0, true));
    expect(delay).toBeLessThan(12_000);
    awayMs += delay;
  }
});
