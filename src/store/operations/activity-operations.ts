import type { FoundFrames } from '../../shared/domain/camera-timeline.ts';

/** What was found over time, for timelines. */
export interface ActivityOperations {
  /**
   * Boxes of a camera by buckets from `fromMs` on, empty ones left out. Buckets of whole hours or minutes (with a `fromMs`
   * of whole ones) come from tallies, finer ones read every detection.
   */
  'activity.read': {
    in: { cameraId: string; fromMs: number; toMs: number; bucketMs: number };
    out: readonly (readonly [bucket: number, boxes: number])[];
  };
  /** Boxes of cameras in the minutes that the range touches. */
  'activity.count': { in: { cameraIds: readonly string[]; fromMs: number; toMs: number }; out: number };
  /** Events that began, by buckets from `fromMs` on, empty ones left out. */
  'activity.sightings': {
    in: { cameraIds: readonly string[]; fromMs: number; toMs: number; bucketMs: number };
    out: readonly { cameraId: string; bucket: number; count: number }[];
  };
  /**
   * Frames [fromMs, toMs) of a camera in which something was found, up to `limit` boxes. Their size is that of the last
   * sighting; `size` where there is none, and null where that is not known either: then nothing can be told.
   */
  'activity.frames': {
    in: {
      cameraId: string;
      fromMs: number;
      toMs: number;
      limit: number;
      size: { width: number; height: number } | null;
    };
    out: FoundFrames;
  };
}
