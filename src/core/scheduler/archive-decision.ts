import {
  groupSize,
  oldestMonoMs,
  peekFrames,
  pinnedBatch,
  type ArchiveFrame,
  type ArchiveJob,
  type FrameGroup,
} from './archive-lane.ts';
import { roomBesideCameras, roomFor, unlimitedRoom, type RoomBesideCameras } from './archive-room.ts';
import { floorCreditMs } from './archive-share.ts';
import { kneeBatch, largestWarmed, likelyMs, predictMs, smallestWarmed, widestBatch } from './cost-model.ts';
import type { Decision, DecisionReason, FrameDrop, RunDecision } from './decision.ts';
import type { Scheduler } from './scheduler.ts';
import { shortestWaitMs } from './timing.ts';

/** A chunk waits for company at most as long as it would run, and at most this long. */
const longestFillMs = 250;

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
  const room = scheduler.live.bySource.size === 0 ? null : roomBesideCameras(scheduler, nowMonoMs, heldMonoMs);
  let untilMonoMs = Number.POSITIVE_INFINITY;
  let reason: DecisionReason | null = null;
  for (const job of scheduler.archive.jobs) {
    let ready: (Prospect & { is: 'ready' }) | null = null;
    for (const group of job.groups.values()) {
      const prospect = prospectOf(scheduler, nowMonoMs, job, group, room);
      if (prospect.is === 'not-yet') {
        reason ??= prospect.reason;
        untilMonoMs = Math.min(untilMonoMs, prospect.untilMonoMs);
      } else if (ready === null || oldestMonoMs(group) < oldestMonoMs(ready.group)) ready = prospect;
    }
    if (ready === null) continue;
    const why: DecisionReason =
      room === null
        ? { is: 'archive-alone' }
        : { is: 'archive-fits', roomMs: ready.roomMs, camera: room.anyTime ? null : room.camera };
    return runChunk(scheduler, job, ready.group, ready.batch, ready.places, drops, why);
  }
  if (reason?.is === 'archive-held' && heldMonoMs === Number.POSITIVE_INFINITY) {
    const chunk = floorChunk(scheduler, nowMonoMs, drops);
    if (chunk !== null && chunk.dueInMs <= 0) return chunk.run;
    if (chunk !== null) untilMonoMs = Math.min(untilMonoMs, nowMonoMs + chunk.dueInMs);
  }
  const why = reason ?? ({ is: 'empty' } as const);
  if (untilMonoMs === Number.POSITIVE_INFINITY) return { kind: 'idle', drops, reason: why };
  return { kind: 'wait', untilMonoMs: Math.max(untilMonoMs, nowMonoMs + shortestWaitMs), drops, reason: why };
}

/**
 * The smallest chunk of the job whose turn it is, run on the archive's guaranteed share. `dueInMs` <= 0: it has the credit
 * now. Null: there is no floor, or nothing that could run.
 */
export function floorChunk(
  scheduler: Scheduler,
  nowMonoMs: number,
  drops: readonly FrameDrop[],
): { readonly run: RunDecision; readonly dueInMs: number; readonly owedChunks: number } | null {
  const { archive, costs, floor, settings } = scheduler;
  const share = settings.archiveFloorShare;
  if (share <= 0) return null;
  for (const job of archive.jobs) {
    let oldest: FrameGroup | null = null;
    for (const group of job.groups.values()) {
      if (predictMs(costs, 'archive', group.shape.costKey, 1) === null) continue;
      if (oldest === null || oldestMonoMs(group) < oldestMonoMs(oldest)) oldest = group;
    }
    if (oldest === null) continue;
    const run = runChunk(scheduler, job, oldest, 1, 1, drops, { is: 'archive-floor', share });
    // By its likely duration: the floor must also lead out of a prediction that only runs can correct.
    const costMs = likelyMs(costs, 'archive', oldest.shape.costKey, 1) ?? run.predictedMs;
    const creditMs = floorCreditMs(floor, share, costMs, nowMonoMs);
    return { run, dueInMs: (costMs - creditMs) / share, owedChunks: creditMs / costMs };
  }
  return null;
}

/** The largest chunk that the job would run of such frames; null until the lane has a warmed size 1 for them. */
export function chunkLimit(scheduler: Scheduler, job: ArchiveJob, { shape, alone }: ArchiveFrame): number | null {
  const { costs, live, settings } = scheduler;
  if (smallestWarmed(costs, 'archive', shape.costKey) !== 1) return null;
  if (alone === true) return 1;
  const pinned = job.pinned ?? pinnedBatch(settings.archiveBatch);
  if (pinned !== null) return pinned;
  const best = live.bySource.size === 0 ? widestBatch : kneeBatch;
  return best(costs, 'archive', shape.costKey);
}

function prospectOf(
  scheduler: Scheduler,
  nowMonoMs: number,
  job: ArchiveJob,
  group: FrameGroup,
  room: RoomBesideCameras | null,
): Prospect {
  const { archive, costs, freeSinceMonoMs } = scheduler;
  const { costKey, modelId } = group.shape;
  const limit = chunkLimit(scheduler, job, group);
  if (limit === null) {
    return { is: 'not-yet', untilMonoMs: Number.POSITIVE_INFINITY, reason: { is: 'not-warmed', modelId } };
  }
  const { smallestMs, largerMs } = room === null ? unlimitedRoom : roomFor(scheduler, group.shape, room);
  const places =
    largestWarmed(costs, 'archive', costKey, limit, largerMs) ??
    largestWarmed(costs, 'archive', costKey, 1, smallestMs);
  if (places === null) {
    const needMs = predictMs(costs, 'archive', costKey, 1) ?? 0;
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
  const fillMs = Math.min(longestFillMs, predictMs(costs, 'archive', costKey, places) ?? 0);
  const untilMonoMs = Math.max(oldestMonoMs(group), freeSinceMonoMs) + fillMs;
  // A full window means that no more is decoded before something runs.
  if (job.more && archive.waiting < archive.windowFrames && nowMonoMs < untilMonoMs) {
    return { is: 'not-yet', untilMonoMs, reason: { is: 'archive-filling', waiting, places } };
  }
  const batch = largestWarmed(costs, 'archive', costKey, waiting, Number.POSITIVE_INFINITY) ?? 1;
  return { is: 'ready', group, batch, places, roomMs };
}

function runChunk(
  scheduler: Scheduler,
  job: ArchiveJob,
  group: FrameGroup,
  batch: number,
  places: number,
  drops: readonly FrameDrop[],
  reason: DecisionReason,
): RunDecision {
  return {
    kind: 'run',
    batchId: scheduler.nextBatchId,
    lane: 'archive',
    shape: group.shape,
    jobId: job.admission.jobId,
    tickets: peekFrames(group, batch),
    batch,
    places,
    predictedMs: predictMs(scheduler.costs, 'archive', group.shape.costKey, batch) ?? 0,
    drops,
    reason,
  };
}
