import type { FailureKind, ItemFailure, ItemState, JobSpec, JobState } from '../../shared/domain/job.ts';
import type { SourceIdentity } from './result-operations.ts';

export interface StoredJob {
  readonly id: string;
  readonly name: string;
  readonly spec: JobSpec;
  readonly state: JobState;
  readonly reason: string | null;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  /** The run of a schedule that last started it; left out: none did. */
  readonly startKey?: string;
}

export interface FoundItem {
  readonly path: string;
  readonly kind: 'picture' | 'video';
  readonly size: number;
  readonly mtimeMs: number;
  /** What the list that names it calls it; null or left out: nothing does. */
  readonly listId?: string | null;
}

export interface StoredItem extends FoundItem {
  readonly id: number;
  readonly jobId: string;
  readonly state: ItemState;
  readonly sourceId: number | null;
  readonly recipeId: number | null;
  /** First frame that is not committed yet. */
  readonly cursor: number;
  /** Known once the item has been read to its end; estimated before (null = unknown). */
  readonly expectedFrames: number | null;
  readonly attempts: number;
  readonly failureKind: FailureKind | null;
  readonly failureReason: string | null;
}

export interface JobTotals {
  readonly total: number;
  /** Of them: pictures, each of one frame. */
  readonly pictures: number;
  readonly pending: number;
  readonly done: number;
  readonly failed: number;
  /** Committed frames and detections of the job's items under their recipes. */
  readonly frames: number;
  readonly detections: number;
  /** Σ expectedFrames where known, and the items whose length is not known. */
  readonly expectedFrames: number;
  readonly unknownItems: number;
}

export interface ItemProgress {
  readonly itemId: number;
  readonly cursor: number;
  /** Set when this commit ends the item. */
  readonly ended: {
    readonly state: ItemState;
    readonly failureKind: FailureKind | null;
    readonly failureReason: string | null;
  } | null;
  readonly expectedFrames: number | null;
}

/** Archive jobs and their items. */
export interface JobOperations {
  /** Newest first. */
  'jobs.list': { in: void; out: readonly StoredJob[] };
  'jobs.get': { in: { id: string }; out: StoredJob | null };
  'jobs.save': { in: StoredJob; out: void };
  'jobs.totals': { in: { id: string }; out: JobTotals };
  /**
   * Upserts one page of found files and stamps them with the enumeration `run` (a number that grows with each one).
   * Unchanged items (size, mtime) keep their state; changed ones, and missing ones that are back, go to pending at frame 0,
   * behind all others where they were not pending before: whoever goes through the ledger by ids meanwhile comes to them.
   * Items that this run has stamped already are left alone. `undone`: items that were done before. `otherIds`: places of
   * those that this run knew already under another id, which they keep; one without takes the id.
   */
  'items.found': {
    in: { jobId: string; run: number; items: readonly FoundItem[] };
    out: { undone: number; otherIds: readonly { readonly index: number; readonly id: string }[] };
  };
  /** After the last page: items that this `run` did not find are `missing` unless they were done. */
  'items.endFound': { in: { jobId: string; run: number }; out: { missing: number } };
  /** In path order of their ids; `afterId` 0 at first. */
  'items.page': {
    in: { jobId: string; states: readonly ItemState[]; afterId: number; limit: number };
    out: readonly StoredItem[];
  };
  /**
   * Ties an item to its content and recipe. Answers what is covered already: `complete` when every frame is known to be
   * looked at (the item is then done in this same transaction), else the cursor to go on from. `run`: as if that
   * enumeration had found it now, so that it does not change the item under whoever works on it.
   */
  'items.bind': {
    in: { itemId: number; source: SourceIdentity; recipeId: number; expectedFrames: number | null; run?: number };
    out: { sourceId: number; cursor: number; complete: boolean };
  };
  /** Counts an attempt; `pending` records a transient failure of an item that is tried again. */
  'items.fail': { in: { itemId: number; state: ItemState; kind: FailureKind; reason: string }; out: void };
  /** Failed, quarantined and missing items back to pending, with no attempts counted. */
  'items.retry': { in: { jobId: string }; out: { count: number } };
  'items.failures': {
    in: { jobId: string; offset: number; limit: number };
    out: { total: number; failures: readonly ItemFailure[] };
  };
}
