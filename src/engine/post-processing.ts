import { suppressOverlaps } from '../core/analytics/nms.ts';
import type { Box, Detection, FoundBoxes } from '../shared/domain/detection.ts';
import type { PostProcessing } from '../shared/engine/protocol.ts';
import type { Candidates } from './decoders/decoder.ts';
import type { HeldFrame } from './ingest/ports.ts';

/**
 * From a picture's candidates to what is reported: overlaps removed, carried back from the letterbox to source pixels,
 * clipped to the picture, rounded and in a fixed order. The class filter comes last, so that it only hides boxes: what
 * is found of one class does not depend on which others are wanted.
 */
export function detectionsIn(
  candidates: Candidates,
  groups: Int32Array,
  frame: HeldFrame,
  post: PostProcessing,
): Detection[] {
  return split(candidates, groups, frame, post, 0).detections;
}

/**
 * The same of candidates that go further down than `post.score`: those below it are `faint`. A box never hides one that
 * is more certain, so what is reported is exactly what `detectionsIn` finds without them.
 */
export function foundIn(
  candidates: Candidates,
  groups: Int32Array,
  frame: HeldFrame,
  post: PostProcessing,
): FoundBoxes {
  // As the decoder compares: a score of exactly the limit is in.
  return split(candidates, groups, frame, post, Math.fround(post.score));
}

function split(
  candidates: Candidates,
  groups: Int32Array,
  frame: HeldFrame,
  post: PostProcessing,
  limit: number,
): { detections: Detection[]; faint: Detection[] } {
  const wanted = post.classes === null ? null : new Set(post.classes);
  const detections: Detection[] = [];
  const faint: Detection[] = [];
  for (const candidate of suppressOverlaps(candidates, groups, post.iou)) {
    const classIndex = candidates.classes[candidate]!;
    if (wanted !== null && !wanted.has(classIndex)) continue;
    const box = sourceBox(candidates.boxes, candidate, frame);
    if (box === null) continue;
    const score = candidates.scores[candidate]!;
    (score >= limit ? detections : faint).push({ classIndex, score: round(score, 10_000), box });
  }
  return { detections: detections.sort(byPlace), faint: faint.sort(byPlace) };
}

/** Null where nothing is left inside the picture. */
function sourceBox(boxes: Float32Array, index: number, frame: HeldFrame): Box | null {
  const { scale, offsetX, offsetY, sourceWidth, sourceHeight } = frame;
  const edge = (side: number, offset: number, limit: number): number =>
    Math.min(limit, Math.max(0, (boxes[4 * index + side]! - offset) / scale));
  const left = edge(0, offsetX, sourceWidth);
  const top = edge(1, offsetY, sourceHeight);
  const width = round(edge(2, offsetX, sourceWidth) - left, 100);
  const height = round(edge(3, offsetY, sourceHeight) - top, 100);
  return width > 0 && height > 0 ? [round(left, 100), round(top, 100), width, height] : null;
}

const round = (value: number, parts: number): number => Math.round(value * parts) / parts;

/** Class, then x, y, width, height, and the better score first where even those are equal. */
function byPlace(a: Detection, b: Detection): number {
  if (a.classIndex !== b.classIndex) return a.classIndex - b.classIndex;
  for (let side = 0; side < 4; side++) {
    const difference = a.box[side]! - b.box[side]!;
    if (difference !== 0) return difference;
  }
  return b.score - a.score;
}
