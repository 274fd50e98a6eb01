import type { Box } from '../../../shared/domain/detection.ts';
import { bestPairs } from '../assignment.ts';
import { overlapOf } from '../box-overlap.ts';

/** One object in one picture: by the truth, or as a tracker has it. */
export interface Placed {
  readonly id: number;
  readonly box: Box;
}

export interface EvaluatedPicture {
  readonly truth: readonly Placed[];
  readonly tracked: readonly Placed[];
}

/** Shares are 0..1 (MOTA may be negative). */
export interface MotFigures {
  /** 1 − (missed + false + switches) / boxes of the truth. */
  readonly mota: number;
  /** Share of boxes that carry the one id that fits their object best. */
  readonly idf1: number;
  /** How often an object's id changed. */
  readonly switches: number;
  readonly missed: number;
  readonly falseBoxes: number;
  readonly truthBoxes: number;
  /** Tracks that were given an id, and objects. */
  readonly tracks: number;
  readonly objects: number;
}

/** A tracked box is an object's if both overlap by at least this much: the usual one. */
const leastOverlap = 0.5;

/**
 * MOTA and id switches after Bernardin and Stiefelhagen ("Evaluating Multiple Object Tracking Performance: The CLEAR MOT
 * Metrics", 2008): a pair of object and track that still overlaps stays a pair, the rest is paired anew. IDF1 after
 * Ristani et al. ("Performance Measures and a Data Set for Multi-Target, Multi-Camera Tracking", 2016): objects and
 * tracks are paired once for the whole film, so that most boxes fit.
 */
export function motFigures(pictures: readonly EvaluatedPicture[]): MotFigures {
  let missed = 0;
  let falseBoxes = 0;
  let switches = 0;
  let truthBoxes = 0;
  let trackedBoxes = 0;
  const lastTrackOf = new Map<number, number>();
  const boxesTogether = new Map<number, Map<number, number>>();
  const trackIds = new Set<number>();
  for (const { truth, tracked } of pictures) {
    truthBoxes += truth.length;
    trackedBoxes += tracked.length;
    for (const { id } of tracked) trackIds.add(id);
    const overlaps = truth.map((object) => tracked.map(({ box }) => overlapOf(object.box, box)));
    const pairs = pairsOf(truth, tracked, overlaps, lastTrackOf);
    pairs.forEach((column, row) => {
      const object = truth[row] as Placed;
      if (column < 0) {
        missed += 1;
        return;
      }
      const { id } = tracked[column] as Placed;
      const last = lastTrackOf.get(object.id);
      if (last !== undefined && last !== id) switches += 1;
      lastTrackOf.set(object.id, id);
    });
    falseBoxes += tracked.length - pairs.filter((column) => column >= 0).length;
    truth.forEach((object, row) => {
      const counts = boxesTogether.get(object.id) ?? new Map<number, number>();
      boxesTogether.set(object.id, counts);
      tracked.forEach(({ id }, column) => {
        if ((overlaps[row]?.[column] ?? 0) >= leastOverlap) counts.set(id, (counts.get(id) ?? 0) + 1);
      });
    });
  }
  const rightBoxes = boxesOfBestIds(boxesTogether, [...trackIds]);
  return {
    mota: 1 - (missed + falseBoxes + switches) / Math.max(1, truthBoxes),
    idf1: (2 * rightBoxes) / Math.max(1, truthBoxes + trackedBoxes),
    switches,
    missed,
    falseBoxes,
    truthBoxes,
    tracks: trackIds.size,
    objects: boxesTogether.size,
  };
}

/** For each object the index of its track's box, or -1. */
function pairsOf(
  truth: readonly Placed[],
  tracked: readonly Placed[],
  overlaps: readonly (readonly number[])[],
  lastTrackOf: ReadonlyMap<number, number>,
): number[] {
  // What was a pair and still overlaps is worth more than any sum of new pairs.
  const stays = truth.length + 1;
  const worth = truth.flatMap((object, row) =>
    tracked.map(({ id }, column) => {
      const overlap = overlaps[row]?.[column] ?? 0;
      if (overlap < leastOverlap) return 0;
      return overlap + (lastTrackOf.get(object.id) === id ? stays : 0);
    }),
  );
  return [...bestPairs(truth.length, tracked.length, worth)];
}

function boxesOfBestIds(
  boxesTogether: ReadonlyMap<number, ReadonlyMap<number, number>>,
  trackIds: readonly number[],
): number {
  const rows = [...boxesTogether.values()];
  const worth = rows.flatMap((counts) => trackIds.map((id) => counts.get(id) ?? 0));
  let sum = 0;
  bestPairs(rows.length, trackIds.length, worth).forEach((column, row) => {
    if (column >= 0) sum += worth[row * trackIds.length + column] ?? 0;
  });
  return sum;
}
