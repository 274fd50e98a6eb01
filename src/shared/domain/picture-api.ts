import type { Box } from './detection.ts';
import type { TierName } from './model.ts';

export interface LabelledDetection {
  readonly class: string;
  readonly score: number;
  readonly box: Box;
}

/** What `POST /v1/infer` answers. */
export interface PictureAnswer {
  /** Sorted by class, then x, y, width, height: what a scan of the same picture reports. */
  readonly detections: readonly LabelledDetection[];
  /** Of the picture, upright. */
  readonly width: number;
  readonly height: number;
  /** Pictures in the call that this one was part of. */
  readonly batch: number;
  /** From being let in to the start of the call, and the call itself. */
  readonly queuedMs: number;
  readonly runMs: number;
  readonly model: string;
  readonly tier: TierName;
}

export type PictureReviewState = 'pending' | 'final' | 'failed';

/** The last word on a picture. */
export interface FinalAnswer {
  readonly detections: readonly LabelledDetection[];
  readonly width: number;
  readonly height: number;
  readonly tier: TierName;
  readonly atMs: number;
}

/** One picture in hybrid use: answered at once by the fast tier, looked at again by the accurate one. */
export interface PictureReview {
  readonly id: string;
  readonly state: PictureReviewState;
  readonly createdAtMs: number;
  readonly model: string;
  readonly provisional: PictureAnswer;
  readonly final: FinalAnswer | null;
  /** Whether the two saw other classes; null until the last word is there. */
  readonly changed: boolean | null;
  /** Why it failed. */
  readonly reason: string | null;
  /** `none`: nobody asked to be told. */
  readonly webhook: 'none' | 'due' | 'delivered' | 'given-up';
}

/** Since this process started. `refused` were never let in; those let in are the others and those in work. */
export interface InferCounts {
  readonly answered: number;
  readonly refused: number;
  readonly late: number;
  /** Unusable pictures, and those that went away with the engine. */
  readonly failed: number;
  /** Pictures a call, over the answered ones. */
  readonly meanBatch: number | null;
}

/** Over the data folder's life, also those that are kept no more. */
export interface PictureReviewCounts {
  readonly pending: number;
  readonly final: number;
  /** Of the final ones: those whose classes differ from the provisional answer's. */
  readonly changed: number;
  readonly failed: number;
  readonly delivered: number;
  readonly givenUp: number;
}

/** What `GET /v1/stats` answers. */
export interface PictureStats {
  readonly infer: InferCounts;
  readonly review: PictureReviewCounts;
}
