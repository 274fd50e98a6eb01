import { setFair, type LiveLane } from './live-lane.ts';
import { nextToHalve, reviewEveryMs, shareOf, someTellMotion } from './shed-demand.ts';
import { record } from './shed-ledger.ts';
import { isWorthTaking, spare } from './shed-losses.ts';
import { burstsRememberedMs } from './shed-strain.ts';
import type { Halved, Shedding, ShedView } from './shedding.ts';

/** A step shows what it does within this. */
const effectMs = 900;
/** Cameras are halved until what is left asks for no more than this. */
const wantedDemand = 0.95;
/** A step is undone only where the demand would then stay below this. */
const easyDemand = 0.85;
/** Demand is known to a few percent only: cameras that keep every promise this long have the device they need. */
export const easyAfterReviews = 20;
export const calmReviews = 4;
const mostCalmReviews = 60;
const tooEarlyMs = 10_000;
const dropStepsLastMs = 2_000;
/** Demand below this share of what it was. */
const clearlyLess = 0.9;
/** Trials wait for two minutes at most. */
const mostTriedAfter = 240;

/**
 * Cameras break their promises in bursts although they ask for less than there is. To hold frames back would only break more
 * of them: each that is left out is one that is missed, and between bursts it would have been kept. But heavier cameras need
 * not miss while lighter ones are served: shares by weight take the place of deadlines for as long as that goes on.
 */
export function weighBursts(shedding: Shedding, live: LiveLane, strainedRank: number, nowMonoMs: number): void {
  if (!live.isFair) {
    // Once may be a stall of the device.
    const again = nowMonoMs < shedding.byWeightUntilMonoMs;
    shedding.byWeightUntilMonoMs = nowMonoMs + burstsRememberedMs;
    let lightestRank = strainedRank;
    for (const { rank } of live.bySource.values()) lightestRank = Math.max(lightestRank, rank);
    if (again && lightestRank > strainedRank) setFair(live, true);
  } else shedding.byWeightUntilMonoMs = nowMonoMs + burstsRememberedMs;
}

/** The first step. */
export function archiveToFloor(shedding: Shedding, view: ShedView, nowMonoMs: number): void {
  const { inForce } = shedding;
  if (inForce['archive-to-floor']) return;
  if (nowMonoMs - shedding.undoneMonoMs < tooEarlyMs) {
    shedding.calmNeeded = Math.min(mostCalmReviews, 2 * shedding.calmNeeded);
  } else shedding.calmNeeded = calmReviews;
  inForce['archive-to-floor'] = true;
  shedding.total['archive-to-floor'] += 1;
  record(
    shedding.ledger,
    nowMonoMs,
    'archive-to-floor',
    null,
    0,
    `the archive goes to its floor: ${factsOf(shedding)}`,
  );
  if (view.archiveAboveFloor) shedding.steppedMonoMs = nowMonoMs;
}

const factsOf = ({ misses, demand }: Shedding): string =>
  `${misses[0] + misses[1] + misses[2]} frames broke their promise, cameras ask for ${percent(demand)} of the device`;

/** The next step for cameras of `strainedRank` or heavier, once the one before shows what it does. */
export function stepUp(
  shedding: Shedding,
  view: ShedView,
  strainedRank: number,
  byRank: [number, number, number],
  sinceMs: number,
  nowMonoMs: number,
): void {
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
    record(shedding.ledger, nowMonoMs, 'quiet-skipped', null, 0, `frames in which nothing moves are skipped: ${facts}`);
    shedding.steppedMonoMs = nowMonoMs;
  }
  if (shedding.steppedMonoMs === nowMonoMs) return;
  let asked = shedding.demand;
  const { losses } = shedding;
  for (let isFirst = true; ; isFirst = false) {
    const next = nextToHalve(view.live, strainedRank, byRank, losses, sinceMs);
    if (next === null) break;
    if (isFirst) noteTrial(shedding, nowMonoMs);
    const { stream, halfShare } = next;
    stream.isHalved = true;
    stream.leavesNextOut = false;
    shedding.halved.push({ stream, asked });
    inForce['rate-halved'] = true;
    asked -= halfShare;
    byRank[stream.rank as 0 | 1 | 2] -= halfShare;
    spare(losses, halfShare);
    record(
      shedding.ledger,
      nowMonoMs,
      'rate-halved',
      stream.camera.name,
      0,
      `its rate is halved from now on: ${facts}`,
    );
    shedding.steppedMonoMs = nowMonoMs;
    if (asked <= wantedDemand) break;
  }
  // Halving takes effect at once; the smoothed figure would go on halving for what is done already.
  shedding.demand = asked;
}

