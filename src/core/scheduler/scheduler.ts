import {
  defaultLaneSettings,
  shedSteps,
  type LaneName,
  type LaneSettings,
  type LanesSnapshot,
} from '../../shared/domain/lanes.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import { chunkLimit } from './archive-decision.ts';
import {
  answersForLate,
  answersForPushedOut,
  chunkRan,
  createArchiveDebt,
  liveIsIdle,
  liveRan,
  type ArchiveDebt,
} from './archive-debt.ts';
import * as archive from './archive-lane.ts';
import {
  adjustSlackShare,
  chargeFloor,
  createFloor,
  createSlackShare,
  floorCreditMs,
  recordGivenUp,
  recordPromise,
  type ArchiveFloor,
  type SlackShare,
} from './archive-share.ts';
import { choiceOf } from './batch-choice.ts';
import {
  coolDown,
  createCostModel,
  curveOf,
  exportCosts,
  kneeBatch,
  likelyAt,
  likelyMs,
  observeOn,
  observeRun,
  type CostCurve,
  type CostModel,
} from './cost-model.ts';
import { explainDecision, type Decision, type FrameDrop, type RunDecision } from './decision.ts';
import {
  createLaneRecord,
  laneStats,
  lastSecondShare,
  recordBatch,
  recordWait,
  type LaneRecord,
} from './lane-stats.ts';
import * as live from './live-lane.ts';
import { createRiskPrice, noteHeld, noteLiveFrame, noteLiveRun, reviewPrice, type RiskPrice } from './risk-price.ts';
import {
  createShedding,
  drainLedger,
  leftOut,
  noteAnswerable,
  noteResult,
  noteShed,
  reviewEveryMs,
  reviewShedding,
  sheddingIsOver,
  type ShedEntry,
  type Shedding,
} from './shedding.ts';
import { inputText, type WorkShape } from './work-shape.ts';

/**
 * Who runs next on one slot, and how many. All state of it is in this value; it changes only in the functions of this
 * file, which take the time and never read a clock. The owner works like this, after every change and at every `until`:
 *
 *     const decision = decide(scheduler, now);
 *     const batch = apply(scheduler, decision, now);   // also for 'wait' and 'idle': they carry drops
 *     discard decision.drops; send batch, or set the one timer to decision.untilMonoMs
 *
 * Every function that gives frames up answers them: the owner tells the engine to discard them and counts the reasons.
 */
export interface Scheduler {
  /** What the operator set; see `configure`. */
  settings: LaneSettings;
  readonly costs: CostModel;
  readonly live: live.LiveLane;
  readonly archive: archive.ArchiveLane;
  readonly floor: ArchiveFloor;
  readonly debt: ArchiveDebt;
  readonly slackShare: SlackShare;
  readonly risk: RiskPrice;
  readonly shedding: Shedding;
  running: RunningBatch | null;
  /** Since when the slot is free (meaningful while nothing runs), and when the latest run began. */
  freeSinceMonoMs: number;
  lastStartMonoMs: number;
  nextBatchId: number;
  records: Readonly<Record<LaneName, LaneRecord>>;
  /** The latest decision that said something new; for people. */
  latest: Decision | null;
}

/** A window below this would let the slot run dry between single frames. */
const leastArchiveWindow = 8;

/** What the slot is doing: the decision that was carried out. */
export type RunningBatch = RunDecision;

export function createScheduler(
  nowMonoMs: number,
  settings: LaneSettings = defaultLaneSettings,
  costs: CostModel = createCostModel(),
): Scheduler {
  return {
    settings,
    costs,
    live: live.createLiveLane(),
    archive: archive.createArchiveLane(),
    floor: createFloor(),
    debt: createArchiveDebt(),
    slackShare: createSlackShare(),
    risk: createRiskPrice(),
    shedding: createShedding(),
    running: null,
    freeSinceMonoMs: nowMonoMs,
    lastStartMonoMs: nowMonoMs,
    nextBatchId: 1,
    records: { live: createLaneRecord('live', nowMonoMs), archive: createLaneRecord('archive', nowMonoMs) },
    latest: null,
  };
}

/** The operator changed something: it holds from the next decision on. */
export function configure(scheduler: Scheduler, settings: LaneSettings): void {
  scheduler.settings = settings;
}

/**
 * A camera is (about to be) live: from now on the archive keeps out of its way. Call it again when its settings change;
 * frames that wait under the old ones are dropped.
 */
