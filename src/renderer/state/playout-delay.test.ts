import { expect, it } from 'vitest';
import { PlayoutDelay } from './playout-delay.ts';

function after(waits: readonly number[]): number {
  const delay = new PlayoutDelay();
  for (const [index, wait] of waits.entries()) {
    delay.pictureCame(index * 200, index * 200);
    delay.resultCame(index * 200, index * 200 + wait);
  }
  return delay.delayMs;
}

it('is what the slowest of the last results took, and never more than a moment', () => {
  expect(after([])).toBe(0);
  expect(after([40, 90, 60])).toBe(90);
  expect(after([40, 900])).toBe(250);
});

it('forgets a slow result after twenty quicker ones', () => {
  expect(after([200, ...Array.from({ length: 19 }, () => 50)])).toBe(200);
  expect(after([200, ...Array.from({ length: 20 }, () => 50)])).toBe(50);
});

it('a result whose own picture is of another stream counts from the one that was captured a moment before', () => {
  const delay = new PlayoutDelay();
  for (let at = 0; at <= 400; at += 40) delay.pictureCame(at, at + 5);
  delay.resultCame(230, 330);
  expect(delay.delayMs).toBe(330 - 205);
  // Of a time at which the stream had not begun.
  const later = new PlayoutDelay();
  later.pictureCame(1000, 1005);
  later.resultCame(400, 1100);
  expect(later.delayMs).toBe(0);
});

it('does not count results whose picture was never seen, or came later', () => {
  const delay = new PlayoutDelay();
  delay.resultCame(1000, 5000);
  delay.pictureCame(1000, 5100);
  expect(delay.delayMs).toBe(0);
});
