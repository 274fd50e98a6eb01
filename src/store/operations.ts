import type { CameraOperations } from './operations/camera-operations.ts';
import type { JobOperations } from './operations/job-operations.ts';
import type { ResultOperations } from './operations/result-operations.ts';
import type { LiveOperations } from './operations/live-operations.ts';
import type { ReportOperations } from './operations/report-operations.ts';
import type { LaneOperations } from './operations/lane-operations.ts';
import type { ActivityOperations } from './operations/activity-operations.ts';
import type { RecordingOperations } from './operations/recording-operations.ts';
import type { RepairOperations } from './operations/repair-operations.ts';
import type { PictureReviewOperations } from './operations/picture-review-operations.ts';
import type { ScheduleOperations } from './operations/schedule-operations.ts';
import type { SystemOperations } from './operations/system-operations.ts';

export type { StoredCamera } from './operations/camera-operations.ts';
export type { StoredJob, FoundItem, StoredItem, JobTotals, ItemProgress } from './operations/job-operations.ts';
export type {
  Recipe,
  SourceIdentity,
  FrameRange,
  ResultRow,
  SourceCommit,
  CommitReceipt,
} from './operations/result-operations.ts';
export type { StoredEvent, PixelSize, ShedFrames, StoredTracks } from './operations/live-operations.ts';
export type { LaneSecond } from './operations/lane-operations.ts';
export type { StoredSegment, RecordedTotals } from './operations/recording-operations.ts';
export type { RepairPiece, StoredRepairCount } from './operations/repair-operations.ts';
export type { StoredPictureReview } from './operations/picture-review-operations.ts';
export type { StoredSchedule, StoredScheduleRun } from './operations/schedule-operations.ts';

/**
 * Every operation of the store. The client has one typed method a name; the worker one file a name under queries/.
 * All arguments and results are structured-cloneable. Failures are `storage`, `no-space` or `not-found` errors.
 */
export interface StoreOperations
  extends
    CameraOperations,
    JobOperations,
    ResultOperations,
    LiveOperations,
    ReportOperations,
    LaneOperations,
    ActivityOperations,
    RecordingOperations,
    RepairOperations,
    PictureReviewOperations,
    ScheduleOperations,
    SystemOperations {}

export type OperationName = keyof StoreOperations;
export type StoreClient = {
  readonly call: <K extends OperationName>(
    name: K,
    input: StoreOperations[K]['in'],
  ) => Promise<StoreOperations[K]['out']>;
  /** Waits for what is under way, checkpoints the WAL, closes; resolves once the worker is gone. */
  readonly close: () => Promise<void>;
};
