import type { TrackedDetection } from '../../shared/domain/detection.ts';

const trailPoints = 12;
type Point = readonly [number, number];

/** Where tracked objects have stood: the foot of each box, newest last. */
export class TrackTrails {
  readonly #keepMs: number;
  readonly #trails = new Map<number, { points: readonly Point[]; seenAtMs: number }>();
  #newestMs = -Infinity;

  /** @param keepMs after which an object that is not seen again has no trail any more. */
  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  add(detections: readonly TrackedDetection[], capturedAtMs: number): void {
    // Footage is played from an earlier moment: nothing has stood anywhere yet.
    if (capturedAtMs < this.#newestMs) this.#trails.clear();
    this.#newestMs = capturedAtMs;
    for (const { trackId, box } of detections) {
      if (trackId === null) continue;
      const points = this.#trails.get(trackId)?.points ?? [];
      const foot: Point = [box[0] + box[2] / 2, box[1] + box[3]];
      // A film that starts again or an engine that came back counts its tracks anew: nobody jumps that far.
      const last = points[points.length - 1];
      const isJump = last !== undefined && Math.hypot(foot[0] - last[0], foot[1] - last[1]) > box[3];
      this.#trails.set(trackId, {
        points: [...(isJump ? [] : points), foot].slice(-trailPoints),
        seenAtMs: capturedAtMs,
      });
    }
    for (const [id, trail] of this.#trails) if (capturedAtMs - trail.seenAtMs > this.#keepMs) this.#trails.delete(id);
  }

  /** What stands still has no trail. */
  of({ trackId, isStationary }: TrackedDetection): readonly Point[] {
    return trackId === null || isStationary ? [] : (this.#trails.get(trackId)?.points ?? []);
  }
}
