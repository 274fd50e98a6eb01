/**
 * How many broken promises the archive may still answer for (`archive-debt.ts`), in frames. A frame that a camera without a
 * rhythm sends comes at any time, so a chunk beside it is always a gamble; how often the gamble is lost is measured. Every live
 * frame earns the archive a part of a miss, and so does every miss of the cameras' own: with it, they are to miss at most a tenth
 * more than without it, and one frame in a thousand.
 */
export interface AnswerBudget {
  /** Below 0: spent. Beside cameras without a rhythm the archive then has its floor and no more. */
  frames: number;
  earnedMonoMs: number | null;
  /**
   * What the tightest promise of an open camera leaves from the moment its frame is ready: its SLO, less the time from capture
   * to ticket. Infinite before it was looked at.
   */
  readyLeftMs: number;
}

/** A third less than is aimed at: frames that a chunk pushes out of their queue are told by a chance, and some are not told. */
const perFrame = 0.0007;
const perOwnMiss = 0.07;
/** Cameras that send little earn by time: what was lost is forgiven within the hour, whoever sends. */
const perMs = 1 / 2_000_000;
/** The first one is given; of what is not used, so much is kept; and no more is owed, however bad a minute was. */
const givenFrames = 1;
const mostFrames = 2;
const mostOwed = 2;

export const createAnswerBudget = (): AnswerBudget => ({
  frames: givenFrames,
  earnedMonoMs: null,
  readyLeftMs: Number.POSITIVE_INFINITY,
});

/** A live frame ended: `missed` its promise 0 or 1 times; `answerable`: the chance that without the archive it had not. */
export function settleFrame(budget: AnswerBudget, missed: number, answerable: number): void {
  const earned = perFrame + perOwnMiss * Math.max(0, missed - answerable);
  budget.frames = Math.max(-mostOwed, Math.min(mostFrames, budget.frames + earned - answerable));
}

/** To be called with every review. */
export function earnByTime(budget: AnswerBudget, nowMonoMs: number): void {
  const sinceMs = nowMonoMs - (budget.earnedMonoMs ?? nowMonoMs);
  budget.frames = Math.min(mostFrames, budget.frames + perMs * sinceMs);
  budget.earnedMonoMs = nowMonoMs;
}

export const isSpent = ({ frames }: AnswerBudget): boolean => frames < 0;
