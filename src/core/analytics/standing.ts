import type { Box } from '../../shared/domain/detection.ts';
import { overlapOf } from './box-overlap.ts';

/** Whether an object stands still: its boxes are held against an anchor, the place where it came to rest. */
export interface Standing {
  readonly anchor: Box;
  /** Boxes that the anchor is the mean of. */
  readonly boxes: number;
  /** Since when its boxes lie on the anchor. */
  readonly sinceMs: number;
  /** Since when they do not any more; null: they do. */
  readonly offSinceMs: number | null;
  /** It stood for long enough, and has not moved since. */
  readonly isStationary: boolean;
}

/** Stands for this long: stationary. */
const restMs = 10_000;
/** Off its anchor for this long: moved. One box beside it is a poor box or somebody who walks past. */
const offMs = 1_000;
const leastOverlap = 0.6;

export const startStanding = (box: Box, atMs: number): Standing => ({
  anchor: box,
  boxes: 1,
  sinceMs: atMs,
  offSinceMs: null,
  isStationary: false,
});

/** It was stationary here before. */
export const standingAt = (box: Box, sinceMs: number): Standing => ({
  ...startStanding(box, sinceMs),
  isStationary: true,
});

/** The object was seen once more. */
export function stand(standing: Standing, box: Box, atMs: number): Standing {
  const { anchor, boxes, sinceMs, offSinceMs, isStationary } = standing;
  if (overlapOf(anchor, box) < leastOverlap) {
    const since = offSinceMs ?? atMs;
    return atMs - since >= offMs ? startStanding(box, atMs) : { ...standing, offSinceMs: since };
  }
  // The anchor settles while the object comes to rest, and then stays, so that nothing creeps away with it.
  if (isStationary) return offSinceMs === null ? standing : { ...standing, offSinceMs: null };
  const share = 1 / (boxes + 1);
  const settled = anchor.map((side, index) => side + share * ((box[index] ?? side) - side)) as [
    number,
    number,
    number,
    number,
  ];
  return {
    anchor: settled,
    boxes: boxes + 1,
    sinceMs,
    offSinceMs: null,
    isStationary: atMs - sinceMs >= restMs,
  };
}
