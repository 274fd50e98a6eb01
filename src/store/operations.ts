import type { Camera, CameraStretch } from '../shared/domain/camera.ts';
import type { HourProfile } from '../shared/domain/camera-health.ts';
import type { FoundFrames } from '../shared/domain/camera-timeline.ts';
import type { Box } from '../shared/domain/detection.ts';
import type { ReviewFilter, ReviewPage } from '../shared/contract/calls.ts';
import type { FailureKind, ItemFailure, ItemState, JobSpec, JobState } from '../shared/domain/job.ts';
import type { LadderCost, LaneName } from '../shared/domain/lanes.ts';
import type { RecipeSettings } from '../shared/domain/model.ts';
import type { FinalAnswer, PictureReview, PictureReviewCounts } from '../shared/domain/picture-api.ts';
import type { CoverageRow, ReportDetection, ReportRecord, ReportScope, ReportTotals } from '../shared/domain/report.ts';
import type { GapReason } from '../shared/domain/recording.ts';
import type { ScheduleRun, ScheduleSettings } from '../shared/domain/schedule.ts';
import type { SavedTracks } from '../shared/domain/saved-tracks.ts';
import type { Notice, NoticeLevel } from '../shared/domain/system.ts';
import type { ShedRecord } from '../shared/domain/timeline.ts';

/** A model and the settings it is run with: half of a result's key. The row id is stable for the pair of hashes. */
export interface Recipe {
  readonly modelId: string;
  readonly modelSha256: string;
  readonly settingsHash: string;
  readonly settings: RecipeSettings;
  /** Class index → label. */
  readonly labels: readonly string[];
}

/** Content (or a camera): the other half. `key` is `sha256:…` of the content or `camera:<id>`. */
export interface SourceIdentity {
  readonly key: string;
  readonly kind: 'picture' | 'video' | 'camera';
  readonly width: number | null;
  readonly height: number | null;
}

/** [from, to): frame numbers of an item; [from, to]: epoch ms of a camera. Sorted, disjoint, merged. */
export type FrameRange = readonly [from: number, to: number];

/** A camera's row. `sealedLogin`: what lets one into it, encrypted by the host; left out or null: nothing does. */
export interface StoredCamera extends Omit<Camera, 'login'> {
  readonly sealedLogin?: string | null;
}

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

export interface StoredSchedule {
  readonly id: string;
  readonly settings: ScheduleSettings;
  readonly createdAtMs: number;
  /** What was due up to then is dealt with. */
  readonly consideredMs: number;
}

