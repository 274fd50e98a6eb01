import type { GapReason, SpaceThresholds } from '../domain/recording.ts';

/* What the engine writes, plays and copies of cameras' packets. Part of `protocol.ts`. */

/** Where and when a camera's packets are written. */
export interface RecordingOrder {
  /** Absolute; made where it is not there. The files lie below it, a folder a day. */
  readonly folder: string;
  readonly mode: 'events' | 'continuous';
  /** With less than half of what they keep free nothing is written. */
  readonly thresholds: SpaceThresholds;
}

/**
 * What becomes of a camera's recording. At every moment either one file is open or the last word was `stopped`.
 * `file` is relative to the order's folder, with forward slashes; times are epoch ms.
 */
export type RecordingNews =
  | { readonly kind: 'opened'; readonly file: string; readonly startMs: number; readonly codec: string }
  | {
      readonly kind: 'closed';
      readonly file: string;
      readonly startMs: number;
      readonly endMs: number;
      /** 0: nothing of it can be played, and it is gone. */
      readonly bytes: number;
    }
  | {
      readonly kind: 'stopped';
      readonly atMs: number;
      readonly reason: GapReason;
      /** The disk's or muxer's own words, where there are any. */
      readonly detail: string | null;
    }
  /** Told when it changes, at most once a second. `leftOut`: packets since the last time, because the disk was too slow. */
  | { readonly kind: 'load'; readonly waitingBytes: number; readonly leftOut: number };

/** A recorded file, absolute, and when it begins and ends (epoch ms). */
export interface RecordingPiece {
  readonly path: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** What a player shall do. */
export interface PlayCommand {
  /** Where to go, epoch ms; null: it stays where it is. */
  readonly atMs: number | null;
  readonly speed: number;
  readonly paused: boolean;
  /** One picture on or back, and paused there; 0: none. */
  readonly step: -1 | 0 | 1;
}

/** Where a player is. `gap`: there is no footage of this moment; `nextMs` is where the next begins, if any does. */
export interface PlayProgress {
  readonly state: 'playing' | 'paused' | 'gap';
  readonly atMs: number;
  readonly nextMs: number | null;
}

/** An export that takes longer than this is given up, and nothing of it stays. */
export const exportLimitMs = 15 * 60_000;

export interface ExportedRecording {
  /** What is in it, one after the other. */
  readonly ranges: readonly { readonly fromMs: number; readonly toMs: number }[];
  readonly durationMs: number;
}
