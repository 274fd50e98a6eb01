import type { CameraStretch } from './camera.ts';
import type { TrackedDetection } from './detection.ts';
import type { RecordingGap } from './recording.ts';

/** [fromMs, toMs), epoch ms. */
export interface TimeStretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What there is of a camera in a stretch of time, in few enough pieces to be drawn. */
export interface CameraFootage {
  /** In order of time. Of more pieces than can be drawn, those with the shortest gaps between them are told as one. */
  readonly recorded: readonly TimeStretch[];
  /** What lies between, with its reasons, up to now. */
  readonly gaps: readonly RecordingGap[];
  /** Retention leaves these alone. */
  readonly kept: readonly TimeStretch[];
}

/** One camera on the time axis. */
export interface CameraLane extends CameraFootage {
  readonly cameraId: string;
  /** Boxes found, a number a bucket; buckets follow each other from the timeline's `fromMs` on. */
  readonly boxes: readonly number[];
  /** Sightings that began, a number a bucket. */
  readonly sightings: readonly number[];
  /** When it was live, frozen or offline. Between two stretches it was switched off, or nobody looked. */
  readonly states: readonly CameraStretch[];
}

/** What cameras saw, recorded and missed between two moments, epoch ms. */
export interface CameraTimeline {
  /** The asked time, widened to whole buckets. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucketMs: number;
  /** In the order in which they were asked for. */
  readonly cameras: readonly CameraLane[];
}

/** What was found in one frame of a camera: boxes in pixels of a picture of this size. */
export interface FoundFrame {
  readonly atMs: number;
  readonly width: number;
  readonly height: number;
  readonly detections: readonly TrackedDetection[];
}

/** Frames in which something was found, in order of time: all of them before `untilMs`, later ones were too many. */
export interface FoundFrames {
  readonly untilMs: number;
  readonly frames: readonly FoundFrame[];
}
