import { expect, test } from 'vitest';
import { cameraTimes } from './camera-times.ts';
import { ReconnectBackoff, type LastTry } from './reconnect.ts';

const lastTry = (changes: Partial<LastTry> = {}): LastTry => ({
  livedMs: 0,
  triedMs: 0,
  awayMs: 0,
  herd: false,
  ...changes,
});
const backoffAt = (random: number): ReconnectBackoff => new ReconnectBackoff(() => random, cameraTimes);

test('backs off from 1 to 10 s, after five minutes to 60 s, and starts anew after a steady connection', () => {
  const backoff = backoffAt(0.5);
  const delays = (count: number, awayMs: number): number[] =>
    Array.from({ length: count }, () => backoff.next(lastTry({ awayMs })));
  expect(delays(7, 0)).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
  expect(delays(4, 300_000)).toEqual([16_000, 32_000, 60_000, 60_000]);
  expect(backoff.next(lastTry({ livedMs: 30_000 }))).toBe(1000);
});

test('jitter spreads the tries of a camera by ±20 %, and the first ones of many over two seconds more', () => {
  expect(backoffAt(0).next(lastTry({ herd: true }))).toBe(800);
  expect(backoffAt(1).next(lastTry())).toBe(1200);
  expect(backoffAt(1).next(lastTry({ herd: true }))).toBe(3200);
});

test('what a try took is part of the distance, but none follows at once', () => {
  const backoff = backoffAt(0.5);
  expect(Array.from({ length: 6 }, () => backoff.next(lastTry({ triedMs: 5000 })))).toEqual([
    500, 500, 500, 3000, 5000, 5000,
  ]);
});

test('in the first five minutes whoever comes back is tried within 12 s, with at most eight tries a minute', () => {
  for (const triedMs of [0, 5000]) {
    for (const random of [0, 1]) {
      const backoff = backoffAt(random);
      let tries = 0;
      for (let awayMs = 0; awayMs < 299_000; tries++) {
        const waitMs = backoff.next(lastTry({ awayMs, triedMs, herd: true }));
        expect(waitMs + triedMs).toBeLessThanOrEqual(12_000);
        awayMs += waitMs + triedMs;
      }
      expect(tries).toBeLessThanOrEqual(5 * 8);
    }
  }
});
