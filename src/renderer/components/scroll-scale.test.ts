import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScrollScale } from './scroll-scale.ts';

describe('ScrollScale', () => {
  it('is the identity below the height limit', () => {
    const scale = new ScrollScale(100);
    scale.resize(50, 400);
    scale.scrolledTo(1234);
    expect(scale.offset).toBe(1234);
    expect(scale.scrollTop).toBe(1234);
    expect(scale.top(20)).toBe(2000);
    expect(scale.visible(1)).toEqual([11, 18]);
  });

  it('reaches the last of a million rows with the scroll bar at its end', () => {
    const scale = new ScrollScale(200);
    scale.resize(1_000_000, 700);
    expect(scale.scrollHeight).toBe(8_000_000);
    scale.scrolledTo(scale.scrollHeight - 700);
    const [, end] = scale.visible(0);
    expect(end).toBe(1_000_000);
    expect(scale.top(999_999) + 200).toBeCloseTo(scale.scrollHeight, 3);
  });

  it('moves by true pixels even where the scroll bar moves by fractions', () => {
    const scale = new ScrollScale(200);
    scale.resize(1_000_000, 700);
    scale.moveTo(50_000_000);
    scale.moveTo(scale.offset + 120);
    scale.scrolledTo(Math.round(scale.scrollTop));
    expect(scale.offset).toBe(50_000_120);
  });

  it('reveals a row in full with the least movement', () => {
    const scale = new ScrollScale(100);
    scale.resize(100, 350);
    scale.reveal(5);
    expect(scale.offset).toBe(250);
    scale.reveal(4);
    expect(scale.offset).toBe(250);
    scale.reveal(0);
    expect(scale.offset).toBe(0);
  });

  it('draws every visible row inside the viewport, wherever the bar stands', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000_000 }),
        fc.integer({ min: 100, max: 4000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (rows, viewport, share) => {
          const scale = new ScrollScale(37);
          scale.resize(rows, viewport);
          scale.scrolledTo(share * Math.max(0, scale.scrollHeight - viewport));
          const [first, end] = scale.visible(0);
          expect(end).toBeGreaterThan(first);
          expect(scale.top(first) - scale.scrollTop).toBeLessThanOrEqual(1);
          expect(scale.top(end) - scale.scrollTop).toBeGreaterThanOrEqual(Math.min(viewport, rows * 37) - 1);
        },
      ),
    );
  });
});
