import type { DropReason } from '../../shared/domain/camera.ts';
import type { ShedStep } from '../../shared/domain/lanes.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import type { LiveLane, LiveStream } from './live-lane.ts';
import { demandByRank, lightest, overloadedDemand, reviewEveryMs } from './shed-demand.ts';
import { createShedLedger, record, type ShedLedger } from './shed-ledger.ts';
import { createLosses, noteLosses, type Losses } from './shed-losses.ts';
import {
  archiveToFloor,
  calmReviews,
  easyAfterReviews,
  endOfDrops,
  stepDown,
  stepUp,
  weighBursts,
} from './shed-steps.ts';
import {
  answersLately,
  burstsRememberedMs,
  createStrain,
  heaviestMissing,
  noteRush,
  type Strain,
} from './shed-strain.ts';

/**
 * What gives way when cameras ask for more than there is, one step at a time and in this order: the archive goes to its
 * floor; frames in which nothing moves are skipped; the rate of the lightest cameras is halved, one after the other. What is
 * then still too much is pushed out of its camera's queue or given up when it would be late; those two always hold. Each
 * step waits for the effect of the one before, and is taken back only when what it holds back would fit as well.
 */
export interface Shedding extends Strain {
  readonly inForce: Record<ShedStep, boolean>;
  /** Frames given up by each step; the archive: how often it went to its floor. Since the engine came up. */
  readonly total: Record<ShedStep, number>;
  /** Cameras at half their rate, the one halved last at the end. */
  readonly halved: Halved[];
  readonly losses: Losses;
  reviewedMonoMs: number | null;
  quietMs: number;
  /** Share of the device that the frames taken in ask for; smoothed. */
  demand: number;
  /** The heaviest rank whose cameras broke their promises at the review before (no strain counts as the lightest). */
  strainedRank: number | null;
  /** Until when shares by weight stay, as bursts go over the head of heavier cameras. */
  byWeightUntilMonoMs: number;
  /** Reviews in a row without need of a step, and how many it takes to undo one: more when it was undone too early before. */
  calm: number;
  calmNeeded: number;
  undoneMonoMs: number;
  /** When a camera had its full rate again, and after how many calm reviews that is tried where it may be too much. */
  givenBackMonoMs: number;
  triedAfter: number;
  /** The step taken last: the next waits for its effect. */
  steppedMonoMs: number;
  readonly lastMonoMs: { 'oldest-out': number; 'early-drop': number };
  readonly ledger: ShedLedger;
}

export interface Halved {
  readonly stream: LiveStream;
  /** What all cameras asked for before: so much was too much. */
  readonly asked: number;
}

/** Cameras that are overloaded have more than this share of the device within any second. */
const busyShare = 0.7;
/** Fast up, slow down: a rush begins at once. */
const demandUp = 0.7;
const demandDown = 0.3;
/** A silence longer than this undoes everything. */
const mostReviews = 2_000;
/** Share of the picture that must have changed for a frame not to be quiet, and how many quiet ones in a row are left out. */
const quietMotion = 0.01;
const mostQuietInRow = 9;

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
  losses: createLosses(),
  reviewedMonoMs: null,
  ...createStrain(),
  quietMs: 0,
  demand: 0,
  strainedRank: null,
  byWeightUntilMonoMs: Number.NEGATIVE_INFINITY,
  calm: 0,
  calmNeeded: calmReviews,
  undoneMonoMs: Number.NEGATIVE_INFINITY,
  givenBackMonoMs: Number.NEGATIVE_INFINITY,
  triedAfter: easyAfterReviews,
  steppedMonoMs: Number.NEGATIVE_INFINITY,
  lastMonoMs: { 'oldest-out': Number.NEGATIVE_INFINITY, 'early-drop': Number.NEGATIVE_INFINITY },
  ledger: createShedLedger(),
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
      record(shedding.ledger, nowMonoMs, step, name, 0, `begins: ${whyOf[step]}`);
    }
  }
  record(shedding.ledger, nowMonoMs, step, name, 1, whyOf[step]);
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
      const { stream } = shedding.halved[last] as Halved;
      if (live.bySource.get(stream.camera.source) !== stream) shedding.halved.splice(last, 1);
    }
    if (shedding.halved.length === 0) shedding.inForce['rate-halved'] = false;
    const byRank = demandByRank(live, sinceMs);
    const asked = byRank[0] + byRank[1] + byRank[2];
    const reviews = Math.min(mostReviews, Math.floor(sinceMs / reviewEveryMs));
    const demandBefore = shedding.demand;
    const gain = asked > shedding.demand ? demandUp : 1 - (1 - demandDown) ** reviews;
    shedding.demand += (shedding.demand === 0 ? 1 : gain) * (asked - shedding.demand);
    noteLosses(shedding.losses, shedding, byRank, reviews);
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
    if (isOverloaded && lastingRank !== null) stepUp(shedding, view, lastingRank, byRank, sinceMs, nowMonoMs);
    else if (strainedRank !== null) weighBursts(shedding, live, strainedRank, nowMonoMs);
    if (!isOverloaded && !archiveAnswers) {
      // Nobody is heard of for long while nothing comes: that was calm too.
      for (let review = 0; review < reviews; review += 1) {
        shedding.calm += 1;
        if (shedding.calm >= shedding.calmNeeded) stepDown(shedding, sinceMs, nowMonoMs);
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

/** Deadlines rule again once no step that holds cameras back is in force; told from outside, where the lane is known. */
export function sheddingIsOver({ inForce, halved, byWeightUntilMonoMs }: Shedding, nowMonoMs: number): boolean {
  return (
    nowMonoMs >= byWeightUntilMonoMs && !inForce['archive-to-floor'] && !inForce['quiet-skipped'] && halved.length === 0
  );
}