/** Takes the step back that was taken last, where what it holds back would fit. */
export function stepDown(shedding: Shedding, sinceMs: number, nowMonoMs: number): void {
  const { inForce, halved, demand } = shedding;
  const last = halved[halved.length - 1];
  // In bursts what is asked for says little: the device has time to spare, and what is held back does not help.
  const inBursts = nowMonoMs < shedding.burstsUntilMonoMs;
  const fits = (heldBack: number): boolean => inBursts || demand + heldBack < easyDemand;
  const facts = (heldBack: number): string =>
    `no need of it for ${(shedding.calm * reviewEveryMs) / 1000} s, ${percent(demand + heldBack)} of the device asked for`;
  if (last !== undefined) {
    const { stream } = last;
    const heldBack = shareOf(stream, stream.shed, sinceMs);
    const isTrial = !fits(heldBack);
    if (isTrial && !mayFit(shedding, last, heldBack)) return;
    halved.pop();
    stream.isHalved = false;
    inForce['rate-halved'] = halved.length > 0;
    shedding.givenBackMonoMs = nowMonoMs;
    record(shedding.ledger, nowMonoMs, 'rate-halved', stream.camera.name, 0, `its full rate again: ${facts(heldBack)}`);
    if (isTrial) {
      shedding.calm = 0;
      return;
    }
  } else if (inForce['quiet-skipped']) {
    const heldBack = shedding.quietMs / sinceMs;
    if (!fits(heldBack)) return;
    inForce['quiet-skipped'] = false;
    record(shedding.ledger, nowMonoMs, 'quiet-skipped', null, 0, `quiet frames are analysed again: ${facts(heldBack)}`);
  } else if (inForce['archive-to-floor']) {
    if (!fits(0) && shedding.calm < easyAfterReviews) return;
    inForce['archive-to-floor'] = false;
    shedding.undoneMonoMs = nowMonoMs;
    record(shedding.ledger, nowMonoMs, 'archive-to-floor', null, 0, `the archive has what is left again: ${facts(0)}`);
  } else return;
  // The next step back has to show first that this one holds.
  shedding.calm = Math.max(0, shedding.calmNeeded - 2);
}

/**
 * Whether the camera may have its rate back although it would not fit clearly: less would be asked for than when it was halved,
 * or all was calm for so long that it is worth a trial. A trial that breaks something has it halved again (`noteTrial`).
 */
function mayFit({ demand, losses, calm, triedAfter }: Shedding, { stream, asked }: Halved, heldBack: number): boolean {
  if (isWorthTaking(losses, stream.rank, heldBack)) return false;
  const wouldAsk = demand + heldBack;
  return wouldAsk < clearlyLess * asked || (calm >= triedAfter && wouldAsk < 1);
}

/** A camera is halved. Soon after one had its rate back, that was a trial that failed: the next one waits for twice as long. */
function noteTrial(shedding: Shedding, nowMonoMs: number): void {
  const hasFailed = nowMonoMs - shedding.givenBackMonoMs < tooEarlyMs;
  shedding.triedAfter = hasFailed ? Math.min(mostTriedAfter, 2 * shedding.triedAfter) : easyAfterReviews;
}

/** The two steps that always hold end by themselves. */
export function endOfDrops(shedding: Shedding, nowMonoMs: number): void {
  for (const step of ['oldest-out', 'early-drop'] as const) {
    if (!shedding.inForce[step] || nowMonoMs - shedding.lastMonoMs[step] < dropStepsLastMs) continue;
    shedding.inForce[step] = false;
    record(shedding.ledger, nowMonoMs, step, null, 0, 'ends: none for 2 s');
  }
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;