export interface StoredScheduleRun extends ScheduleRun {
  /** The sentence with which its job was paused until `heldUntilMs`; null: it was not. */
  readonly heldReason: string | null;
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

export interface ResultRow {
  /** Frame k of an item. A camera's frames are known by their capture time, `timeMs`, alone. */
  readonly frame: number;
  /** Position in the video, or epoch ms for a camera. */
  readonly timeMs: number;
  /** Nothing had changed in it: the detections are those of an earlier frame. Left out: it was run. */
  readonly inherited?: boolean;
  readonly detections: readonly {
    readonly classIndex: number;
    readonly score: number;
    readonly box: Box;
    readonly trackId: number | null;
  }[];
}

/**
 * Frames of one source under one recipe that were looked at, with what was found, and the cursor that covers them:
 * always one transaction. Frames already covered are ignored (exactly-once results under at-least-once execution).
 */
export interface SourceCommit {
  readonly sourceId: number;
  readonly recipeId: number;
  readonly rows: readonly ResultRow[];
  /**
   * What `rows` cover; a row outside is refused as a bug. Rows without detections leave no row, only their range. A
   * camera that goes on without a gap names the range from its last frame to this one, so that its stretches join.
   */
  readonly looked: readonly FrameRange[];
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

export interface CommitReceipt {
  /** Frames and detections that were new: a repeated commit adds none. */
  readonly newFrames: number;
  readonly newDetections: number;
}

export interface StoredPictureReview extends PictureReview {
  readonly score: number | null;
  readonly classes: readonly string[] | null;
  /** Of the picture, inside the folder of reviews. */
  readonly file: string;
  readonly webhookUrl: string | null;
}

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

/** Shed frames of one camera that lie in one recorded file, and how they are to be analysed. */
export interface RepairPiece {
  readonly cameraId: string;
  readonly sourceId: number;
  readonly recipeId: number;
  readonly modelId: string;
  readonly settings: RecipeSettings;
  /** Below the recordings folder, with forward slashes. */
  readonly file: string;
  /** Epoch ms of the file's first picture. */
  readonly startMs: number;
  /** Of the pictures that were analysed live, which its boxes are in; null: none was. Footage may be of a larger stream. */
  readonly pixels: PixelSize | null;
  /** Capture times in ascending order. */
  readonly frames: readonly number[];
}

/** Shed frames of one camera in one state, by whole minutes [fromMs, toMs). */
export interface StoredRepairCount {
  readonly cameraId: string;
  readonly state: 'open' | 'repaired' | 'lost';
  /** Of lost ones. */
  readonly why: string;
  readonly frames: number;
  readonly boxes: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What of a camera's tracks is kept from now on, in place of what was. */
export interface StoredTracks {
  readonly cameraId: string;
  readonly saved: SavedTracks;
}

/** What the device did in one second. */
export interface LaneSecond {
  /** Seconds since 1970. */
  readonly atS: number;
  readonly liveMs: number;
  readonly archiveMs: number;
  readonly runs: number;
  readonly largestLive: number;
  readonly largestArchive: number;
  readonly shed: number;
}

/**
 * Every operation of the store. The client has one typed method a name; the worker one file a name under queries/.
 * All arguments and results are structured-cloneable. Failures are `storage`, `no-space` or `not-found` errors.
 */
export interface StoreOperations {
  'cameras.list': { in: void; out: readonly StoredCamera[] };
  'cameras.save': { in: StoredCamera; out: void };
  /**
   * At a start: of cameras that earlier versions removed only the name stays. Where something was overwritten (`rewritten`: by
   * the caller before), the log of changes is emptied into the database: what rows held before is in neither then.
   */
  'cameras.forgetOld': { in: { rewritten: boolean }; out: void };
  /** Results and events of the camera stay; the camera is gone from the list. */
  'cameras.remove': { in: { id: string }; out: void };
  /** Adds stretches; one that begins where a known one does takes its place. A camera's newest 5,000 are kept. */
  'cameras.states': { in: { stretches: readonly (CameraStretch & { cameraId: string })[] }; out: void };
  /** Those that touch [fromMs, toMs), in order of time. */
  'cameras.history': { in: { cameraId: string; fromMs: number; toMs: number }; out: readonly CameraStretch[] };
  /**
   * One that is there of that hour is replaced. Those of the week from the acceptance on are kept (one that began in the
   * hour before it counts to it), and of all others the newest five weeks.
   */
  'cameras.saveProfile': { in: { cameraId: string; profile: HourProfile }; out: void };
  /** Hours that begin in [fromMs, toMs), in order of time. */
  'cameras.profiles': { in: { cameraId: string; fromMs: number; toMs: number }; out: readonly HourProfile[] };
  /** What the camera shows from then on is what is normal. */
  'cameras.accept': { in: { cameraId: string; acceptedMs: number }; out: void };
  'cameras.accepted': { in: void; out: readonly { readonly cameraId: string; readonly acceptedMs: number }[] };

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

  'recipes.ensure': { in: Recipe; out: { recipeId: number } };
  'sources.ensure': { in: SourceIdentity; out: { sourceId: number } };

  /** Archive: rows, ranges and cursors of one flush in one transaction. */
  'results.commit': { in: { commits: readonly SourceCommit[]; items: readonly ItemProgress[] }; out: CommitReceipt };
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

