import { expect, test } from 'vitest';
import { comesWithin, expectedWithin, idleWithinMs, normalTail } from './arrival-risk.ts';

test('the tail of the normal distribution', () => {
  expect(normalTail(0)).toBeCloseTo(0.5, 4);
  expect(normalTail(1.96)).toBeCloseTo(0.025, 4);
  expect(normalTail(-1)).toBeCloseTo(0.8413, 4);
});

test('a frame that is due comes the likelier the longer it has been awaited, until it counts as lost', () => {
  const within = (inMs: number): number => comesWithin({ inMs, sigmaMs: 2, otherwise: 0.02 }, 5);
  expect(within(20)).toBeLessThan(1e-3);
  expect(within(5)).toBeCloseTo(0.49, 2);
  expect(within(0)).toBeGreaterThan(0.9);
  expect(within(-20)).toBeLessThan(0.01);
  expect(comesWithin({ inMs: 0, sigmaMs: 2, otherwise: 0.02 }, 0)).toBe(0);
});

test('the slot stands idle until the first frame, and every frame that comes counts', () => {
  expect(idleWithinMs([{ inMs: 5, sigmaMs: 0.1, otherwise: 0.02 }], 10)).toBeCloseTo(5, 0);
  expect(idleWithinMs([{ inMs: 100, sigmaMs: 1, otherwise: 0.02 }], 10)).toBeCloseTo(10, 3);
  const two = [
    { inMs: 2, sigmaMs: 0.1, otherwise: 0.02 },
    { inMs: 3, sigmaMs: 0.1, otherwise: 0.02 },
  ];
  expect(expectedWithin(two, 10)).toBeCloseTo(1.96, 2);
});
