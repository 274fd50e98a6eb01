import type { DropReason } from '../../shared/domain/camera.ts';
import { batchLadder, type ShedStep } from '../../shared/domain/lanes.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import { missBudget } from './camera-account.ts';
import { likelyAt, type CostCurve, type CostModel } from './cost-model.ts';
import { setFair, type LiveLane, type LiveStream } from './live-lane.ts';

/**
 * What gives way when cameras ask for more than there is, one step at a time and in this order: the archive goes to its
 * floor; frames in which nothing moves are skipped; the rate of the lightest cameras is halved, one after the other. What is
 * then still too much is pushed out of its camera's queue or given up when it would be late; those two always hold. Each
 * step waits for the effect of the one before, and is taken back only when what it holds back would fit as well.
 */
export interface Shedding {
  readonly inForce: Record<ShedStep, boolean>;
  /** Frames given up by each step; the archive: how often it went to its floor. Since the engine came up. */
  readonly total: Record<ShedStep, number>;
  /** Cameras at half their rate, the one halved last at the end. */
  readonly halved: LiveStream[];
  reviewedMonoMs: number | null;
  /** Since the last review, by rank: results, and frames that broke their promise by lateness. */
  readonly results: [number, number, number];
  readonly misses: [number, number, number];
  /** Of the misses: those that the archive has to answer for (`archive-debt.ts`). */
  answerable: number;
  /** The same and all frames over the last seconds: older reviews count for less and less. */
  lately: { answerable: number; misses: number; frames: number };
  quietMs: number;
  /** Share of the device that the frames taken in ask for; smoothed. */
  demand: number;
  /** The heaviest rank whose cameras broke their promises at the review before (no strain counts as the lightest). */
  strainedRank: number | null;
  /** Reviews in a row in which cameras asked for more than there is, and until when that is taken for a mere burst at first. */
  rushReviews: number;
  burstsUntilMonoMs: number;
  /** Until when shares by weight stay, as bursts go over the head of heavier cameras. */
  byWeightUntilMonoMs: number;
  /** Reviews in a row without need of a step, and how many it takes to undo one: more when it was undone too early before. */
  calm: number;
  calmNeeded: number;
  undoneMonoMs: number;
  /** The step taken last: the next waits for its effect. */
  steppedMonoMs: number;
  readonly lastMonoMs: { 'oldest-out': number; 'early-drop': number };
  /** Not drained yet; `latest` finds the entries of the second that is filling. */
  ledger: ShedEntry[];
  readonly latest: Map<string, ShedEntry>;
  /** Entries lost because nobody drained. */
  forgotten: number;
}

/** What gave way: once for every step, camera and second; or, with no frames, that a step began or ended. */
export interface ShedEntry {
  readonly monoMs: number;
  readonly step: ShedStep;
  /** The camera's name; null: the archive, or all cameras. */
  readonly camera: string | null;
  frames: number;
  why: string;
}

export const reviewEveryMs = 500;
/** A step shows what it does within this. */
const effectMs = 900;
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
/** Above this demand, lateness is a lack of device time; below it, it is the archive's doing or that of bursts. */
const overloadedDemand = 0.9;
/** Cameras are halved until what is left asks for no more than this. */
const wantedDemand = 0.95;
/**
 * More than there is, but for fewer reviews than this, or with a device that has time to spare: a burst. After one, the next
 * rush is believed when it lasts longer.
 */
const rushReviews = 3;
const burstsRememberedMs = 10_000;
/** Cameras that are overloaded have more than this share of the device within any second. */
const busyShare = 0.7;
/** A step is undone only where the demand would then stay below this. */
const easyDemand = 0.85;
/** Demand is known to a few percent only: cameras that keep every promise this long have the device they need. */
const easyAfterReviews = 20;
/** Fast up, slow down: a rush begins at once. */
const demandUp = 0.7;
const demandDown = 0.3;
const lightest = 2;
/** A silence longer than this undoes everything. */
const mostReviews = 2_000;
const calmReviews = 4;
const mostCalmReviews = 60;
const tooEarlyMs = 10_000;
/** Share of the picture that must have changed for a frame not to be quiet, and how many quiet ones in a row are left out. */
const quietMotion = 0.01;
const mostQuietInRow = 9;
const dropStepsLastMs = 2_000;
const mostEntries = 4_096;

const noSteps = <T>(value: T): Record<ShedStep, T> => ({
  'archive-to-floor': value,
  'quiet-skipped': value,
  'rate-halved': value,
  'oldest-out': value,
  'early-drop': value,
});