export function cameraOpened(scheduler: Scheduler, camera: live.CameraAdmission): FrameDrop[] {
  const { modelId, input } = camera.shape;
  const curve = curveOf(scheduler.costs, 'live', modelId, inputText(input));
  return countDrops(scheduler, live.openStream(scheduler.live, camera, curve), 0);
}

/** The camera is closed or away: nothing is reserved for it any more. */
export function cameraGone(scheduler: Scheduler, source: string): FrameDrop[] {
  return countDrops(scheduler, live.closeStream(scheduler.live, source), 0);
}

/**
 * Takes a live frame in. Answers what had to give way: an older frame of the camera, or this one if the camera is gone or
 * shedding leaves it out.
 */
export function admitLive(scheduler: Scheduler, ticket: Ticket, nowMonoMs: number): FrameDrop | null {
  const { live: lane, shedding } = scheduler;
  const stream = lane.bySource.get(ticket.source);
  if (stream === undefined) {
    const drop = live.dropOf(ticket, 'stopped');
    countDrop(scheduler, drop, nowMonoMs);
    return drop;
  }
  live.noteArrival(lane, stream, ticket.capturedMonoMs, silentUntil(scheduler, nowMonoMs), nowMonoMs);
  const reason = leftOut(shedding, stream, ticket);
  if (reason !== null) stream.shed += 1;
  const drop = reason === null ? live.admitFrame(lane, stream, ticket) : live.dropOf(ticket, reason);
  if (drop !== null) {
    const runMs = reason === null ? (likelyAt(scheduler.costs, stream.curve, 0) ?? 0) : 0;
    countDrop(scheduler, drop, nowMonoMs, reason === null ? answersForPushedOut(scheduler.debt, runMs) : 0);
  }
  return drop;
}

/** Puts the job into the archive lane, with more frames expected (`jobExpects`). */
export function jobOpened(scheduler: Scheduler, job: archive.JobAdmission): void {
  archive.openJob(scheduler.archive, job);
}

/** Whether frames of the job are still being decoded: if not, a chunk that is not full need not wait for company. */
export function jobExpects(scheduler: Scheduler, jobId: string, more: boolean): void {
  const job = scheduler.archive.byId.get(jobId);
  if (job !== undefined) job.more = more;
}

/** Takes an archive frame in. False: the job is gone, discard the frame. */
export function admitArchive(
  scheduler: Scheduler,
  jobId: string,
  ticket: Ticket,
  frame: archive.ArchiveFrame,
  nowMonoMs: number,
): boolean {
  settleFloor(scheduler, nowMonoMs);
  return archive.admitFrame(scheduler.archive, scheduler.costs, jobId, ticket, frame, nowMonoMs);
}

/** The job is paused, cancelled or at its end. Answers its waiting frames; a batch that runs goes on. */
export function jobGone(scheduler: Scheduler, jobId: string, nowMonoMs: number): Ticket[] {
  settleFloor(scheduler, nowMonoMs);
  return archive.closeJob(scheduler.archive, jobId);
}

/** One item of the job failed or was taken back: its waiting frames leave. */
export function itemGone(scheduler: Scheduler, jobId: string, source: string, nowMonoMs: number): Ticket[] {
  settleFloor(scheduler, nowMonoMs);
  const job = scheduler.archive.byId.get(jobId);
  return job === undefined ? [] : archive.removeFrames(scheduler.archive, job, (ticket) => ticket.source === source);
}

/** Tells how many archive frames ingest was allowed to hold decoded (the protocol's `archive-window`). */
export function archiveWindowSet(scheduler: Scheduler, frames: number): void {
  scheduler.archive.windowFrames = frames;
}

/**
 * How many archive frames ingest should hold decoded: two chunks of the size in use, so that the slot never waits for
 * decoding between chunks and memory stays bounded. The owner sends it as `archive-window` when it changes.
 */
export function wantedArchiveWindow(scheduler: Scheduler): number {
  let widest = 1;
  for (const job of scheduler.archive.jobs) {
    if (job.latest !== null) widest = Math.max(widest, chunkLimit(scheduler, job, job.latest) ?? 1);
  }
  return Math.max(leastArchiveWindow, 2 * widest);
}

