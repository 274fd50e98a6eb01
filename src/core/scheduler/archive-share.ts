import { createAnswerBudget, settleFrame, type AnswerBudget } from './answer-budget.ts';

/** The archive's floor: a token bucket in milliseconds of slot time, filled only while archive frames wait. */
export interface ArchiveFloor {
  /** Below 0: the archive had more than its floor lately, so that a burst of cameras need not give it any. */
  creditMs: number;
  settledMonoMs: number;
}

/** Not more than this many smallest chunks are saved up: a floor is no burst. */
const savedChunks = 4;
/**
 * What the archive had beyond its floor counts for so long: its share holds over any rush that is longer. And so far ahead the
 * floor may be given where it is in nobody's way.
 */
export const rememberedMs = 1_000;

export const createFloor = (): ArchiveFloor => ({ creditMs: 0, settledMonoMs: 0 });

export function floorCreditMs(floor: ArchiveFloor, share: number, chunkMs: number, nowMonoMs: number): number {
  const earnedMs = share * Math.max(0, nowMonoMs - floor.settledMonoMs);
  return Math.min(savedChunks * chunkMs, floor.creditMs + earnedMs);
}

/** The archive had the slot for `tookMs`, whatever the reason: the floor owes that much less. */
export function chargeFloor(floor: ArchiveFloor, share: number, tookMs: number): void {
  floor.creditMs = Math.max(-share * rememberedMs, floor.creditMs - tookMs);
}

/**
 * Share of the smallest SLO that archive work may use up (beta). Additive increase, multiplicative decrease every two
 * seconds, as TCP does it: a guard for when the cost model is wrong, not a part of normal operation. Only what the archive
 * has to answer for counts: promises that cameras break by themselves are not kept by holding chunks back.
 */
export interface SlackShare {
  beta: number;
  sinceMonoMs: number | null;
  /** What beta was not yet judged by, and how much of it was there at the last look. */
  results: number;
  lookedAt: number;
  /** Results that took more than 90 % of their SLO, and frames that missed it, and would not have without the archive. */
  close: number;
  missed: number;
  /** Turns in a row without strain. */
  calmTurns: number;
  /** Of single frames, for chunks beside cameras without a rhythm. */
  readonly answers: AnswerBudget;
}

export const createSlackShare = (): SlackShare => ({
  beta: 0.25,
  sinceMonoMs: null,
  results: 0,
  lookedAt: 0,
  close: 0,
  missed: 0,
  calmTurns: 0,
  answers: createAnswerBudget(),
});

const adjustEveryMs = 2_000;
/** As much as shedding lets the archive answer for. */
const missedShare = 0.02;
const closeShare = 0.05;
/**
 * One camera has ten results in two seconds, and one of ten is more than any of these shares. So one alone is never strain: it
 * counts on until there are enough results to tell.
 */
const leastClose = 2;
const enoughResults = 40;
/** What is given at a time; after a few turns without strain twice as much with each. What strain takes stays what it is. */
const leastRise = 0.01;
const mostRise = 0.08;
const calmUntilFaster = 3;

/** A live frame ended after `sloShare` of its SLO; without the archive, after `aloneShare`. `isStall`: see `ArchiveDebt`. */
export function recordPromise(share: SlackShare, sloShare: number, aloneShare: number, isStall = false): void {
  share.results += 1;
  if (sloShare > 0.9 && aloneShare <= 0.9) share.close += 1;
  const answerable = sloShare > 1 && aloneShare <= 1 ? 1 : 0;
  share.missed += answerable;
  if (isStall) settleFrame(share.answers, 0, 0);
  else settleFrame(share.answers, sloShare > 1 ? 1 : 0, answerable);
}

/** A live frame was given up; `answerable`: the chance that it would not have been without the archive. */
export function recordGivenUp(share: SlackShare, answerable: number, isStall = false): void {
  share.results += 1;
  share.close += answerable;
  share.missed += answerable;
  if (isStall) settleFrame(share.answers, 0, 0);
  else settleFrame(share.answers, 1, answerable);
}

export function adjustSlackShare(share: SlackShare, nowMonoMs: number): void {
  share.sinceMonoMs ??= nowMonoMs;
  if (nowMonoMs - share.sinceMonoMs < adjustEveryMs || share.results === share.lookedAt) return;
  const { close, missed, results } = share;
  const strained = close >= leastClose && (close > closeShare * results || missed > missedShare * results);
  share.calmTurns = strained ? 0 : share.calmTurns + 1;
  const rise = Math.min(mostRise, leastRise * 2 ** Math.max(0, share.calmTurns - calmUntilFaster));
  share.beta = strained ? Math.max(0.05, share.beta * 0.7) : Math.min(0.5, share.beta + rise);
  share.sinceMonoMs = nowMonoMs;
  if (strained || results >= enoughResults) share.results = share.close = share.missed = 0;
  share.lookedAt = share.results;
}