export const createShedding = (): Shedding => ({
  inForce: noSteps(false),
  total: noSteps(0),
  halved: [],
  reviewedMonoMs: null,
  results: [0, 0, 0],
  misses: [0, 0, 0],
  answerable: 0,
  lately: { answerable: 0, misses: 0, frames: 0 },
  quietMs: 0,
  demand: 0,
  strainedRank: null,
  rushReviews: 0,
  burstsUntilMonoMs: Number.NEGATIVE_INFINITY,
  byWeightUntilMonoMs: Number.NEGATIVE_INFINITY,
  calm: 0,
  calmNeeded: calmReviews,
  undoneMonoMs: Number.NEGATIVE_INFINITY,
  steppedMonoMs: Number.NEGATIVE_INFINITY,
  lastMonoMs: { 'oldest-out': Number.NEGATIVE_INFINITY, 'early-drop': Number.NEGATIVE_INFINITY },
  ledger: [],
  latest: new Map(),
  forgotten: 0,
});

const stepOf: Readonly<Partial<Record<DropReason, ShedStep>>> = {
  'queue-full': 'oldest-out',
  'too-late': 'early-drop',
  'shed-quiet': 'quiet-skipped',
  'shed-rate': 'rate-halved',
};
const whyOf: Readonly<Record<ShedStep, string>> = {
  'archive-to-floor': '',
  'quiet-skipped': 'nothing moved in it',
  'rate-halved': 'its rate is halved',
  'oldest-out': 'a newer frame of the camera pushed it out',
  'early-drop': 'its promise could not be kept any more',
};

/** A frame of the camera was given up. */
export function noteShed(
  shedding: Shedding,
  reason: DropReason,
  stream: LiveStream | undefined,
  source: string,
  nowMonoMs: number,
): void {
  const step = stepOf[reason];
  if (step === undefined) return;
  const name = stream?.camera.name ?? source;
  shedding.total[step] += 1;
  if (step === 'oldest-out' || step === 'early-drop') {
    if (stream !== undefined) shedding.misses[stream.rank as 0 | 1 | 2] += 1;
    shedding.lastMonoMs[step] = nowMonoMs;
    if (!shedding.inForce[step]) {
      shedding.inForce[step] = true;
      record(shedding, nowMonoMs, step, name, 0, `begins: ${whyOf[step]}`);
    }
  }
  record(shedding, nowMonoMs, step, name, 1, whyOf[step]);
}

/** A frame was analysed; `answerable`: 1 where it would have been in time without the archive, and was not. */
export function noteResult(shedding: Shedding, rank: number, inTime: boolean, answerable: number): void {
  shedding.results[rank as 0 | 1 | 2] += 1;
  if (!inTime) shedding.misses[rank as 0 | 1 | 2] += 1;
  shedding.answerable += answerable;
}

/** Of a frame that was given up: the chance that it would not have been without the archive. */
export function noteAnswerable(shedding: Shedding, answerable: number): void {
  shedding.answerable += answerable;
}

/** Whether a frame that comes now is left out, and why. Its camera's turn to leave one out moves on. */
export function leftOut(shedding: Shedding, stream: LiveStream, { motion }: Ticket): 'shed-quiet' | 'shed-rate' | null {
  if (motion !== null) stream.tellsMotion = true;
  if (shedding.inForce['quiet-skipped'] && stream.rank > 0 && motion !== null) {
    // Now and then one is looked at all the same: what stands still may change.
    stream.quietInRow = motion > quietMotion || stream.quietInRow >= mostQuietInRow ? 0 : stream.quietInRow + 1;
    if (stream.quietInRow > 0) {
      shedding.quietMs += (stream.curve.q50Ms[0] as number) || 0;
      return 'shed-quiet';
    }
  }
  if (!stream.isHalved) return null;
  stream.leavesNextOut = !stream.leavesNextOut;
  return stream.leavesNextOut ? null : 'shed-rate';
}

/** What the lanes looked like since the last review. */
export interface ShedView {
  readonly live: LiveLane;
  readonly costs: CostModel;
  /** The archive has more than its floor: to take that away may be enough. */
  readonly archiveAboveFloor: boolean;
  /** What live runs had of the last second, as a share of what the archive's floor leaves. */
  readonly liveShare: number;
}