  /**
   * Events first (newest first), then archive detections (newest content first, then frame, class, place). Content that
   * several files share appears once, under its newest file in the chosen jobs. Choosing only cameras hides the archive
   * and only jobs the cameras, unless `kind` says which. `minScore` counts in steps of 0.05, rounded down; detections
   * have no reviewed mark.
   */
  'review.list': { in: { filter: ReviewFilter; offset: number; limit: number }; out: ReviewPage };
  /** Where a still of an archive detection comes from. */
  'review.locate': {
    in: { id: string };
    out: { path: string; kind: 'picture' | 'video'; timeMs: number; box: Box; width: number; height: number } | null;
  };

  /** A scope is a job's items, a camera, both, or (with neither) everything. Camera frames count by whole minutes. */
  'report.totals': { in: ReportScope; out: ReportTotals };
  /** Items in order of path, then cameras in order of name. */
  'report.coverage': {
    in: { scope: ReportScope; offset: number; limit: number };
    out: { total: number; rows: readonly CoverageRow[] };
  };
  /** Pages in (source, frame, class, box) order; `after` is the last page's `next`, null at the start and at the end. */
  'report.rows': {
    in: { scope: ReportScope; after: string | null; limit: number };
    out: { rows: readonly ReportDetection[]; next: string | null };
  };
  'report.recipes': { in: ReportScope; out: readonly { model: string; modelSha256: string; settingsHash: string }[] };
  /** Cameras only: 24 numbers by hour of the day. With items in scope: 10 by tenth of each video and of the pictures. */
  'report.density': { in: ReportScope; out: readonly number[] };
  'reports.add': { in: Omit<ReportRecord, 'id'>; out: ReportRecord };
  'reports.list': { in: void; out: readonly ReportRecord[] };

  'costs.load': { in: { device: string; provider: string }; out: readonly (LadderCost & { modelSha256: string })[] };
  'costs.save': {
    in: { device: string; provider: string; costs: readonly (LadderCost & { modelSha256: string })[] };
    out: void;
  };
  /** All batch sizes of one model and input in one lane. */
  'costs.forget': {
    in: { device: string; provider: string; modelSha256: string; input: string; lane: LaneName };
    out: void;
  };

  /** Adds to the seconds that are there; what is older than a day is forgotten, of the shed records all but 50,000. */
  'timeline.add': { in: { seconds: readonly LaneSecond[]; shed: readonly ShedRecord[]; nowMs: number }; out: void };
  /** Seconds [fromS, toS) summed up by `perBucket` from `fromS` on, empty ones left out; the newest shed records. */
  'timeline.read': {
    in: { fromS: number; toS: number; perBucket: number; shedFromMs: number; shedToMs: number; mostShed: number };
    out: {
      buckets: readonly ({ bucket: number } & Omit<LaneSecond, 'atS'>)[];
      shed: readonly ShedRecord[];
    };
  };

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

  /**
   * The oldest frames that were shed live and lie in a closed file of one of these cameras, up to `limit` of that file;
   * null: there are none. `skipFiles`: those that are being looked at, or are left alone for a while.
   */
  'repairs.next': {
    in: { cameraIds: readonly string[]; skipFiles: readonly string[]; limit: number };
    out: RepairPiece | null;
  };
  /**
   * Results of shed frames, each under its capture time, with their mark in the ledger, in one transaction; and frames that
   * cannot be repaired. What is settled already stays as it is. Ranges that were looked at join over `joinsMs`.
   */
  'repairs.commit': {
    in: {
      commits: readonly SourceCommit[];
      lost: readonly { sourceId: number; recipeId: number; frames: readonly number[]; why: string }[];
      joinsMs: number;
      atMs: number;
    };
    out: CommitReceipt & { repaired: number };
  };
  /**
   * Marks open frames as lost: those older than `waitMs` that no file holds, of cameras that are not among these, and the
   * oldest of a camera beyond `mostOpen`. Forgets settled frames from before `forgetBeforeMs`; their counts stay.
   */
  'repairs.settle': {
    in: { cameraIds: readonly string[]; nowMs: number; waitMs: number; mostOpen: number; forgetBeforeMs: number };
    out: { marked: number; givenUp: number };
  };
  /** By whole minutes from `sinceMs` on; open frames count whenever they are from. */
  'repairs.counts': {
    in: { cameraIds: readonly string[]; sinceMs: number };
    out: readonly StoredRepairCount[];
  };