/** Makes a decision of `decide` true. Answers the batch to send, or null. The decision must be of this very state. */
export function apply(scheduler: Scheduler, decision: Decision, nowMonoMs: number): RunningBatch | null {
  const { live: lane, archive: jobs } = scheduler;
  for (const drop of decision.drops) {
    const stream = lane.bySource.get(drop.source);
    const ticket = stream === undefined ? null : live.takeOldest(lane, stream, false);
    if (stream === undefined || ticket?.frameId !== drop.frameId)
      throw new Error(`frame ${drop.frameId} is not the oldest of ${drop.source}`);
    const runMs = likelyAt(scheduler.costs, stream.curve, 0) ?? 0;
    const [ready, deadline] = [live.readyMonoMs(stream, ticket), live.deadlineMonoMs(stream, ticket)];
    countDrop(scheduler, drop, nowMonoMs, answersForLate(scheduler.debt, ready, deadline, runMs, nowMonoMs));
  }
  // Only the archive asks when the next frames come.
  if (jobs.waiting > 0) live.rollExpected(lane, nowMonoMs);
  adjustSlackShare(scheduler.slackShare, nowMonoMs);
  settleFloor(scheduler, nowMonoMs);
  review(scheduler, nowMonoMs);
  if (jobs.waiting > 0 || scheduler.risk.heldSinceMonoMs !== null) {
    noteHeld(scheduler.risk, decision.reason.is === 'archive-held', nowMonoMs);
    reviewPrice(scheduler.risk, nowMonoMs);
  }
  if (decision.reason.is !== 'busy') scheduler.latest = decision;
  if (decision.kind !== 'run') return null;

  if (scheduler.running !== null) throw new Error(`the slot runs batch ${scheduler.running.batchId} already`);
  if (decision.batchId !== scheduler.nextBatchId)
    throw new Error(`batch ${decision.batchId} was decided on another state`);
  scheduler.nextBatchId += 1;
  if (decision.lane === 'live') {
    const { tickets, streamIds } = decision;
    for (let index = 0; index < tickets.length; index += 1) {
      const stream = lane.streams[streamIds[index] as number] as live.LiveStream;
      live.takeOldest(lane, stream, true);
      recordWait(scheduler.records.live, nowMonoMs - (tickets[index] as Ticket).capturedMonoMs, nowMonoMs);
    }
  } else {
    takeChunk(scheduler, decision, nowMonoMs);
  }
  scheduler.running = decision;
  scheduler.lastStartMonoMs = nowMonoMs;
  return decision;
}

function lastReadyMonoMs({ live: lane }: Scheduler, { tickets, streamIds }: RunningBatch): number {
  let last = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < tickets.length; index += 1) {
    const ticket = tickets[index] as Ticket;
    const stream = streamOf(lane, streamIds[index] as number, ticket);
    if (stream !== null) last = Math.max(last, live.readyMonoMs(stream, ticket));
  }
  return last;
}

/** Null: the camera was closed meanwhile, and its number may be another's. */
function streamOf(lane: live.LiveLane, id: number, { source }: Ticket): live.LiveStream | null {
  const stream = lane.streams[id];
  return stream !== null && stream !== undefined && stream.camera.source === source ? stream : null;
}

/** The batch is done after `slotMs` (from the message's arrival in the engine to the answer). Answers it. */
export function finished(scheduler: Scheduler, batchId: number, slotMs: number, nowMonoMs: number): RunningBatch {
  const batch = release(scheduler, batchId, nowMonoMs);
  const { startedMonoMs, places, tickets, streamIds } = batch;
  recordBatch(scheduler.records[batch.lane], tickets.length, places, startedMonoMs, nowMonoMs);
  if (batch.lane === 'archive') {
    observeRun(scheduler.costs, 'archive', batch.shape.costKey, tickets.length, slotMs);
    chargeFloor(scheduler.floor, scheduler.settings.archiveFloorShare, slotMs);
    chunkRan(scheduler.debt, nowMonoMs - startedMonoMs);
    return batch;
  }
  const { live: lane, costs } = scheduler;
  const head = streamOf(lane, streamIds[0] as number, tickets[0] as Ticket);
  // A camera that was closed meanwhile has left its curve, which it made when it was opened.
  const curve = head === null ? (costs.curves.live.get(batch.shape.costKey) as CostCurve) : head.curve;
  observeOn(costs, curve, tickets.length, slotMs);
  noteLiveRun(scheduler.risk, slotMs);
  const { debt } = scheduler;
  liveRan(debt, startedMonoMs - lastReadyMonoMs(scheduler, batch));
  for (let index = 0; index < tickets.length; index += 1) {
    const ticket = tickets[index] as Ticket;
    const stream = streamOf(lane, streamIds[index] as number, ticket);
    if (stream === null) continue;
    const deadline = live.deadlineMonoMs(stream, ticket);
    const tookMs = nowMonoMs - ticket.capturedMonoMs;
    const promisedMs = deadline - ticket.capturedMonoMs;
    recordPromise(scheduler.slackShare, tookMs / promisedMs, (tookMs - debt.ms) / promisedMs);
    const inTime = nowMonoMs <= deadline;
    noteResult(scheduler.shedding, stream.rank, inTime, inTime || nowMonoMs - debt.ms > deadline ? 0 : 1);
    const latencyMs = nowMonoMs - live.readyMonoMs(stream, ticket);
    noteLiveFrame(scheduler.risk, latencyMs, latencyMs - debt.ms);
  }
  if (lane.waiting === 0) liveIsIdle(debt);
  return batch;
}

