import type { FinalAnswer, PictureReview, PictureReviewCounts } from '../../shared/domain/picture-api.ts';

export interface StoredPictureReview extends PictureReview {
  readonly score: number | null;
  readonly classes: readonly string[] | null;
  /** Of the picture, inside the folder of reviews. */
  readonly file: string;
  readonly webhookUrl: string | null;
}

/** Pictures that programs sent in for review. */
export interface PictureReviewOperations {
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
}
