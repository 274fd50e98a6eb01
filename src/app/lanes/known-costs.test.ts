import { expect, test } from 'vitest';
import type { LadderCost } from '../../shared/domain/lanes.ts';
import { KnownCosts } from './known-costs.ts';

const cost = (batch: number, q50Ms: number, change: Partial<LadderCost> = {}): LadderCost => ({
  modelId: 'm',
  input: '416x416',
  lane: 'archive',
  batch,
  q50Ms,
  q95Ms: q50Ms * 1.1,
  samples: 40,
  ...change,
});

test('stored costs complete what this process measured, and give way to it', () => {
  const known = new KnownCosts();
  known.stored([cost(1, 10), cost(8, 70), cost(1, 9, { lane: 'live' })]);
  const own = cost(1, 11, { samples: 5 });
  expect(known.complete([own])).toEqual([own, cost(8, 70), cost(1, 9, { lane: 'live' })]);
});

test('a first measure within a quarter confirms them; later ones do not matter', () => {
  const known = new KnownCosts();
  known.stored([cost(1, 10), cost(8, 70)]);
  expect(known.check(cost(1, 0), 12.5)).toBeNull();
  expect(known.check(cost(8, 0), 700)).toBeNull();
  expect(known.complete([])).toEqual([cost(1, 10), cost(8, 70)]);
});

test('one that is off by more drops all that were measured with it, and says the numbers', () => {
  for (const measuredMs of [7.4, 12.6]) {
    const known = new KnownCosts();
    known.stored([cost(1, 10), cost(8, 70), cost(1, 9, { lane: 'live' }), cost(1, 9, { input: '320x320' })]);
    expect(known.check(cost(4, 0), 500)).toBeNull(); // nothing to compare with
    expect(known.check(cost(1, 0), measuredMs)).toEqual({
      lane: 'archive',
      modelId: 'm',
      input: '416x416',
      batch: 1,
      storedMs: 10,
      measuredMs,
    });
    expect(known.complete([])).toEqual([cost(1, 9, { lane: 'live' }), cost(1, 9, { input: '320x320' })]);
  }
});

test('what a calibration measured is known without a check, and goes when the model moves to another device', () => {
  const known = new KnownCosts();
  known.measured(cost(128, 1_500));
  expect(known.check(cost(128, 0), 10)).toBeNull();
  expect(known.complete([])).toEqual([cost(128, 1_500)]);
  known.forget('m');
  expect(known.complete([])).toEqual([]);
});
