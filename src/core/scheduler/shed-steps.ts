import { setFair, type LiveLane } from './live-lane.ts';
import { demandUpTo, lightest, nextToHalve, reviewEveryMs, shareOf, someTellMotion } from './shed-demand.ts';
import { record } from './shed-ledger.ts';
import { burstsRememberedMs } from './shed-strain.ts';
import type { Shedding, ShedView } from './shedding.ts';

/** A step shows what it does within this. */
const effectMs = 900;
/** Cameras are halved until what is left asks for no more than this. */
const wantedDemand = 0.95;
/** A step is undone only where the demand would then stay below this. */
const easyDemand = 0.85;
/** Demand is known to a few percent only: cameras that keep every promise this long have the device they need. */
const easyAfterReviews = 20;
export const calmReviews = 4;
const mostCalmReviews = 60;
const tooEarlyMs = 10_000;
const dropStepsLastMs = 2_000;

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
export function stepUp(shedding: Shedding, view: ShedView, strainedRank: number, nowMonoMs: number): void {
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
export function stepDown(shedding: Shedding, { costs }: ShedView, sinceMs: number, nowMonoMs: number): void {
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
    record(shedding.ledger, nowMonoMs, 'rate-halved', last.camera.name, 0, `its full rate again: ${facts(heldBack)}`);
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

/** The two steps that always hold end by themselves. */
export function endOfDrops(shedding: Shedding, nowMonoMs: number): void {
  for (const step of ['oldest-out', 'early-drop'] as const) {
    if (!shedding.inForce[step] || nowMonoMs - shedding.lastMonoMs[step] < dropStepsLastMs) continue;
    shedding.inForce[step] = false;
    record(shedding.ledger, nowMonoMs, step, null, 0, 'ends: none for 2 s');
  }
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;
