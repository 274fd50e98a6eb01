import { missBudget } from './camera-account.ts';

/** What the last reviews saw: results, broken promises, and whose fault they were. */
export interface Strain {
  /** Since the last review, by rank: results, and frames that broke their promise by lateness. */
  readonly results: [number, number, number];
  readonly misses: [number, number, number];
  /** Of the misses: those that the archive has to answer for (`archive-debt.ts`). */
  answerable: number;
  /** The same and all frames over the last seconds: older reviews count for less and less. */
  lately: { answerable: number; misses: number; frames: number };
  /** Reviews in a row in which cameras asked for more than there is, and until when that is taken for a mere burst at first. */
  rushReviews: number;
  burstsUntilMonoMs: number;
}

/** Cameras are strained when more frames than this share, and more than one, break their promise between two reviews. */
const strainedShare = 0.03;
/**
 * The archive goes to its floor when it has to answer for more frames than this share lately; or for half as many, where
 * cameras would have kept within their budget of misses without it. One smallest chunk in the way of a burst that nobody
 * could foresee is what strict mode allows, and costs about a frame in a hundred.
 */
const answerableShare = 0.02;
const leastAnswerable = 2;
/** "Lately" is about five seconds of reviews. */
const latelyDecay = 0.9;
/**
 * More than there is, but for fewer reviews than this, or with a device that has time to spare: a burst. After one, the next
 * rush is believed when it lasts longer.
 */
const rushReviews = 3;
export const burstsRememberedMs = 10_000;

export const createStrain = (): Strain => ({
  results: [0, 0, 0],
  misses: [0, 0, 0],
  answerable: 0,
  lately: { answerable: 0, misses: 0, frames: 0 },
  rushReviews: 0,
  burstsUntilMonoMs: Number.NEGATIVE_INFINITY,
});

/** The heaviest rank whose cameras break their promises: only cameras that are no heavier give way for it. */
export function heaviestMissing({ results, misses }: Strain): number | null {
  const missed = misses[0] + misses[1] + misses[2];
  if (missed < 2 || missed <= strainedShare * (results[0] + results[1] + results[2] + missed)) return null;
  for (const rank of [0, 1, 2] as const) {
    if (misses[rank] > strainedShare * (results[rank] + misses[rank])) return rank;
  }
  return null;
}

/**
 * Whether lately more frames than a few broke their promise that would have kept it without the archive. What cameras break
 * by coming all at once is no reason to hold it back: after the burst the device would stand idle, and nobody had gained.
 */
export function answersLately({ lately, answerable, results, misses }: Strain, reviews: number): boolean {
  const decay = latelyDecay ** reviews;
  const missed = misses[0] + misses[1] + misses[2];
  lately.answerable = decay * lately.answerable + answerable;
  lately.misses = decay * lately.misses + missed;
  lately.frames = decay * lately.frames + results[0] + results[1] + results[2] + missed;
  // What is over is over, however much it was.
  if (answerable === 0 || lately.answerable < leastAnswerable) return false;
  const budget = missBudget * lately.frames;
  const breaksIt = lately.misses > budget && lately.misses - lately.answerable <= budget;
  return lately.answerable > (breaksIt ? 0.5 : 1) * answerableShare * lately.frames;
}

/**
 * Whether what cameras ask for now is most likely a burst: more than there is, for a moment. The first one is taken for what it
 * may be, a rush. Holding cameras or the archive back after it is over helps nobody.
 */
export function noteRush(strain: Strain, isRush: boolean, reviews: number, nowMonoMs: number): boolean {
  if (isRush) strain.rushReviews += Math.max(1, reviews);
  else {
    if (strain.rushReviews > 0 && strain.rushReviews < rushReviews)
      strain.burstsUntilMonoMs = nowMonoMs + burstsRememberedMs;
    strain.rushReviews = 0;
  }
  return nowMonoMs < strain.burstsUntilMonoMs && strain.rushReviews < rushReviews;
}
