import { expect, test } from 'vitest';
import type { LadderCost } from '../../shared/domain/lanes.ts';
import { completeLadder } from './cost-shape.ts';

const cost = (batch: number, q50Ms: number): LadderCost => ({
  modelId: 'model',
  input: '416x416',
  lane: 'archive',
  batch,
  q50Ms,
  q95Ms: 1.1 * q50Ms,
  samples: 5,
});
const shaped = (...measured: (readonly [number, number])[]): (readonly [number, number, boolean])[] =>
  completeLadder(measured.map(([batch, q50Ms]) => cost(batch, q50Ms))).map(
    ({ batch, q50Ms, estimated }) => [batch, q50Ms, estimated] as const,
  );

test('gaps lie on the line between their neighbours, and what is beyond on the line through the last two', () => {
  expect(shaped([1, 12], [4, 18], [8, 26])).toEqual([
    [1, 12, false],
    [2, 14, true],
    [4, 18, false],
    [8, 26, false],
    [16, 42, true],
    [32, 74, true],
  ]);
  // What was measured beyond 32 is the end: nothing wider is told.
  expect(shaped([1, 10], [64, 640]).at(-1)).toEqual([64, 640, false]);
});

test('a single size promises no gain, and two that cost the same promise no more than half', () => {
  expect(shaped([1, 10]).at(-1)).toEqual([32, 320, true]);
  expect(shaped([1, 10], [2, 10]).at(-1)).toEqual([32, 10 + 30 * 2.5, true]);
  expect(shaped()).toEqual([]);
});
