/** [from, to) of frame numbers; from < to. */
export type FrameRange = readonly [from: number, to: number];

/** Sorted, disjoint and with touching ranges joined. Empty ranges vanish. Any order and overlap may come in. */
export function mergeRanges(ranges: readonly FrameRange[]): FrameRange[] {
  const sorted = ranges.filter(([from, to]) => from < to).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const merged: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = merged[merged.length - 1];
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** What of `ranges` is not in `taken`; merged. */
export function subtractRanges(ranges: readonly FrameRange[], taken: readonly FrameRange[]): FrameRange[] {
  const holes = mergeRanges(taken);
  const left: FrameRange[] = [];
  let first = 0;
  for (const [start, to] of mergeRanges(ranges)) {
    let from = start;
    while (first < holes.length && (holes[first] as FrameRange)[1] <= from) first += 1;
    for (let index = first; index < holes.length; index += 1) {
      const [holeFrom, holeTo] = holes[index] as FrameRange;
      if (holeFrom >= to) break;
      if (from < holeFrom) left.push([from, holeFrom]);
      from = Math.max(from, holeTo);
    }
    if (from < to) left.push([from, to]);
  }
  return left;
}

export const rangesLength = (ranges: readonly FrameRange[]): number =>
  mergeRanges(ranges).reduce((sum, [from, to]) => sum + to - from, 0);

export const coversRange = (ranges: readonly FrameRange[], range: FrameRange): boolean =>
  subtractRanges([range], ranges).length === 0;

/** The first frame from `from` on that is not covered: where a job goes on. */
export function firstGap(ranges: readonly FrameRange[], from = 0): number {
  let frame = from;
  for (const [start, end] of mergeRanges(ranges)) if (start <= frame && frame < end) frame = end;
  return frame;
}
