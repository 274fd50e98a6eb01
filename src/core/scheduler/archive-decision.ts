import {
  groupSize,
  oldestMonoMs,
  peekFrames,
  pinnedBatch,
  type ArchiveFrame,
  type ArchiveJob,
  type FrameGroup,
} from './archive-lane.ts';
import { roomBesideCameras, roomFor, roomOn, unlimitedRoom, type RoomBesideCameras } from './archive-room.ts';
import { floorCreditMs, rememberedMs } from './archive-share.ts';
import {
  exactLadderIndex,
  fastestMs,
  kneeBatch,
  largestOn,
  likelyAt,
  predictAt,
  smallestWarmed,
  widestBatch,
} from './cost-model.ts';
import type { ArchiveRun, Decision, DecisionReason, FrameDrop } from './decision.ts';
import { deadlineMonoMs } from './live-lane.ts';
import type { Scheduler } from './scheduler.ts';
import { queueAt } from './ticket-queue.ts';
import { shortestWaitMs } from './timing.ts';

/** A chunk waits for company at most this long, and no longer than it would run unless its size was set by hand. */
const longestFillMs = 250;

/** A floor that is due but would break a critical promise is looked at again after this. */
const floorRetryMs = 5;
/** Nothing of the archive ran for this long: its predictions may be of a slow spell that is over. */
const relearnAfterMs = 2_000;
/** While live runs take longer than so many times their best, the spell is not over. */
const stillSlow = 1.5;

/** What can be said of one group of frames: a chunk that could run now, or what it is waiting for. */
type Prospect =
  | {
      readonly is: 'ready';
      readonly group: FrameGroup;
      readonly batch: number;
      readonly places: number;
      readonly roomMs: number;
    }
  | { readonly is: 'not-yet'; readonly untilMonoMs: number; readonly reason: DecisionReason };

/**
 * To be asked only while archive frames wait and no live frame can run before `heldMonoMs`: what runs until then must be
 * over by then. `drops` becomes part of the decision.
 */
export function decideArchive(
  scheduler: Scheduler,
  nowMonoMs: number,
  drops: readonly FrameDrop[],
  heldMonoMs = Number.POSITIVE_INFINITY,
): Decision {
  const { archive, shedding, settings } = scheduler;
  const room = scheduler.live.bySource.size === 0 ? null : roomBesideCameras(scheduler, nowMonoMs, heldMonoMs);
  let untilMonoMs = Number.POSITIVE_INFINITY;
  let reason: DecisionReason | null = null;
  let ready: (Prospect & { is: 'ready' }) | null = null;
  let readyJob: ArchiveJob | null = null;
  const isShed = room !== null && shedding.inForce['archive-to-floor'];
  const isOverdrawn = room?.isSpent === true;
  for (const job of archive.jobs) {
    if (isShed || isOverdrawn) break;
    // Whose turn it is: the first of those that have used least. Only it is looked at closely.
    if (readyJob !== null && job.usedMs >= readyJob.usedMs) continue;
    let own: (Prospect & { is: 'ready' }) | null = null;
    for (const group of job.groups.values()) {
      const prospect = prospectOf(scheduler, nowMonoMs, job, group, room);
      if (prospect.is === 'not-yet') {
        reason ??= prospect.reason;
        untilMonoMs = Math.min(untilMonoMs, prospect.untilMonoMs);
      } else if (own === null || oldestMonoMs(group) < oldestMonoMs(own.group)) own = prospect;
    }
    if (own !== null) [ready, readyJob] = [own, job];
  }
  if (ready !== null && readyJob !== null) {
    const why: DecisionReason =
      room === null
        ? { is: 'archive-alone' }
        : { is: 'archive-fits', roomMs: ready.roomMs, camera: room.anyTime ? null : room.camera };
    return runChunk(scheduler, nowMonoMs, readyJob, ready.group, ready.batch, ready.places, drops, why);
  }
  if (isShed) reason = { is: 'archive-shed', share: settings.archiveFloorShare };
  else if (isOverdrawn) reason = { is: 'archive-overdrawn', share: settings.archiveFloorShare };
  const isHeld = reason?.is === 'archive-held' || isShed || isOverdrawn;
  if (isHeld && room !== null && heldMonoMs === Number.POSITIVE_INFINITY) {
    const chunk = floorChunk(scheduler, nowMonoMs, drops);
    // Between bursts rather than in them.
    const aheadMs = chunk !== null && (isShed || isOverdrawn) && fits(scheduler, chunk.run, room) ? rememberedMs : 0;
    if (chunk !== null && chunk.dueInMs <= aheadMs && sparesCritical(scheduler, nowMonoMs, chunk.run.predictedMs))
      return chunk.run;
    if (chunk !== null)
      untilMonoMs = Math.min(untilMonoMs, nowMonoMs + Math.max(chunk.dueInMs - aheadMs, floorRetryMs));
    const relearn = isShed || isOverdrawn ? null : relearnChunk(scheduler, nowMonoMs, room, drops);
    if (relearn !== null) return relearn;
  }
  const why = reason ?? ({ is: 'empty' } as const);
  if (untilMonoMs === Number.POSITIVE_INFINITY) return { kind: 'idle', drops, reason: why };
  return { kind: 'wait', untilMonoMs: Math.max(untilMonoMs, nowMonoMs + shortestWaitMs), drops, reason: why };
}