/** To be called every `reviewEveryMs`. */
export function reviewShedding(shedding: Shedding, view: ShedView, nowMonoMs: number): void {
  const sinceMs = nowMonoMs - (shedding.reviewedMonoMs ?? nowMonoMs);
  const { live } = view;
  if (shedding.reviewedMonoMs !== null) {
    for (let last = shedding.halved.length - 1; last >= 0; last -= 1) {
      const { camera } = shedding.halved[last] as LiveStream;
      if (live.bySource.get(camera.source) !== shedding.halved[last]) shedding.halved.splice(last, 1);
    }
    if (shedding.halved.length === 0) shedding.inForce['rate-halved'] = false;
    const asked = demandOf(view, sinceMs);
    const reviews = Math.min(mostReviews, Math.floor(sinceMs / reviewEveryMs));
    const demandBefore = shedding.demand;
    const gain = asked > shedding.demand ? demandUp : 1 - (1 - demandDown) ** reviews;
    shedding.demand += (shedding.demand === 0 ? 1 : gain) * (asked - shedding.demand);
    const strainedRank = heaviestMissing(shedding);
    const isBusy = view.liveShare > busyShare;
    if (demandBefore >= overloadedDemand && !isBusy) shedding.burstsUntilMonoMs = nowMonoMs + burstsRememberedMs;
    const isBurst = noteRush(shedding, isBusy && asked >= overloadedDemand, reviews, nowMonoMs);
    const isOverloaded = strainedRank !== null && shedding.demand >= overloadedDemand && !isBurst;
    const archiveAnswers = answersLately(shedding, reviews);
    if (isOverloaded || archiveAnswers) {
      shedding.calm = 0;
      archiveToFloor(shedding, view, nowMonoMs);
    }
    // A stall of the device hits all cameras alike, once: heavier ones give way only for what lasts.
    const lastingRank = strainedRank === null ? null : Math.max(strainedRank, shedding.strainedRank ?? strainedRank);
    if (isOverloaded && lastingRank !== null) stepUp(shedding, view, lastingRank, nowMonoMs);
    else if (strainedRank !== null) weighBursts(shedding, live, strainedRank, nowMonoMs);
    if (!isOverloaded && !archiveAnswers) {
      // Nobody is heard of for long while nothing comes: that was calm too.
      for (let review = 0; review < reviews; review += 1) {
        shedding.calm += 1;
        if (shedding.calm >= shedding.calmNeeded) stepDown(shedding, view, sinceMs, nowMonoMs);
      }
    }
    shedding.strainedRank = strainedRank ?? lightest;
    endOfDrops(shedding, nowMonoMs);
  }
  for (const stream of live.bySource.values()) stream.heard = stream.shed = 0;
  shedding.results.fill(0);
  shedding.misses.fill(0);
  shedding.answerable = 0;
  shedding.quietMs = 0;
  shedding.reviewedMonoMs = nowMonoMs;
}

/** What gave way since the last time it was asked; it is forgotten here. */
export function drainLedger(shedding: Shedding): readonly ShedEntry[] {
  const drained = shedding.ledger;
  shedding.ledger = [];
  shedding.latest.clear();
  return drained;
}

