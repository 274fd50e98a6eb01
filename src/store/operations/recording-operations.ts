import type { GapReason } from '../../shared/domain/recording.ts';

/** One recorded file. `endMs` null: it is being written, or was when everything ended. */
export interface StoredSegment {
  readonly id: number;
  readonly cameraId: string;
  /** Below the recordings folder, with forward slashes. */
  readonly file: string;
  readonly startMs: number;
  readonly endMs: number | null;
  readonly bytes: number;
  readonly codec: string | null;
  readonly state: 'open' | 'closed' | 'leaving';
}

/** Of a camera's closed segments; `recent` ones began after the moment asked for. */
export interface RecordedTotals {
  readonly cameraId: string;
  readonly bytes: number;
  readonly keptBytes: number;
  readonly oldestMs: number | null;
  readonly newestMs: number | null;
  readonly recentBytes: number;
  readonly recentFromMs: number | null;
}

/** The index of the footage. */
export interface RecordingOperations {
  /** A file that is being written from now on; a row that is there already stays. */
  'recordings.open': { in: { cameraId: string; file: string; startMs: number; codec: string | null }; out: void };
  /** Written to its end, repaired, or found on the disk without a row. */
  'recordings.close': {
    in: { cameraId: string; file: string; startMs: number; endMs: number; bytes: number };
    out: void;
  };
  /** Nothing of it could be played; the file is gone. */
  'recordings.drop': { in: { file: string }; out: void };
  /** What was being written or deleted when everything ended. */
  'recordings.unfinished': { in: void; out: readonly StoredSegment[] };
  /** Files that have a row, below a folder (`prefix` ends with a slash). */
  'recordings.filesIn': { in: { prefix: string }; out: readonly string[] };
  /** Closed ones that are not kept, oldest first; `cameraId` null: of all cameras. */
  'recordings.oldest': { in: { cameraId: string | null; limit: number }; out: readonly StoredSegment[] };
  /**
   * Deletion in an order that survives a crash: `leave`, which answers those that do (what was kept meanwhile stays),
   * unlink the files, `forget`, which notes why they are gone.
   */
  'recordings.leave': { in: { ids: readonly number[] }; out: readonly number[] };
  'recordings.forget': { in: { ids: readonly number[]; reason: GapReason }; out: void };
  /** Everything that touches [fromMs, toMs); gaps that go on have no end. */
  'recordings.range': {
    in: { cameraId: string; fromMs: number; toMs: number; limit: number };
    out: {
      segments: readonly StoredSegment[];
      gaps: readonly { fromMs: number; toMs: number | null; reason: GapReason }[];
      kept: readonly { fromMs: number; toMs: number }[];
    };
  };
  /** The same without its files: those that meet within `meetsMs` are one stretch; those being written have no end. */
  'recordings.stretches': {
    in: { cameraId: string; fromMs: number; toMs: number; meetsMs: number };
    out: {
      stretches: readonly { fromMs: number; toMs: number }[];
      open: readonly { file: string; startMs: number }[];
      gaps: readonly { fromMs: number; toMs: number | null; reason: GapReason }[];
      kept: readonly { fromMs: number; toMs: number }[];
    };
  };
  /**
   * The gap that goes on ends at the moment; null: footage begins, else another gap does. Before a camera's first one
   * it was `off`.
   */
  'recordings.gap': { in: { cameraId: string; atMs: number; reason: GapReason | null }; out: void };
  'recordings.kept': { in: { cameraId: string }; out: readonly { fromMs: number; toMs: number }[] };
  'recordings.setKept': {
    in: { cameraId: string; stretches: readonly { fromMs: number; toMs: number }[] };
    out: void;
  };
  /** For how many days footage of cameras stays that are gone from the list; those without days are left out. */
  'recordings.removedDays': { in: void; out: readonly { readonly cameraId: string; readonly keepDays: number }[] };
  /** Gaps that ended a month ago and before all footage of their camera, and all but its newest 20,000, become one. */
  'recordings.pruneGaps': { in: { nowMs: number }; out: void };
  'recordings.totals': { in: { sinceMs: number }; out: readonly RecordedTotals[] };
}
