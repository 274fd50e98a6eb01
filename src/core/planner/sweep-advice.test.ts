import { expect, test } from 'vitest';
import { strayOf, sweepAdvice } from './sweep-advice.ts';

const swept = (...speeds: readonly [batch: number, imagesPerSecond: number][]) =>
  speeds.map(([batch, imagesPerSecond]) => ({ batch, imagesPerSecond, stray: 0.01 }));

test('a larger batch has to win by more than 3 %', () => {
  const flat = sweepAdvice(swept([1, 100], [8, 102.9], [32, 102.99]), 'this CPU');
  expect(flat.batch).toBe(1);
  expect(flat.why).toContain('On this CPU: no gain above 1 (100.0 pictures/s)');
  expect(sweepAdvice(swept([1, 100], [8, 104.1]), 'this CPU').batch).toBe(8);
});

test('the knee of a device that gains, in whatever order it was measured', () => {
  const { batch, why } = sweepAdvice(swept([64, 410], [8, 200], [16, 320], [32, 400]), 'this GPU');
  expect(batch).toBe(32);
  expect(why).toContain('gains +100.0 % over 8');
  expect(why).toContain('64: +2.5 %');
});

test('on a machine that was busy with other things, a win within what speeds strayed is none', () => {
  const busy = swept([8, 11.4], [32, 14.6]).map((size) => ({ ...size, stray: 0.3 }));
  const { batch, why } = sweepAdvice(busy, 'this CPU');
  expect(batch).toBe(8);
  expect(why).toContain('strayed: up to ±30 %');
  expect(strayOf([10, 10, 10, 10, 10, 10, 10, 30])).toBe(0);
  expect(strayOf([5, 6, 8, 9, 10, 11, 12, 14, 15])).toBeCloseTo(0.2);
  expect(strayOf([1, 9])).toBe(0);
});

test('one size, or none', () => {
  expect(sweepAdvice(swept([8, 100]), 'this CPU')).toEqual({ batch: 8, why: 'Only batch 8 was measured.' });
  expect(sweepAdvice(swept([8, 0]), 'this CPU').batch).toBeNull();
});