function fits(scheduler: Scheduler, { shape, predictedMs }: ArchiveRun, room: RoomBesideCameras): boolean {
  return predictedMs <= roomFor(scheduler, shape, room).smallestMs;
}

/** Whether every critical camera keeps its promise when `chunkMs` are spent on the archive now. */
export function sparesCritical({ live, costs }: Scheduler, nowMonoMs: number, chunkMs: number): boolean {
  if (live.criticalSloMs === Number.POSITIVE_INFINITY) return true;
  let earliestMonoMs = Number.POSITIVE_INFINITY;
  let queuedMs = 0;
  for (const stream of live.bySource.values()) {
    if (stream.rank > 0) continue;
    const runMs = predictAt(costs, stream.curve, 0) ?? 0;
    queuedMs += Math.max(1, stream.waiting.size) * runMs;
    // One that may come in a moment, and those that wait.
    earliestMonoMs = Math.min(earliestMonoMs, nowMonoMs + stream.sloMs);
    const oldest = queueAt(stream.waiting, 0);
    if (oldest !== null) earliestMonoMs = Math.min(earliestMonoMs, deadlineMonoMs(stream, oldest));
  }
  return nowMonoMs + chunkMs + queuedMs <= earliestMonoMs;
}

/**
 * One smallest chunk although its prediction does not fit: nothing of the archive has run for long, the slowness it is
 * predicted from is not that of the live runs now, and at the pace it once had it would fit. Only a run can tell.
 */
function relearnChunk(
  scheduler: Scheduler,
  nowMonoMs: number,
  room: RoomBesideCameras,
  drops: readonly FrameDrop[],
): ArchiveRun | null {
  const { archive, costs, live } = scheduler;
  if (nowMonoMs - archive.movedMonoMs < relearnAfterMs) return null;
  for (const { curve } of live.bySource.values()) {
    const [likelyLiveMs, fastestLiveMs] = [likelyAt(costs, curve, 0), fastestMs(curve, 0)];
    if (likelyLiveMs === null || fastestLiveMs === null || likelyLiveMs > stillSlow * fastestLiveMs) return null;
  }
  for (const job of archive.jobs) {
    for (const group of job.groups.values()) {
      const bestMs = fastestMs(group.curve, 0);
      if (bestMs === null || predictAt(costs, group.curve, 0) === null) continue;
      const roomMs = roomOn(scheduler, group.curve, room).smallestMs;
      if (bestMs > roomMs) continue;
      return runChunk(scheduler, nowMonoMs, job, group, 1, 1, drops, { is: 'archive-relearn', roomMs });
    }
  }
  return null;
}

/**
 * The smallest chunk of the job whose turn it is, run on the archive's guaranteed share. `dueInMs` <= 0: it has the credit
 * now. Null: there is no floor, or nothing that could run.
 */
export function floorChunk(
  scheduler: Scheduler,
  nowMonoMs: number,
  drops: readonly FrameDrop[],
): { readonly run: ArchiveRun; readonly dueInMs: number; readonly owedChunks: number } | null {
  const { archive, costs, floor, settings, live, shedding } = scheduler;
  const share = settings.archiveFloorShare;
  if (share <= 0) return null;
  let next: FrameGroup | null = null;
  let nextJob: ArchiveJob | null = null;
  for (const job of archive.jobs) {
    if (nextJob !== null && job.usedMs >= nextJob.usedMs) continue;
    let oldest: FrameGroup | null = null;
    for (const group of job.groups.values()) {
      if (predictAt(costs, group.curve, 0) === null) continue;
      if (oldest === null || oldestMonoMs(group) < oldestMonoMs(oldest)) oldest = group;
    }
    if (oldest !== null) [next, nextJob] = [oldest, job];
  }
  if (next === null || nextJob === null) return null;
  const isShed = live.bySource.size > 0 && shedding.inForce['archive-to-floor'];
  const why: DecisionReason = isShed ? { is: 'archive-shed', share } : { is: 'archive-floor', share };
  const run = runChunk(scheduler, nowMonoMs, nextJob, next, 1, 1, drops, why);
  // By its likely duration: the floor must also lead out of a prediction that only runs can correct.
  const costMs = likelyAt(costs, next.curve, 0) ?? run.predictedMs;
  const creditMs = floorCreditMs(floor, share, costMs, nowMonoMs);
  return { run, dueInMs: (costMs - creditMs) / share, owedChunks: creditMs / costMs };
}

