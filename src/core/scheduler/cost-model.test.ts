import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchLadder } from '../../shared/domain/lanes.ts';
import {
  coolDown,
  createCostModel,
  exportCosts,
  importCosts,
  isWarmed,
  kneeBatch,
  ladderIndex,
  largestWarmed,
  likelyMs,
  observeRun,
  predictMs,
  smallestWarmed,
  warmedUp,
  widestBatch,
  type CostModel,
} from './cost-model.ts';

const size = (batch: number) => ({ modelId: 'model', input: '416x416', lane: 'archive' as const, batch });
const key = 'model@416x416';

function modelOf(runs: Readonly<Record<number, number>>): CostModel {
  const model = createCostModel();
  for (const [batch, runMs] of Object.entries(runs)) warmedUp(model, size(Number(batch)), [runMs]);
  return model;
}

describe('the ladder', () => {
  test('takes any number to the largest size that is not larger', () => {
    for (let batch = 1; batch <= 300; batch += 1) {
      expect(batchLadder[ladderIndex(batch)]).toBe(Math.max(...batchLadder.filter((step) => step <= batch)));
    }
    expect(ladderIndex(0)).toBe(-1);
  });

  test('other sizes are refused', () => {
    expect(() => warmedUp(createCostModel(), size(3), [1])).toThrow('3 is not a size');
  });
});

describe('predictions', () => {
  test('there is none for a size that is not warmed', () => {
    const model = modelOf({ 1: 10, 4: 38 });
    expect(predictMs(model, 'archive', key, 1)).toBe(10);
    expect(predictMs(model, 'archive', key, 2)).toBeNull();
    expect(predictMs(model, 'live', key, 1)).toBeNull();
    expect(isWarmed(model, 'archive', key, 4)).toBe(true);
    expect(smallestWarmed(model, 'archive', key)).toBe(1);
  });

  test('leave the first warm-up run out: it pays for set-up', () => {
    const model = createCostModel();
    warmedUp(model, size(1), [500, 10, 11]);
    expect(predictMs(model, 'archive', key, 1)).toBe(11);
  });

  test('are the 95th percentile of the newest 64 runs, at most half above the newest four', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1, max: 100, noNaN: true }), { minLength: 1, maxLength: 200 }), (runs) => {
        const model = createCostModel();
        warmedUp(model, size(1), runs.slice(0, 1));
        for (const runMs of runs.slice(1)) observeRun(model, 'archive', key, 1, runMs);
        const newest = runs.slice(-64).sort((a, b) => a - b);
        const q95 = newest[Math.ceil(0.95 * newest.length) - 1] as number;
        const upper = Math.min(q95, 1.5 * Math.max(...runs.slice(-4)));
        expect(predictMs(model, 'archive', key, 1)).toBeCloseTo(upper * model.contention, 9);
      }),
    );
  });

  test('recover from a slow spell in four runs', () => {
    const model = modelOf({ 1: 10 });
    for (let run = 0; run < 100; run += 1) observeRun(model, 'archive', key, 1, 300);
    expect(likelyMs(model, 'archive', key, 1)).toBeGreaterThanOrEqual(300);
    for (let run = 0; run < 4; run += 1) observeRun(model, 'archive', key, 1, 10);
    expect(predictMs(model, 'archive', key, 1)).toBeCloseTo(15 * model.contention, 9);
    expect(likelyMs(model, 'archive', key, 1)).toBeCloseTo(10 * model.contention, 9);
    expect(model.contention).toBeLessThan(1.1);
  });

  test('never fall with the batch size', () => {
    const model = modelOf({ 1: 10, 2: 8, 4: 30, 8: 25 });
    expect([1, 2, 4, 8].map((batch) => predictMs(model, 'archive', key, batch))).toEqual([10, 10, 30, 30]);
  });

  test('rise fast and fall slowly with contention, within 1 and 3', () => {
    const model = modelOf({ 1: 10 });
    for (let run = 0; run < 3; run += 1) observeRun(model, 'archive', key, 1, 25);
    expect(model.contention).toBeGreaterThan(1.2);
    const raised = model.contention;
    observeRun(model, 'archive', key, 1, 10);
    expect(model.contention).toBeLessThan(raised);
    expect(model.contention).toBeGreaterThan(raised - 0.1);
    for (let run = 0; run < 500; run += 1) observeRun(model, 'archive', key, 1, 10);
    expect(model.contention).toBeCloseTo(1, 6);
    for (let run = 0; run < 20; run += 1) observeRun(model, 'archive', key, 1, 10 * 4 ** run);
    expect(model.contention).toBeLessThanOrEqual(3);
  });
});

describe('sizes', () => {
  // Measured on a CPU: 385, 414, 415, 415, 410, 423, 409 pictures a second.
  const cpu = modelOf({ 1: 2.6, 2: 4.83, 4: 9.64, 8: 19.3, 16: 39, 32: 75.7, 64: 156.5 });
  const gpu = modelOf({ 1: 5, 2: 5.2, 4: 5.6, 8: 6.4, 16: 8, 32: 11.2, 64: 21.6 });

  test('the knee is the smallest within 3 % of the best throughput', () => {
    expect(kneeBatch(cpu, 'archive', key)).toBe(2);
    expect(kneeBatch(gpu, 'archive', key)).toBe(64);
    expect(kneeBatch(createCostModel(), 'archive', key)).toBeNull();
  });

  test('the widest is the largest within 3 % of it', () => {
    expect(widestBatch(cpu, 'archive', key)).toBe(32);
    expect(widestBatch(modelOf({ 1: 10, 2: 20, 4: 41 }), 'archive', key)).toBe(4);
  });

  test('the largest that fits a room and a limit', () => {
    expect(largestWarmed(cpu, 'archive', key, 128, 20)).toBe(8);
    expect(largestWarmed(cpu, 'archive', key, 5, 20)).toBe(4);
    expect(largestWarmed(cpu, 'archive', key, 128, 2)).toBeNull();
  });
});

test('costs outlive their process, but what was warmed does not', () => {
  const before = modelOf({ 1: 10, 2: 19 });
  const costs = exportCosts(before);
  expect(costs).toEqual([
    { modelId: 'model', input: '416x416', lane: 'archive', batch: 1, q50Ms: 10, q95Ms: 10, samples: 1 },
    { modelId: 'model', input: '416x416', lane: 'archive', batch: 2, q50Ms: 19, q95Ms: 19, samples: 1 },
  ]);
  const after = createCostModel();
  importCosts(after, [...costs, { ...(costs[0] as (typeof costs)[number]), batch: 3 }]);
  expect(predictMs(after, 'archive', key, 1)).toBeNull();
  warmedUp(after, size(1), []);
  expect(predictMs(after, 'archive', key, 1)).toBe(10);
  warmedUp(after, size(1), [12]);
  expect(predictMs(after, 'archive', key, 1)).toBe(12);
  coolDown(after);
  expect(predictMs(after, 'archive', key, 1)).toBeNull();
});
