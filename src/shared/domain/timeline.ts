import type { LaneName, ShedStep } from './lanes.ts';

/** One call of the device as it was decided and as it went. */
export interface RunRecord {
  readonly seq: number;
  /** Executor: 0 unless there are several. */
  readonly slot: number;
  readonly lane: LaneName;
  readonly startedAtMs: number;
  /** From the decision to the answer; null while it runs. */
  readonly actualMs: number | null;
  readonly predictedMs: number;
  readonly batch: number;
  readonly places: number;
  /** Camera of the most urgent frame, or the job's name. */
  readonly subject: string;
  /** The longest wait among the frames it took, and what went on waiting beside it. */
  readonly waitedMs: number;
  readonly liveWaiting: number;
  readonly archiveWaiting: number;
  /** The decision in words: `archive chunk of 2, predicted 20 ms, fits 38 ms until Gate's next frame`. */
  readonly why: string;
}

/** What gave way, once for every step, camera and second. */
export interface ShedRecord {
  readonly atMs: number;
  readonly step: ShedStep;
  /** Null: the archive. */
  readonly camera: string | null;
  readonly frames: number;
  readonly why: string;
}

/** A stretch of the time axis, for when single runs would be too many to draw. */
export interface TimelineBucket {
  readonly fromMs: number;
  readonly toMs: number;
  /** Share of the stretch that the slot worked for each lane, 0..1. */
  readonly live: number;
  readonly archive: number;
  readonly runs: number;
  readonly largestLive: number;
  readonly largestArchive: number;
  readonly shed: number;
}

/** What the device did between two moments (epoch ms). */
export interface Timeline {
  readonly fromMs: number;
  readonly toMs: number;
  /** How far back single runs are kept. */
  readonly keptFromMs: number;
  readonly buckets: readonly TimelineBucket[];
  /** Null: more than was asked for; look at the buckets, or at less time. */
  readonly runs: readonly RunRecord[] | null;
  readonly shed: readonly ShedRecord[];
}