/**
 * The call failed, the engine lives and still holds the frames. Live frames are given up (a retry would be late);
 * archive frames are the caller's: fail their items, or admit them again (`alone`, to find the culprit).
 */
export function runFailed(
  scheduler: Scheduler,
  batchId: number,
  nowMonoMs: number,
): { readonly batch: RunningBatch; readonly drops: readonly FrameDrop[] } {
  const batch = release(scheduler, batchId, nowMonoMs);
  const lost = batch.lane === 'live' ? batch.tickets.map((ticket) => live.dropOf(ticket, 'engine-lost')) : [];
  return { batch, drops: countDrops(scheduler, lost, nowMonoMs) };
}

/**
 * The engine process is gone with every frame it held. Cameras and jobs stay open; nothing is warmed any more. Answers
 * the live frames as drops, the batch that ran (its archive frames are suspects) and the archive frames to feed again.
 */
export function engineLost(
  scheduler: Scheduler,
  nowMonoMs: number,
): {
  readonly drops: readonly FrameDrop[];
  readonly running: RunningBatch | null;
  readonly archiveFrames: readonly Ticket[];
} {
  const { running } = scheduler;
  scheduler.running = null;
  scheduler.freeSinceMonoMs = nowMonoMs;
  settleFloor(scheduler, nowMonoMs);
  const drops = running?.lane === 'live' ? running.tickets.map((ticket) => live.dropOf(ticket, 'engine-lost')) : [];
  for (const stream of scheduler.live.bySource.values()) {
    drops.push(...live.dropAll(scheduler.live, stream, 'engine-lost'));
  }
  const archiveFrames: Ticket[] = [];
  for (const job of scheduler.archive.jobs) {
    archiveFrames.push(...archive.removeFrames(scheduler.archive, job, () => true));
    job.more = true;
  }
  coolDown(scheduler.costs);
  // The records count "since the engine came up".
  for (const step of shedSteps) scheduler.shedding.total[step] = 0;
  scheduler.records = { live: createLaneRecord('live', nowMonoMs), archive: createLaneRecord('archive', nowMonoMs) };
  return { drops: countDrops(scheduler, drops, nowMonoMs), running, archiveFrames };
}

/** What gave way since the last time it was asked, by step, camera and second; it is forgotten here. */
export function drainShed(scheduler: Scheduler): readonly ShedEntry[] {
  return drainLedger(scheduler.shedding);
}

export function lanesSnapshot(scheduler: Scheduler, nowMonoMs: number, atMs: number): LanesSnapshot {
  const { records, live: liveLane, archive: archiveLane, latest, settings, shedding, costs } = scheduler;
  const shape = archiveShape(scheduler);
  return {
    atMs,
    mode: settings.mode,
    settings,
    live: laneStats(records.live, liveLane.waiting, nowMonoMs),
    archive: laneStats(records.archive, archiveLane.waiting, nowMonoMs),
    slot: {
      live: lastSecondShare(records.live, nowMonoMs),
      archive: lastSecondShare(records.archive, nowMonoMs),
    },
    knee: shape === null ? null : kneeBatch(costs, 'archive', shape.costKey),
    costs: exportCosts(costs),
    why: latest === null ? '' : explainDecision(latest),
    choice: {
      live: choiceOf(costs, settings, 'live', liveShape(scheduler), liveLane.bySource.size > 0),
      archive: choiceOf(costs, settings, 'archive', shape, liveLane.bySource.size > 0),
    },
    shed: { ...shedding.total },
    shedding: shedSteps.filter((step) => shedding.inForce[step]),
    calibration: null,
    instances: { now: 1, why: '', changes: [] },
  };
}

