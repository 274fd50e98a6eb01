import type { PictureReview, PictureStats } from '../../shared/domain/picture-api.ts';
import type { Admission, PictureOptions, PictureOutcome, ReviewOptions } from './picture-request.ts';

export type ReviewOutcome =
  { readonly is: 'accepted'; readonly review: PictureReview } | Exclude<PictureOutcome, { readonly is: 'answered' }>;

/** Pictures from programs: what the gateway's `/v1` addresses are made of. */
export interface PictureApi {
  /** Null: the queue is full, or too long for the deadline. `bytes`: the most that the picture can have. */
  admit(bytes: number, deadlineMs: number): Admission | null;
  /** Throws for wrong options alone. */
  infer(admission: Admission, bytes: Uint8Array, options: PictureOptions): Promise<PictureOutcome>;
  /** Accepted means kept: the picture and its provisional answer are on the disk. Throws for wrong options alone. */
  review(admission: Admission, bytes: Uint8Array, options: ReviewOptions): Promise<ReviewOutcome>;
  /** Null: there is none of that id (any more). */
  findReview(id: string): Promise<PictureReview | null>;
  stats(): Promise<PictureStats>;
}
