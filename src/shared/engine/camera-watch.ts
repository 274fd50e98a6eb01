import type { PictureFigures } from '../domain/camera-health.ts';

/* How the engine looks after a camera, and what it sees of it. Part of `protocol.ts`. */

/** When a network camera counts as silent or frozen, and what was learnt of it in earlier connections. */
export interface CameraWatchSettings {
  /** It is given up after so long without a picture, or three of its own intervals where that is longer. */
  readonly silentMs: number;
  /** Exactly the same picture for so long is a frozen one (1.4 times as long where no keyframe came meanwhile). */
  readonly frozenMs: number;
  /** Between two of its pictures; null: not seen yet. */
  readonly intervalMs: number | null;
  /** Its pictures were seen to change: one that never did is not called frozen. */
  readonly changes: boolean;
}

export interface CameraHealth {
  /** Of its newest picture: it may change in the middle. */
  readonly width: number;
  readonly height: number;
  readonly frozen: boolean;
  readonly changes: boolean;
  /** How far its clock is ahead of this machine's, less the shortest transit; null: it has told no time. */
  readonly clockOffsetMs: number | null;
  readonly intervalMs: number | null;
}

/** Cheap figures of one of a camera's pictures. */
export interface MeasuredPicture {
  readonly capturedAtMs: number;
  readonly figures: PictureFigures;
}
