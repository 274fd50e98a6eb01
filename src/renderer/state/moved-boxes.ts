import type { TrackedDetection } from '../../shared/domain/detection.ts';

interface TimedDetections {
  readonly capturedAtMs: number;
  readonly detections: readonly TrackedDetection[];
}

/** Speeds are only believed between results that lie close together, and only for as long. */
const longestStepMs = 1_000;
/** A box that moved by more than this share of its height between two results has jumped, not walked. */
const largestStep = 0.75;

/**
 * Where the objects of `result` are at `atMs`, a moment after it: each tracked box moves on by the speed it had since
 * `before`. For pictures between two analysed ones, whose own boxes nobody knows; an analysed picture gets its own.
 */
export function movedBoxes(
  result: TimedDetections,
  before: TimedDetections | null,
  atMs: number,
): readonly TrackedDetection[] {
  const aheadMs = atMs - result.capturedAtMs;
  const stepMs = before === null ? 0 : result.capturedAtMs - before.capturedAtMs;
  if (before === null || aheadMs <= 0 || aheadMs > longestStepMs || stepMs <= 0 || stepMs > longestStepMs) {
    return result.detections;
  }
  return result.detections.map((detection) => {
    const { trackId, box } = detection;
    const old = trackId === null ? undefined : before.detections.find((other) => other.trackId === trackId)?.box;
    if (old === undefined) return detection;
    const dx = box[0] + box[2] / 2 - (old[0] + old[2] / 2);
    const dy = box[1] + box[3] / 2 - (old[1] + old[3] / 2);
    if (Math.hypot(dx, dy) > largestStep * box[3]) return detection;
    const share = aheadMs / stepMs;
    return { ...detection, box: [box[0] + dx * share, box[1] + dy * share, box[2], box[3]] as const };
  });
}
