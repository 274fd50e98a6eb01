/** The archive's floor: a token bucket in milliseconds of slot time, filled only while archive frames wait. */
export interface ArchiveFloor {
  creditMs: number;
  settledMonoMs: number;
}

/** Not more than this many smallest chunks are saved up: a floor is no burst. */
const savedChunks = 4;

export const createFloor = (): ArchiveFloor => ({ creditMs: 0, settledMonoMs: 0 });

export function floorCreditMs(floor: ArchiveFloor, share: number, chunkMs: number, nowMonoMs: number): number {
  const earnedMs = share * Math.max(0, nowMonoMs - floor.settledMonoMs);
  return Math.min(savedChunks * chunkMs, floor.creditMs + earnedMs);
}

/**
 * Share of the smallest SLO that archive work may use up (beta). Additive increase, multiplicative decrease every two
 * seconds, as TCP does it: a guard for when the cost model is wrong, not a part of normal operation.
 */
export interface SlackShare {
  beta: number;
  sinceMonoMs: number | null;
  results: number;
  /** Results that took more than 90 % of their SLO, and frames that missed it. */
  close: number;
  missed: number;
}

export const createSlackShare = (): SlackShare => ({ beta: 0.25, sinceMonoMs: null, results: 0, close: 0, missed: 0 });

const adjustEveryMs = 2_000;

/** A live frame ended after `sloShare` of its SLO (infinite: it was dropped). */
export function recordPromise(share: SlackShare, sloShare: number): void {
  share.results += 1;
  if (sloShare > 0.9) share.close += 1;
  if (sloShare > 1) share.missed += 1;
}

export function adjustSlackShare(share: SlackShare, nowMonoMs: number): void {
  share.sinceMonoMs ??= nowMonoMs;
  if (nowMonoMs - share.sinceMonoMs < adjustEveryMs || share.results === 0) return;
  const strained = share.close > 0.05 * share.results || share.missed > 0.005 * share.results;
  share.beta = strained ? Math.max(0.05, share.beta * 0.7) : Math.min(0.5, share.beta + 0.01);
  share.sinceMonoMs = nowMonoMs;
  share.results = share.close = share.missed = 0;
}
