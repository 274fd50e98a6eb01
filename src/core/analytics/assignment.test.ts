import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestPairs } from './assignment.ts';

/** The greatest sum by trying everything. */
function greatest(rows: number, columns: number, worth: readonly number[], row = 0, taken = 0): number {
  if (row === rows) return 0;
  let best = greatest(rows, columns, worth, row + 1, taken);
  for (let column = 0; column < columns; column++) {
    const value = worth[row * columns + column] ?? 0;
    if (value <= 0 || (taken & (1 << column)) !== 0) continue;
    best = Math.max(best, value + greatest(rows, columns, worth, row + 1, taken | (1 << column)));
  }
  return best;
}

const sumOf = (pairs: Int32Array, columns: number, worth: readonly number[]): number =>
  [...pairs].reduce((sum, column, row) => sum + (column < 0 ? 0 : (worth[row * columns + column] ?? 0)), 0);

describe('bestPairs', () => {
  test('gives up the best pair where two others are worth more together', () => {
    // Taken greedily, 0.9 leaves nothing for the second row.
    expect([...bestPairs(2, 2, [0.9, 0.8, 0.7, 0])]).toEqual([1, 0]);
  });

  test('pairs nothing that is worth nothing', () => {
    expect([...bestPairs(2, 3, [0, 0, 0, 0, 0, 0.1])]).toEqual([-1, 2]);
    expect([...bestPairs(2, 2, [-1, 0.5, -1, 0.4])]).toEqual([1, -1]);
    expect([...bestPairs(3, 0, [])]).toEqual([-1, -1, -1]);
    expect([...bestPairs(0, 3, [])]).toEqual([]);
  });

  test('finds as much as trying everything, whatever the shape, and gives no column twice', () => {
    const shaped = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 })).chain(([rows, columns]) =>
      fc.tuple(
        fc.constant(rows),
        fc.constant(columns),
        fc.array(
          fc.oneof(fc.constant(0), fc.integer({ min: -2, max: 10 }), fc.double({ min: 0, max: 1, noNaN: true })),
          {
            minLength: rows * columns,
            maxLength: rows * columns,
          },
        ),
      ),
    );
    fc.assert(
      fc.property(shaped, ([rows, columns, worth]) => {
        const pairs = bestPairs(rows, columns, worth);
        const taken = [...pairs].filter((column) => column >= 0);
        expect(new Set(taken).size).toBe(taken.length);
        pairs.forEach((column, row) => {
          if (column >= 0) expect(worth[row * columns + column]).toBeGreaterThan(0);
        });
        expect(sumOf(pairs, columns, worth)).toBeCloseTo(greatest(rows, columns, worth), 9);
      }),
    );
  });

  test('of equal pairs the lower row keeps the lower column', () => {
    expect([...bestPairs(3, 3, new Float64Array(9).fill(0.5))]).toEqual([0, 1, 2]);
  });
});
