import type { Box } from './detection.ts';

/** A track worth reviewing: one person is one event, not 300 rows. */
export interface TrackEvent {
  readonly id: number;
  readonly cameraId: string;
  readonly cameraName: string;
  readonly label: string;
  readonly trackId: number;
  readonly startMs: number;
  /** Null while the track goes on. */
  readonly endMs: number | null;
  readonly bestMs: number;
  readonly bestScore: number;
  readonly bestBox: Box;
  readonly frames: number;
  readonly reviewed: boolean;
}

/** A detection of an archive item (a picture, or one frame of a video). */
export interface ArchiveDetection {
  /** `<source>-<recipe>-<frame>-<ordinal>`: stable over re-runs. */
  readonly id: string;
  readonly jobId: string;
  readonly path: string;
  readonly frame: number;
  /** Position in the video; 0 for a picture. */
  readonly timeMs: number;
  readonly label: string;
  readonly score: number;
  readonly box: Box;
  readonly sourceWidth: number;
  readonly sourceHeight: number;
}

export type ReviewEntry =
  | ({ readonly kind: 'event' } & TrackEvent & { readonly sourceWidth: number; readonly sourceHeight: number })
  | ({ readonly kind: 'detection' } & ArchiveDetection);