/** The heaviest rank whose cameras break their promises: only cameras that are no heavier give way for it. */
function heaviestMissing({ results, misses }: Shedding): number | null {
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
function answersLately({ lately, answerable, results, misses }: Shedding, reviews: number): boolean {
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
function noteRush(shedding: Shedding, isRush: boolean, reviews: number, nowMonoMs: number): boolean {
  if (isRush) shedding.rushReviews += Math.max(1, reviews);
  else {
    if (shedding.rushReviews > 0 && shedding.rushReviews < rushReviews)
      shedding.burstsUntilMonoMs = nowMonoMs + burstsRememberedMs;
    shedding.rushReviews = 0;
  }
  return nowMonoMs < shedding.burstsUntilMonoMs && shedding.rushReviews < rushReviews;
}

/**
 * Cameras break their promises in bursts although they ask for less than there is. To hold frames back would only break more
 * of them: each that is left out is one that is missed, and between bursts it would have been kept. But heavier cameras need
 * not miss while lighter ones are served: shares by weight take the place of deadlines for as long as that goes on.
 */
function weighBursts(shedding: Shedding, live: LiveLane, strainedRank: number, nowMonoMs: number): void {
  if (!live.isFair) {
    // Once may be a stall of the device.
    const again = nowMonoMs < shedding.byWeightUntilMonoMs;
    shedding.byWeightUntilMonoMs = nowMonoMs + burstsRememberedMs;
    let lightestRank = strainedRank;
    for (const { rank } of live.bySource.values()) lightestRank = Math.max(lightestRank, rank);
    if (again && lightestRank > strainedRank) setFair(live, true);
  } else shedding.byWeightUntilMonoMs = nowMonoMs + burstsRememberedMs;
}

function archiveToFloor(shedding: Shedding, view: ShedView, nowMonoMs: number): void {
  const { inForce } = shedding;
  if (inForce['archive-to-floor']) return;
  if (nowMonoMs - shedding.undoneMonoMs < tooEarlyMs) {
    shedding.calmNeeded = Math.min(mostCalmReviews, 2 * shedding.calmNeeded);
  } else shedding.calmNeeded = calmReviews;
  inForce['archive-to-floor'] = true;
  shedding.total['archive-to-floor'] += 1;
  record(shedding, nowMonoMs, 'archive-to-floor', null, 0, `the archive goes to its floor: ${factsOf(shedding)}`);
  if (view.archiveAboveFloor) shedding.steppedMonoMs = nowMonoMs;
}

const factsOf = ({ misses, demand }: Shedding): string =>
  `${misses[0] + misses[1] + misses[2]} frames broke their promise, cameras ask for ${percent(demand)} of the device`;

function stepUp(shedding: Shedding, view: ShedView, strainedRank: number, nowMonoMs: number): void {
  if (nowMonoMs - shedding.steppedMonoMs < effectMs) return;
  const { inForce } = shedding;
  const facts = factsOf(shedding);
  if (!view.live.isFair) {
    setFair(view.live, true);
    // Who misses by deadline says nothing about who would by weight: that has to show first.
    shedding.steppedMonoMs = nowMonoMs;
  }
  if (!inForce['quiet-skipped'] && someTellMotion(view.live)) {
    inForce['quiet-skipped'] = true;
    record(shedding, nowMonoMs, 'quiet-skipped', null, 0, `frames in which nothing moves are skipped: ${facts}`);
    shedding.steppedMonoMs = nowMonoMs;
  }
  if (shedding.steppedMonoMs === nowMonoMs) return;
  let asked = shedding.demand;
  const upTo = demandUpTo(view);
  for (;;) {
    const stream = nextToHalve(view, strainedRank, upTo);
    if (stream === null) break;
    stream.isHalved = true;
    stream.leavesNextOut = false;
    shedding.halved.push(stream);
    inForce['rate-halved'] = true;
    const halfShare = shareOf(view.costs, stream, stream.heard - stream.shed, reviewEveryMs) / 2;
    asked -= halfShare;
    for (let rank = stream.rank; rank <= lightest; rank += 1) upTo[rank as 0 | 1 | 2] -= halfShare;
    record(shedding, nowMonoMs, 'rate-halved', stream.camera.name, 0, `its rate is halved from now on: ${facts}`);
    shedding.steppedMonoMs = nowMonoMs;
    if (asked <= wantedDemand) break;
  }
  // Halving takes effect at once; the smoothed figure would go on halving for what is done already.
  shedding.demand = asked;
}

function stepDown(shedding: Shedding, { costs }: ShedView, sinceMs: number, nowMonoMs: number): void {
  const { inForce, halved, demand } = shedding;
  const last = halved[halved.length - 1];
  // In bursts what is asked for says little: the device has time to spare, and what is held back does not help.
  const inBursts = nowMonoMs < shedding.burstsUntilMonoMs;
  const fits = (heldBack: number): boolean => inBursts || demand + heldBack < easyDemand;
  const facts = (heldBack: number): string =>
    `no need of it for ${(shedding.calm * reviewEveryMs) / 1000} s, ${percent(demand + heldBack)} of the device asked for`;
  if (last !== undefined) {
    const heldBack = shareOf(costs, last, last.shed, sinceMs);
    if (!fits(heldBack)) return;
    halved.pop();
    last.isHalved = false;
    inForce['rate-halved'] = halved.length > 0;
    record(shedding, nowMonoMs, 'rate-halved', last.camera.name, 0, `its full rate again: ${facts(heldBack)}`);
  } else if (inForce['quiet-skipped']) {
    const heldBack = shedding.quietMs / sinceMs;
    if (!fits(heldBack)) return;
    inForce['quiet-skipped'] = false;
    record(shedding, nowMonoMs, 'quiet-skipped', null, 0, `quiet frames are analysed again: ${facts(heldBack)}`);
  } else if (inForce['archive-to-floor']) {
    if (!fits(0) && shedding.calm < easyAfterReviews) return;
    inForce['archive-to-floor'] = false;
    shedding.undoneMonoMs = nowMonoMs;
    record(shedding, nowMonoMs, 'archive-to-floor', null, 0, `the archive has what is left again: ${facts(0)}`);
  } else return;
  // The next step back has to show first that this one holds.
  shedding.calm = Math.max(0, shedding.calmNeeded - 2);
}

/** Deadlines rule again once no step that holds cameras back is in force; told from outside, where the lane is known. */
export function sheddingIsOver({ inForce, halved, byWeightUntilMonoMs }: Shedding, nowMonoMs: number): boolean {
  return (
    nowMonoMs >= byWeightUntilMonoMs && !inForce['archive-to-floor'] && !inForce['quiet-skipped'] && halved.length === 0
  );
}

function endOfDrops(shedding: Shedding, nowMonoMs: number): void {
  for (const step of ['oldest-out', 'early-drop'] as const) {
    if (!shedding.inForce[step] || nowMonoMs - shedding.lastMonoMs[step] < dropStepsLastMs) continue;
    shedding.inForce[step] = false;
    record(shedding, nowMonoMs, step, null, 0, 'ends: none for 2 s');
  }
}

/** Share of the device that all frames taken in would fill, each in the cheapest batch. */
function demandOf({ live, costs }: ShedView, sinceMs: number): number {
  let share = 0;
  // Cameras of one model share a curve.
  let curve: CostCurve | null = null;
  let leastMs = 0;
  for (const stream of live.bySource.values()) {
    if (stream.curve !== curve) {
      curve = stream.curve;
      leastMs = leastFrameMs(costs, curve);
    }
    share += ((stream.heard - stream.shed) * leastMs) / sinceMs;
  }
  return share;
}

function shareOf(costs: CostModel, { curve }: LiveStream, frames: number, sinceMs: number): number {
  return frames === 0 ? 0 : (frames * leastFrameMs(costs, curve)) / sinceMs;
}

/** Of a frame in the cheapest batch; 0 while nothing is warmed. */
function leastFrameMs(costs: CostModel, curve: CostCurve): number {
  let leastMs = Number.POSITIVE_INFINITY;
  for (let index = 0; index < batchLadder.length; index += 1) {
    const runMs = likelyAt(costs, curve, index);
    if (runMs !== null) leastMs = Math.min(leastMs, runMs / (batchLadder[index] as number));
  }
  return leastMs === Number.POSITIVE_INFINITY ? 0 : leastMs;
}

function someTellMotion(live: LiveLane): boolean {
  for (const { tellsMotion, rank } of live.bySource.values()) if (tellsMotion && rank > 0) return true;
  return false;
}

/** By rank: what its cameras and all heavier ones ask for together. Lighter ones hardly take anything from them by weight. */
function demandUpTo({ live, costs }: ShedView): [number, number, number] {
  const upTo: [number, number, number] = [0, 0, 0];
  for (const stream of live.bySource.values()) {
    const share = shareOf(costs, stream, stream.heard - stream.shed, reviewEveryMs);
    for (let rank = stream.rank; rank <= lightest; rank += 1) upTo[rank as 0 | 1 | 2] += share;
  }
  return upTo;
}

/**
 * The lightest camera at full rate that is no heavier than those that miss, of equals the one that asks for most; and only
 * where it and its equals, with all heavier ones, ask for more than there is.
 */
function nextToHalve({ live, costs }: ShedView, strainedRank: number, upTo: readonly number[]): LiveStream | null {
  let next: LiveStream | null = null;
  let most = 0;
  for (const stream of live.bySource.values()) {
    if (stream.isHalved || stream.rank < strainedRank || (upTo[stream.rank] as number) < overloadedDemand) continue;
    const share = shareOf(costs, stream, stream.heard - stream.shed, reviewEveryMs);
    if (next !== null && (stream.rank < next.rank || (stream.rank === next.rank && share <= most))) continue;
    next = stream;
    most = share;
  }
  return next;
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

function record(
  shedding: Shedding,
  nowMonoMs: number,
  step: ShedStep,
  camera: string | null,
  frames: number,
  why: string,
): void {
  const key = `${step} ${camera ?? ''} ${Math.floor(nowMonoMs / 1000)}`;
  const known = frames === 0 ? undefined : shedding.latest.get(key);
  if (known !== undefined) {
    known.frames += frames;
    return;
  }
  if (shedding.ledger.length >= mostEntries) {
    shedding.ledger.splice(0, mostEntries / 2);
    shedding.latest.clear();
    shedding.forgotten += mostEntries / 2;
  }
  const entry = { monoMs: nowMonoMs, step, camera, frames, why };
  shedding.ledger.push(entry);
  if (frames === 0) return;
  if (shedding.latest.size >= mostEntries / 4) shedding.latest.clear();
  shedding.latest.set(key, entry);
}
