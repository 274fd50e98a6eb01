import { describe, expect, it } from 'vitest';
import { suppressOverlaps, type ScoredBoxes } from './nms.ts';

type Row = readonly [left: number, top: number, right: number, bottom: number, score: number, classIndex: number];

function scored(...rows: readonly Row[]): ScoredBoxes {
  return {
    count: rows.length,
    boxes: Float32Array.from(rows.flatMap((row) => row.slice(0, 4))),
    scores: Float32Array.from(rows, (row) => row[4]),
    classes: Int32Array.from(rows, (row) => row[5]),
  };
}

const apart = Int32Array.of(0, 1, 2);
const together = Int32Array.of(0, 0, 2);

describe('suppressOverlaps', () => {
  it('keeps the best of overlapping boxes and everything that stands alone, best first', () => {
    const boxes = scored([0, 0, 10, 10, 0.6, 0], [1, 0, 11, 10, 0.9, 0], [50, 50, 60, 60, 0.7, 0]);
    expect(suppressOverlaps(boxes, apart, 0.5)).toEqual([1, 2]);
  });

  it('lets boxes of different classes overlap, unless their classes are in one group', () => {
    const boxes = scored([0, 0, 10, 10, 0.6, 0], [0, 0, 10, 10, 0.9, 1]);
    expect(suppressOverlaps(boxes, apart, 0.5)).toEqual([1, 0]);
    expect(suppressOverlaps(boxes, together, 0.5)).toEqual([1]);
  });

  it('keeps a box whose overlap is exactly the limit', () => {
    // 10 × 10 and 10 × 5 inside it: intersection over union 0.5.
    const boxes = scored([0, 0, 10, 10, 0.9, 0], [0, 0, 10, 5, 0.8, 0]);
    expect(suppressOverlaps(boxes, apart, 0.5)).toEqual([0, 1]);
    expect(suppressOverlaps(boxes, apart, 0.499)).toEqual([0]);
  });

  it('does not let a suppressed box suppress others', () => {
    const chain = scored([0, 0, 10, 10, 0.9, 0], [4, 0, 14, 10, 0.8, 0], [8, 0, 18, 10, 0.7, 0]);
    expect(suppressOverlaps(chain, apart, 0.4)).toEqual([0, 2]);
  });

  it('prefers the lower index of two equal scores', () => {
    const boxes = scored([0, 0, 10, 10, 0.5, 0], [0, 0, 10, 10, 0.5, 0]);
    expect(suppressOverlaps(boxes, apart, 0.5)).toEqual([0]);
  });

  it('reads `count` entries of arrays that are longer', () => {
    const boxes = { ...scored([0, 0, 10, 10, 0.5, 0], [20, 0, 30, 10, 0.5, 0]), count: 1 };
    expect(suppressOverlaps(boxes, apart, 0.5)).toEqual([0]);
    expect(suppressOverlaps({ ...boxes, count: 0 }, apart, 0.5)).toEqual([]);
  });
});
