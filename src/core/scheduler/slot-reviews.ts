import { earnByTime } from './answer-budget.ts';
import { adjustSlackShare, floorCreditMs } from './archive-share.ts';
import { likelyMs } from './cost-model.ts';
import { lastSecondShare } from './lane-stats.ts';
import { rollExpected, setFair, type LiveLane } from './live-lane.ts';
import { noteHeld, reviewPrice } from './risk-price.ts';
import type { Scheduler } from './scheduler.ts';
import { reviewEveryMs } from './shed-demand.ts';
import { reviewShedding, sheddingIsOver } from './shedding.ts';
import type { WorkShape } from './work-shape.ts';

/**
 * What goes by time: the archive's credit, its share of the slack and the price of its risk, and what gives way. To be called
 * with every decision; nearly all calls find that nothing is due. `isHeld`: archive frames wait for a camera.
 */
export function passTime(scheduler: Scheduler, isHeld: boolean, nowMonoMs: number): void {
  const { archive, live, risk, shedding } = scheduler;
  // Only the archive asks when the next frames come.
  if (archive.waiting > 0) rollExpected(live, nowMonoMs);
  adjustSlackShare(scheduler.slackShare, nowMonoMs);
  settleFloor(scheduler, nowMonoMs);
  const { reviewedMonoMs } = shedding;
  if (reviewedMonoMs === null || nowMonoMs - reviewedMonoMs >= reviewEveryMs) reviewCameras(scheduler, nowMonoMs);
  if (archive.waiting > 0 || risk.heldSinceMonoMs !== null) {
    noteHeld(risk, isHeld, nowMonoMs);
    reviewPrice(risk, nowMonoMs);
  }
}

/** Credit is earned only over time in which archive frames waited: an idle archive saves nothing up. */
export function settleFloor(scheduler: Scheduler, nowMonoMs: number): void {
  if (scheduler.archive.waiting > 0) earnCredit(scheduler, nowMonoMs);
  scheduler.floor.settledMonoMs = nowMonoMs;
}

function earnCredit(scheduler: Scheduler, nowMonoMs: number): void {
  const { floor, settings, costs } = scheduler;
  const shape = archiveShape(scheduler);
  const chunkMs = shape === null ? null : likelyMs(costs, 'archive', shape.costKey, 1);
  if (chunkMs !== null) floor.creditMs = floorCreditMs(floor, settings.archiveFloorShare, chunkMs, nowMonoMs);
}

/** How the archive works now: by what runs, or by what waits first. */
export function archiveShape({ running, archive }: Scheduler): WorkShape | null {
  if (running?.lane === 'archive') return running.shape;
  for (const job of archive.jobs) for (const { shape } of job.groups.values()) return shape;
  return null;
}

function reviewCameras(scheduler: Scheduler, nowMonoMs: number): void {
  const { live, archive, shedding, settings, records } = scheduler;
  const { answers } = scheduler.slackShare;
  earnByTime(answers, nowMonoMs);
  answers.readyLeftMs = readyLeftMs(live);
  const archiveAboveFloor =
    archive.waiting > 0 && lastSecondShare(records.archive, nowMonoMs) > settings.archiveFloorShare + 0.01;
  const liveShare = lastSecondShare(records.live, nowMonoMs) / (1 - settings.archiveFloorShare);
  reviewShedding(shedding, { live, archiveAboveFloor, liveShare }, nowMonoMs);
  if (live.isFair && sheddingIsOver(shedding, nowMonoMs)) setFair(live, false);
}

/** What the tightest promise leaves from the moment its frame is ready; infinite while no camera is open. */
function readyLeftMs({ bySource, forecasts }: LiveLane): number {
  let leastMs = Number.POSITIVE_INFINITY;
  for (const { id, sloMs } of bySource.values())
    leastMs = Math.min(leastMs, sloMs - Math.max(0, forecasts.lagsMs[id] as number));
  return leastMs;
}