/** How the live lane works now: as its busiest kind of frames. */
function liveShape({ live: { bySource } }: Scheduler): WorkShape | null {
  let busiest: live.LiveStream | null = null;
  for (const stream of bySource.values()) {
    if (busiest === null || stream.group.streams > busiest.group.streams) busiest = stream;
  }
  return busiest === null ? null : busiest.camera.shape;
}

/** How the archive works now: by what runs, or by what waits first. */
function archiveShape({ running, archive: lane }: Scheduler): WorkShape | null {
  if (running?.lane === 'archive') return running.shape;
  for (const job of lane.jobs) for (const { shape } of job.groups.values()) return shape;
  return null;
}

function takeChunk(scheduler: Scheduler, decision: Decision & { kind: 'run' }, nowMonoMs: number): void {
  const job = scheduler.archive.byId.get(decision.jobId ?? '');
  const first = decision.tickets[0] as Ticket;
  const group = [...(job?.groups.values() ?? [])].find((one) => archive.peekFrames(one, 1)[0] === first);
  if (job === undefined || group === undefined)
    throw new Error(`batch ${decision.batchId} was decided on another state`);
  const { batch, predictedMs } = decision;
  for (const admittedMonoMs of archive.takeFrames(scheduler.archive, job, group, batch, predictedMs, nowMonoMs)) {
    recordWait(scheduler.records.archive, nowMonoMs - admittedMonoMs, nowMonoMs);
  }
}

/** Tickets that were made during a run are heard of right after it. */
const heardAfterRunMs = 0.5;

/** The latest moment at which a ticket that is heard of now would have been heard of before. */
function silentUntil({ running, freeSinceMonoMs, lastStartMonoMs }: Scheduler, nowMonoMs: number): number {
  return running !== null || nowMonoMs - freeSinceMonoMs < heardAfterRunMs ? lastStartMonoMs : nowMonoMs;
}

function release(scheduler: Scheduler, batchId: number, nowMonoMs: number): RunningBatch {
  const { running } = scheduler;
  if (running?.batchId !== batchId) throw new Error(`batch ${batchId} is not the one that runs`);
  settleFloor(scheduler, nowMonoMs);
  scheduler.running = null;
  scheduler.freeSinceMonoMs = nowMonoMs;
  return running;
}

/** Credit is earned only over time in which archive frames waited: an idle archive saves nothing up. */
function settleFloor(scheduler: Scheduler, nowMonoMs: number): void {
  const { floor, settings } = scheduler;
  if (scheduler.archive.waiting === 0) {
    floor.settledMonoMs = nowMonoMs;
    return;
  }
  const shape = archiveShape(scheduler);
  const chunkMs = shape === null ? null : likelyMs(scheduler.costs, 'archive', shape.costKey, 1);
  if (chunkMs !== null) floor.creditMs = floorCreditMs(floor, settings.archiveFloorShare, chunkMs, nowMonoMs);
  floor.settledMonoMs = nowMonoMs;
}

function countDrops(scheduler: Scheduler, drops: FrameDrop[], nowMonoMs: number): FrameDrop[] {
  for (const drop of drops) countDrop(scheduler, drop, nowMonoMs);
  return drops;
}

/** `answerable`: the chance that the frame would have been run in time without the archive. */
function countDrop(scheduler: Scheduler, { reason, source }: FrameDrop, nowMonoMs: number, answerable = 0): void {
  scheduler.records.live.dropped += 1;
  noteShed(scheduler.shedding, reason, scheduler.live.bySource.get(source), source, nowMonoMs);
  if (answerable > 0) noteAnswerable(scheduler.shedding, answerable);
  // A camera that its owner closed broke no promise, and what was shed on purpose says nothing about the archive.
  if (reason === 'stopped' || reason === 'shed-quiet' || reason === 'shed-rate') return;
  recordGivenUp(scheduler.slackShare, answerable);
}

function review(scheduler: Scheduler, nowMonoMs: number): void {
  const { live: lane, archive: jobs, costs, shedding, settings, records } = scheduler;
  const { reviewedMonoMs } = shedding;
  if (reviewedMonoMs !== null && nowMonoMs - reviewedMonoMs < reviewEveryMs) return;
  const archiveAboveFloor =
    jobs.waiting > 0 && lastSecondShare(records.archive, nowMonoMs) > settings.archiveFloorShare + 0.01;
  reviewShedding(shedding, { live: lane, costs, archiveAboveFloor }, nowMonoMs);
  if (lane.isFair && sheddingIsOver(shedding, nowMonoMs)) live.setFair(lane, false);
}
