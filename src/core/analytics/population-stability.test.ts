import { expect, test } from 'vitest';
import { populationStability } from './population-stability.ts';

test('values worked out by hand', () => {
  // 2 × 0.25 of the whole changes sides: −0.25 · ln ½ + 0.25 · ln 1.5.
  expect(populationStability([50, 50], [25, 75])).toBeCloseTo(0.25 * Math.log(2) + 0.25 * Math.log(1.5), 12);
  expect(populationStability([10, 20, 70], [20, 20, 60])).toBeCloseTo(0.0847298, 6);
  expect(populationStability([1, 2, 3, 4], [10, 20, 30, 40])).toBeCloseTo(0, 12);
});

test('it is the same both ways, and only shares count', () => {
  expect(populationStability([25, 75], [50, 50])).toBeCloseTo(populationStability([50, 50], [25, 75]) ?? 0, 12);
  expect(populationStability([5, 5], [1, 3])).toBeCloseTo(populationStability([50, 50], [25, 75]) ?? 0, 12);
});

test('a bin that was empty counts as half a thousandth; more bins than before are empty ones', () => {
  const expected = -0.1 * Math.log(0.9) + (0.1 - 0.0005) * Math.log(0.1 / 0.0005);
  expect(populationStability([100, 0], [90, 10])).toBeCloseTo(expected, 12);
  expect(populationStability([100], [90, 10])).toBeCloseTo(expected, 12);
});

test('nothing can be said of nothing', () => {
  expect(populationStability([], [1])).toBeNull();
  expect(populationStability([1, 1], [0, 0])).toBeNull();
});