/** The largest chunk that the job would run of such frames; null until the lane has a warmed size 1 for them. */
export function chunkLimit(scheduler: Scheduler, job: ArchiveJob, { shape, alone }: ArchiveFrame): number | null {
  const { costs, live } = scheduler;
  if (smallestWarmed(costs, 'archive', shape.costKey) !== 1) return null;
  if (alone === true) return 1;
  const pinned = pinnedChunk(scheduler, job);
  if (pinned !== null) return pinned;
  const best = live.bySource.size === 0 ? widestBatch : kneeBatch;
  return best(costs, 'archive', shape.costKey);
}

const pinnedChunk = ({ settings }: Scheduler, job: ArchiveJob): number | null =>
  job.pinned ?? pinnedBatch(settings.archiveBatch);

function prospectOf(
  scheduler: Scheduler,
  nowMonoMs: number,
  job: ArchiveJob,
  group: FrameGroup,
  room: RoomBesideCameras | null,
): Prospect {
  const { archive, costs, freeSinceMonoMs } = scheduler;
  const { curve } = group;
  const { modelId } = group.shape;
  const limit = chunkLimit(scheduler, job, group);
  if (limit === null) {
    return { is: 'not-yet', untilMonoMs: Number.POSITIVE_INFINITY, reason: { is: 'not-warmed', modelId } };
  }
  const { smallestMs, largerMs } = room === null ? unlimitedRoom : roomOn(scheduler, curve, room);
  const places = largestOn(costs, curve, limit, largerMs) ?? largestOn(costs, curve, 1, smallestMs);
  if (places === null) {
    const needMs = predictAt(costs, curve, 0) ?? 0;
    const camera = room?.camera ?? null;
    return {
      is: 'not-yet',
      untilMonoMs: room?.reviseMonoMs ?? Number.POSITIVE_INFINITY,
      reason: { is: 'archive-held', needMs, roomMs: smallestMs, camera },
    };
  }
  const waiting = groupSize(group);
  const roomMs = places === 1 ? smallestMs : largerMs;
  if (waiting >= places) return { is: 'ready', group, batch: places, places, roomMs };
  // Where nobody else waits for the device, a size that was set by hand is worth the time that its pictures take to come.
  const isAskedFor = room === null && pinnedChunk(scheduler, job) !== null;
  const runMs = predictAt(costs, curve, exactLadderIndex(places)) ?? 0;
  const fillMs = isAskedFor ? longestFillMs : Math.min(longestFillMs, runMs);
  const untilMonoMs = Math.max(oldestMonoMs(group), freeSinceMonoMs) + fillMs;
  // A full window means that no more is decoded before something runs; each job has an equal share of it.
  const isFull = archive.waiting >= archive.windowFrames || job.waiting * archive.jobs.length >= archive.windowFrames;
  if (job.more && !isFull && nowMonoMs < untilMonoMs) {
    return { is: 'not-yet', untilMonoMs, reason: { is: 'archive-filling', waiting, places } };
  }
  const batch = largestOn(costs, curve, waiting, Number.POSITIVE_INFINITY) ?? 1;
  return { is: 'ready', group, batch, places, roomMs };
}

function runChunk(
  scheduler: Scheduler,
  nowMonoMs: number,
  job: ArchiveJob,
  group: FrameGroup,
  batch: number,
  places: number,
  drops: readonly FrameDrop[],
  reason: DecisionReason,
): ArchiveRun {
  const { costs, live, archive } = scheduler;
  return {
    kind: 'run',
    batchId: scheduler.nextBatchId,
    lane: 'archive',
    shape: group.shape,
    jobId: job.admission.jobId,
    tickets: peekFrames(group, batch),
    batch,
    places,
    predictedMs: predictAt(costs, group.curve, exactLadderIndex(batch)) ?? 0,
    startedMonoMs: nowMonoMs,
    subject: job.admission.name,
    waitedMs: nowMonoMs - oldestMonoMs(group),
    liveWaiting: live.waiting - drops.length,
    archiveWaiting: archive.waiting - batch,
    drops,
    reason,
  };
}
