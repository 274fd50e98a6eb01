import { defaultLaneSettings, shedSteps, type LaneName, type LaneSettings } from '../../shared/domain/lanes.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import { answersForLate, answersForPushedOut, chunkRan, createArchiveDebt, type ArchiveDebt } from './archive-debt.ts';
import { chunkLimit } from './archive-decision.ts';
import * as archive from './archive-lane.ts';
import { chargeFloor, createFloor, createSlackShare, type ArchiveFloor, type SlackShare } from './archive-share.ts';
import { coolDown, createCostModel, curveOf, likelyAt, observeRun, type CostModel } from './cost-model.ts';
import type { ArchiveRun, Decision, FrameDrop, RunDecision } from './decision.ts';
import { countDrop, countDrops } from './given-up.ts';
import { createLaneRecord, recordBatch, recordWait, type LaneRecord } from './lane-stats.ts';
import * as live from './live-lane.ts';
import { liveRunEnded } from './live-run-end.ts';
import { streamAt, type LiveRun } from './live-run.ts';
import { createRiskPrice, type RiskPrice } from './risk-price.ts';
import { drainLedger, type ShedEntry } from './shed-ledger.ts';
import { createShedding, leftOut, type Shedding } from './shedding.ts';
import { passTime, settleFloor } from './slot-reviews.ts';
import { areMachines, noteRun } from './stalls.ts';
import { inputText } from './work-shape.ts';

export { lanesSnapshot } from './lanes-snapshot.ts';

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
  const stream = scheduler.live.bySource.get(ticket.source);
  return stream === undefined ? refused(scheduler, ticket, nowMonoMs) : admitTo(scheduler, stream, ticket, nowMonoMs);
}

function refused(scheduler: Scheduler, ticket: Ticket, nowMonoMs: number): FrameDrop {
  const drop = live.dropOf(ticket, 'stopped');
  countDrop(scheduler, drop, nowMonoMs);
  return drop;
}

/** The same for who has the ticket's camera at hand. */
export function admitTo(
  scheduler: Scheduler,
  stream: live.LiveStream,
  ticket: Ticket,
  nowMonoMs: number,
): FrameDrop | null {
  if (!stream.isOpen) return refused(scheduler, ticket, nowMonoMs);
  const { live: lane, shedding } = scheduler;
  live.noteArrival(lane, stream, live.hadMonoMs(ticket), silentUntil(scheduler, nowMonoMs), nowMonoMs);
  const reason = leftOut(shedding, stream, ticket);
  if (reason === null) {
    const drop = live.admitFrame(lane, stream, ticket);
    if (drop !== null) {
      const runMs = likelyAt(scheduler.costs, stream.curve, 0) ?? 0;
      countDrop(scheduler, drop, nowMonoMs, answersForPushedOut(scheduler.debt, runMs));
    }
    return drop;
  }
  stream.shed += 1;
  const drop = live.dropOf(ticket, reason);
  countDrop(scheduler, drop, nowMonoMs);
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
  if (decision.drops.length > 0) giveUp(scheduler, decision.drops, nowMonoMs);
  const isRun = decision.kind === 'run';
  passTime(scheduler, !isRun && decision.reason.is === 'archive-held', nowMonoMs);
  if (isRun || decision.reason.is !== 'busy') scheduler.latest = decision;
  if (!isRun) return null;

  if (scheduler.running !== null) throw new Error(`the slot runs batch ${scheduler.running.batchId} already`);
  if (decision.batchId !== scheduler.nextBatchId)
    throw new Error(`batch ${decision.batchId} was decided on another state`);
  scheduler.nextBatchId += 1;
  if (decision.lane === 'live') takeFrames(scheduler, decision, nowMonoMs);
  else takeChunk(scheduler, decision, nowMonoMs);
  scheduler.running = decision;
  scheduler.lastStartMonoMs = nowMonoMs;
  return decision;
}

/** Live frames that the decision gave up. */
function giveUp(scheduler: Scheduler, drops: readonly FrameDrop[], nowMonoMs: number): void {
  const { live: lane, costs, debt } = scheduler;
  for (const drop of drops) {
    const stream = lane.bySource.get(drop.source);
    const ticket = stream === undefined ? null : live.takeOldest(lane, stream, false);
    if (stream === undefined || ticket?.frameId !== drop.frameId)
      throw new Error(`frame ${drop.frameId} is not the oldest of ${drop.source}`);
    const runMs = likelyAt(costs, stream.curve, 0) ?? 0;
    const [ready, deadline] = [live.readyMonoMs(lane, stream, ticket), live.deadlineMonoMs(stream, ticket)];
    countDrop(scheduler, drop, nowMonoMs, answersForLate(debt, ready, deadline, runMs, nowMonoMs));
  }
}

function takeFrames({ live: lane, records }: Scheduler, run: LiveRun, nowMonoMs: number): void {
  const { tickets } = run;
  for (let index = 0; index < tickets.length; index += 1) {
    live.takeOldest(lane, streamAt(run, index), true);
    recordWait(records.live, nowMonoMs - live.hadMonoMs(tickets[index] as Ticket), nowMonoMs);
  }
}

function takeChunk(scheduler: Scheduler, decision: ArchiveRun, nowMonoMs: number): void {
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

/** The batch is done after `slotMs` (from the message's arrival in the engine to the answer). Answers it. */
export function finished(scheduler: Scheduler, batchId: number, slotMs: number, nowMonoMs: number): RunningBatch {
  const batch = release(scheduler, batchId, nowMonoMs);
  const tookMs = nowMonoMs - batch.startedMonoMs;
  const { debt } = scheduler;
  const hasStalled = noteRun(debt.stalls, batch.lane, tookMs, batch.predictedMs);
  if (batch.lane === 'live') {
    debt.isStall ||= hasStalled;
    liveRunEnded(scheduler, batch, slotMs, nowMonoMs);
    return batch;
  }
  const { shape, tickets, places, startedMonoMs } = batch;
  recordBatch(scheduler.records.archive, tickets.length, places, startedMonoMs, nowMonoMs);
  observeRun(scheduler.costs, 'archive', shape.costKey, tickets.length, slotMs);
  chargeFloor(scheduler.floor, scheduler.settings.archiveFloorShare, slotMs);
  chunkRan(debt, tookMs, batch.liveWaiting > 0, hasStalled && areMachines(debt.stalls));
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
  return drainLedger(scheduler.shedding.ledger);
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
