import type { Box } from '../../shared/domain/detection.ts';
import type { SavedTracks } from '../../shared/domain/saved-tracks.ts';
import type { CommitReceipt, SourceCommit } from './result-operations.ts';

export interface StoredEvent {
  readonly cameraId: string;
  readonly sourceId: number;
  readonly recipeId: number;
  readonly classIndex: number;
  readonly trackId: number;
  readonly startMs: number;
  readonly endMs: number | null;
  readonly bestMs: number;
  readonly bestScore: number;
  readonly bestBox: Box;
  readonly frames: number;
  readonly width: number;
  readonly height: number;
}

export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** Frames of a recorded camera that were not analysed, by their capture times (whole epoch ms). */
export interface ShedFrames {
  readonly sourceId: number;
  readonly recipeId: number;
  readonly frames: readonly number[];
  /** Of the pictures that are analysed live; null: none was yet. */
  readonly pixels: PixelSize | null;
}

/** What of a camera's tracks is kept from now on, in place of what was. */
export interface StoredTracks {
  readonly cameraId: string;
  readonly saved: SavedTracks;
}

/** What cameras see: results, tracks, events, and frames that were shed. */
export interface LiveOperations {
  /**
   * Live: rows and ranges of one flush, with the events they touch and the frames that were shed while the camera was
   * recorded, in one transaction. Answers the events' ids in order.
   */
  'live.commit': {
    in: {
      commits: readonly SourceCommit[];
      events: readonly StoredEvent[];
      tracks?: StoredTracks;
      shed?: ShedFrames;
    };
    out: CommitReceipt & { eventIds: readonly number[] };
  };
  /** What was last kept of a camera's tracks, and the greatest id that an event of it has; 0: none. */
  'live.tracks': { in: { cameraId: string }; out: { saved: SavedTracks | null; lastTrackId: number } };
  /** Closes events that a crash left open. */
  'events.closeOpen': { in: { endMs: number }; out: { count: number } };
  'events.mark': { in: { eventIds: readonly number[]; reviewed: boolean }; out: void };
  'events.get': { in: { id: number }; out: (StoredEvent & { id: number; cameraName: string }) | null };
}
