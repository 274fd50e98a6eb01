import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/core/testing/seeded-random.ts';
import { bootstrapInterval } from './bootstrap.ts';
import { isClean } from './clean-rounds.ts';
import { median, quantile } from './quantile.ts';
import { exitCodeOf, verdictOf } from './verdict.ts';

test('median and nearest-rank quantiles', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([0, 0.5, 0.95, 0.99, 1].map((q) => quantile(hundred, q))).toEqual([1, 50, 95, 99, 100]);
  expect(quantile([], 0.5)).toBeNaN();
});

describe('bootstrap interval', () => {
  test('lies inside the range of the rounds, around the median, and is the same for the same seed', () => {
    const rounds = [1.2, 1.3, 1.25, 1.4, 1.22, 1.31, 1.28];
    const first = bootstrapInterval(rounds, median, seededRandom(1));
    expect(first).toEqual(bootstrapInterval(rounds, median, seededRandom(1)));
    expect(first.lo).toBeGreaterThanOrEqual(1.2);
    expect(first.hi).toBeLessThanOrEqual(1.4);
    expect(first.lo).toBeLessThanOrEqual(median(rounds));
    expect(first.hi).toBeGreaterThanOrEqual(median(rounds));
  });

  test('covers the true median of noisy rounds about as often as it says', () => {
    const random = seededRandom(5);
    let covered = 0;
    for (let run = 0; run < 20; run++) {
      const rounds = Array.from({ length: 15 }, () => 10 + random() + random() - 1);
      const { lo, hi } = bootstrapInterval(rounds, median, random);
      if (lo <= 10 && 10 <= hi) covered += 1;
    }
    expect(covered).toBeGreaterThanOrEqual(17);
  });

  test('keeps what belongs to one round together', () => {
    const rounds = [
      { misses: 0, frames: 100 },
      { misses: 10, frames: 100 },
    ];
    const rate = (sample: readonly { misses: number; frames: number }[]): number =>
      sample.reduce((sum, { misses }) => sum + misses, 0) / sample.reduce((sum, { frames }) => sum + frames, 0);
    expect(bootstrapInterval(rounds, rate, seededRandom(2))).toEqual({ lo: 0, hi: 0.1 });
  });
});

describe('verdicts', () => {
  const lower = { better: 'lower', gate: 1.5, stretch: 1.25 } as const;
  const higher = { better: 'higher', gate: 0.9, stretch: 0.95 } as const;

  test('are given at the bad end of the interval', () => {
    expect(verdictOf(lower, { lo: 1.1, hi: 1.2 })).toBe('stretch');
    expect(verdictOf(lower, { lo: 1.1, hi: 1.5 })).toBe('met');
    expect(verdictOf(lower, { lo: 1.1, hi: 1.51 })).toBe('missed');
    expect(verdictOf(higher, { lo: 0.96, hi: 1 })).toBe('stretch');
    expect(verdictOf(higher, { lo: 0.9, hi: 1 })).toBe('met');
    expect(verdictOf(higher, { lo: 0.89, hi: 1 })).toBe('missed');
    expect(verdictOf({ better: 'lower', gate: null, stretch: null }, { lo: 1, hi: 2 })).toBe('reported');
  });

  test('a miss ends with 1, noise with 4, everything else with 0', () => {
    expect(exitCodeOf(['met', 'stretch', 'reported', 'not-measured'])).toBe(0);
    expect(exitCodeOf(['met', 'inconclusive'])).toBe(4);
    expect(exitCodeOf(['inconclusive', 'missed'])).toBe(1);
  });
});

test('a cell is clean when both of its probes are within a tenth of the best', () => {
  expect(isClean({ beforeMs: 55, afterMs: 50 }, 50)).toBe(true);
  expect(isClean({ beforeMs: 55.1, afterMs: 50 }, 50)).toBe(false);
  expect(isClean({ beforeMs: 50, afterMs: 56 }, 50)).toBe(false);
});
