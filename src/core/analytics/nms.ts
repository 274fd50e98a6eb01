/** Scored boxes as parallel arrays of `count` entries, so that thousands of them cost no objects. */
export interface ScoredBoxes {
  readonly count: number;
  /** Left, top, right, bottom: four numbers a box. */
  readonly boxes: Float32Array;
  readonly scores: Float32Array;
  readonly classes: Int32Array;
}

/**
 * Greedy non-maximum suppression: the best box stays, and boxes of its group that overlap it by more than `iou`
 * (intersection over union, 0..1) go; then the next best, and so on. `groups` maps a class to its group. Returns the
 * indices of what stays, best first; of two equal scores the lower index is the better one, so the same boxes in the
 * same order always give the same answer.
 */
export function suppressOverlaps(candidates: ScoredBoxes, groups: Int32Array, iou: number): number[] {
  const { count, boxes, scores, classes } = candidates;
  const order = Int32Array.from({ length: count }, (_, index) => index);
  order.sort((a, b) => scores[b]! - scores[a]! || a - b);
  const areas = new Float64Array(count);
  for (let i = 0; i < count; i++)
    areas[i] = (boxes[4 * i + 2]! - boxes[4 * i]!) * (boxes[4 * i + 3]! - boxes[4 * i + 1]!);

  const suppressed = new Uint8Array(count);
  const kept: number[] = [];
  for (let rank = 0; rank < count; rank++) {
    const best = order[rank]!;
    if (suppressed[best] === 1) continue;
    kept.push(best);
    for (let later = rank + 1; later < count; later++) {
      const other = order[later]!;
      if (suppressed[other] === 1 || groups[classes[other]!] !== groups[classes[best]!]) continue;
      const shared = intersection(boxes, best, other);
      if (shared > iou * (areas[best]! + areas[other]! - shared)) suppressed[other] = 1;
    }
  }
  return kept;
}

function intersection(boxes: Float32Array, a: number, b: number): number {
  const width = Math.min(boxes[4 * a + 2]!, boxes[4 * b + 2]!) - Math.max(boxes[4 * a]!, boxes[4 * b]!);
  const height = Math.min(boxes[4 * a + 3]!, boxes[4 * b + 3]!) - Math.max(boxes[4 * a + 1]!, boxes[4 * b + 1]!);
  return width > 0 && height > 0 ? width * height : 0;
}
