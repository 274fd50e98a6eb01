import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coversRange, firstGap, mergeRanges, rangesLength, subtractRanges, type FrameRange } from './ranges.ts';

const range = fc
  .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 12 }))
  .map(([from, length]): FrameRange => [from, from + length]);
const ranges = fc.array(range, { maxLength: 12 });

/** The same as a set of numbers: slow, and obviously right. */
const numbers = (list: readonly FrameRange[]): Set<number> => {
  const set = new Set<number>();
  for (const [from, to] of list) for (let frame = from; frame < to; frame += 1) set.add(frame);
  return set;
};
const sorted = (set: Set<number>): number[] => [...set].sort((a, b) => a - b);

test('merging keeps the numbers and leaves no two ranges touching', () => {
  fc.assert(
    fc.property(ranges, (given) => {
      const merged = mergeRanges(given);
      expect(sorted(numbers(merged))).toEqual(sorted(numbers(given)));
      merged.forEach(([from, to], index) => {
        expect(from).toBeLessThan(to);
        if (index > 0) expect(from).toBeGreaterThan((merged[index - 1] as FrameRange)[1]);
      });
      expect(rangesLength(given)).toBe(numbers(given).size);
    }),
  );
});

test('subtracting takes exactly those numbers away', () => {
  fc.assert(
    fc.property(ranges, ranges, (given, taken) => {
      const gone = numbers(taken);
      const left = sorted(numbers(given)).filter((frame) => !gone.has(frame));
      const subtracted = subtractRanges(given, taken);
      expect(sorted(numbers(subtracted))).toEqual(left);
      expect(subtracted).toEqual(mergeRanges(subtracted));
    }),
  );
});

test('the first gap is the first number that is not covered', () => {
  fc.assert(
    fc.property(ranges, fc.integer({ min: 0, max: 80 }), range, (given, from, asked) => {
      const covered = numbers(given);
      let gap = from;
      while (covered.has(gap)) gap += 1;
      expect(firstGap(given, from)).toBe(gap);
      expect(coversRange(given, asked)).toBe([...numbers([asked])].every((frame) => covered.has(frame)));
    }),
  );
});