  'notices.add': { in: { atMs: number; level: NoticeLevel; topic: string; text: string }; out: Notice };
  /** Clears all open notices of the topic. */
  'notices.clear': { in: { topic: string; atMs: number }; out: void };
  'notices.dismiss': { in: { id: number; atMs: number }; out: void };
  /** Open ones first, newest first, at most 200. */
  'notices.list': { in: void; out: readonly Notice[] };

  /** Oldest first. */
  'schedules.list': { in: void; out: readonly StoredSchedule[] };
  'schedules.save': { in: StoredSchedule; out: void };
  /** With its runs; their jobs stay. */
  'schedules.remove': { in: { id: string }; out: void };
  /**
   * What was decided at one moment, in one transaction. A run that is known by its schedule and due time stays as it is:
   * `isNew` false. The newest 200 of a schedule are kept, and those that have not ended.
   */
  'schedules.decide': {
    in: { id: string; consideredMs: number; missed: StoredScheduleRun | null; run: StoredScheduleRun | null };
    out: { isNew: boolean };
  };
  /** What became of a run that is known. */
  'schedules.saveRun': { in: StoredScheduleRun; out: void };
  /** Newest first. */
  'schedules.runs': { in: { id: string; limit: number }; out: readonly StoredScheduleRun[] };
  /** Of all schedules: those that are starting, or whose job has not ended. */
  'schedules.openRuns': { in: void; out: readonly StoredScheduleRun[] };

  'settings.get': { in: { key: string }; out: string | null };
  'settings.set': { in: { key: string; value: string }; out: void };

  /** A picture that a program sent in for review, pending from now on. */
  'pictureReviews.add': {
    in: Omit<StoredPictureReview, 'state' | 'final' | 'changed' | 'reason' | 'webhook'>;
    out: void;
  };
  'pictureReviews.get': { in: { id: string }; out: StoredPictureReview | null };
  /** Oldest first: those without their last word, and those whose last word is not told yet. Both are bounded by whoever adds. */
  'pictureReviews.open': {
    in: void;
    out: { pending: readonly StoredPictureReview[]; due: readonly StoredPictureReview[] };
  };
  /** The last word, once; `final` null: it failed, for the `reason`. Counts it, and makes its webhook due if it has one. */
  'pictureReviews.settle': {
    in: { id: string; final: FinalAnswer | null; changed: boolean | null; reason: string | null };
    out: { isNew: boolean };
  };
  'pictureReviews.told': { in: { id: string; delivered: boolean }; out: void };
  /** Drops settled ones made before `beforeMs`, and all but the newest `keep`; never one whose webhook is due. */
  'pictureReviews.forget': { in: { beforeMs: number; keep: number }; out: { count: number } };
  'pictureReviews.counts': { in: void; out: PictureReviewCounts };

  'store.status': {
    in: void;
    out: { path: string; bytes: number; detections: number; schemaVersion: number; sqlite: string };
  };
}

export type OperationName = keyof StoreOperations;
export type StoreClient = {
  readonly call: <K extends OperationName>(
    name: K,
    input: StoreOperations[K]['in'],
  ) => Promise<StoreOperations[K]['out']>;
  /** Waits for what is under way, checkpoints the WAL, closes; resolves once the worker is gone. */
  readonly close: () => Promise<void>;
};
