import { expect, test } from 'vitest';
import { sweepAdvice } from './sweep-advice.ts';

const swept = (...speeds: readonly [batch: number, imagesPerSecond: number][]) =>
  speeds.map(([batch, imagesPerSecond]) => ({ batch, imagesPerSecond }));

test('a larger batch has to win by more than 3 %', () => {
  const flat = sweepAdvice(swept([1, 100], [8, 102.9], [32, 102.99]), 'this CPU');
  expect(flat.batch).toBe(1);
  expect(flat.why).toContain('On this CPU: no gain above 1 (100.0 pictures/s)');
  expect(sweepAdvice(swept([1, 100], [8, 103.1]), 'this CPU').batch).toBe(8);
});

test('the knee of a device that gains, in whatever order it was measured', () => {
  const { batch, why } = sweepAdvice(swept([64, 410], [8, 200], [16, 320], [32, 400]), 'this GPU');
  expect(batch).toBe(32);
  expect(why).toContain('gains +100.0 % over 8');
  expect(why).toContain('64: +2.5 %');
});

test('one size, or none', () => {
  expect(sweepAdvice(swept([8, 100]), 'this CPU')).toEqual({ batch: 8, why: 'Only batch 8 was measured.' });
  expect(sweepAdvice(swept([8, 0]), 'this CPU').batch).toBeNull();
});
