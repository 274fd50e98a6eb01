import type { EngineEnd } from '../../core/jobs/suspects.ts';
import type { Clock } from '../../core/ports.ts';
import { kneeBatch, likelyMs, predictMs } from '../../core/scheduler/cost-model.ts';
import { decide } from '../../core/scheduler/decide.ts';
import type { FrameDrop } from '../../core/scheduler/decision.ts';
import {
  admitArchive,
  admitLive,
  apply,
  archiveWindowSet,
  cameraGone,
  cameraOpened,
  configure,
  createScheduler,
  engineLost,
  finished,
  itemGone,
  jobExpects,
  jobGone,
  jobOpened,
  lanesSnapshot,
  runFailed,
  wantedArchiveWindow,
  type RunningBatch,
  type Scheduler,
} from '../../core/scheduler/scheduler.ts';
import type { WorkShape } from '../../core/scheduler/work-shape.ts';
import type { LaneName, LanesSnapshot, LadderCost, LaneSettings } from '../../shared/domain/lanes.ts';
import type { QueueStatus } from '../../shared/domain/system.ts';
import type { FromEngine, LostFrames, Ticket } from '../../shared/engine/protocol.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { PreparedWork } from '../models/work.ts';
import type { Log } from '../ports.ts';
import { admitWork, type OpeningCamera } from './admit-work.ts';
import { FittedShapes } from './fitted-shapes.ts';
import { FrameLedger } from './frame-ledger.ts';
import type { CameraLane, ItemLane } from './frame-owners.ts';
import type { FrameRun } from './frame-sink.ts';
import type { Contradiction } from './known-costs.ts';
import { LaneCosts } from './lane-costs.ts';
import { LaneJournal } from './lane-journal.ts';
import { laneQueues } from './lane-queues.ts';
import { SlotJournal } from './slot-journal.ts';
import { pinnedSize } from './wanted-sizes.ts';
import { calibrationWaits, collectsOnly, warmUpMayRun } from './warm-up-room.ts';
import { WarmUp } from './warm-up.ts';

export interface LaneHostOptions {
  /** Where every run is recorded; left out: one of its own. Several executors share one. */
  readonly journal?: LaneJournal;
  /** Number of the executor. */
  readonly slot?: number;
  /** A stored cost was contradicted by the first measure of this process. */
  readonly contradicted?: (contradiction: Contradiction) => void;
  /** A calibration is over; `failure`: why before its end, else null. */
  readonly calibrationEnded?: (modelId: string, failure: unknown) => void;
}

/** A run that cannot have been a slow one: the engine is taken for stuck. */
const callLimitMs = (predictedMs: number): number => Math.max(5_000, 10 * predictedMs);

/**
 * The owner of the scheduler: feeds it what the engine announces, carries out its decisions, and holds the only timer.
 * It decides nothing itself. Everything that happens to a frame is told to its sink exactly once.
 */
export class LaneHost {
  readonly #engine: EngineHost;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #scheduler: Scheduler;
  readonly #costs: LaneCosts;
  readonly #warmUp: WarmUp;
  readonly #shapes: FittedShapes;
  readonly #frames = new FrameLedger();
  readonly #slotJournal: SlotJournal;
  readonly journal: LaneJournal;
  /** Sizes that open jobs asked for by name. */
  readonly #jobPins = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #recycle = false;
  #closed = false;
  #warmedLast = false;
  /** Live frames given up, over all engines. */
  #liveDrops = 0;

  constructor(engine: EngineHost, clock: Clock, log: Log, options: LaneHostOptions = {}) {
    this.journal = options.journal ?? new LaneJournal();
    this.#engine = engine;
    this.#clock = clock;
    this.#log = log;
    const scheduler = createScheduler(clock.monoMs());
    this.#scheduler = scheduler;
    this.#costs = new LaneCosts(scheduler.costs, log, options.contradicted);
    this.#slotJournal = new SlotJournal(this.journal, options.slot ?? 0, scheduler, clock);
    this.#fitArchiveWindow();
    const pinned = (lane: LaneName): number => pinnedSize(scheduler, lane, this.#jobPins.values());
    this.#warmUp = new WarmUp({
      engine,
      log,
      camerasOn: () => scheduler.live.bySource.size > 0,
      mayRun: (lane, batch, expectedMs) => warmUpMayRun(scheduler, lane, batch, expectedMs),
      mayCalibrate: (step, expectedMs, isLoaded) =>
        calibrationWaits(scheduler, step, expectedMs, isLoaded, clock.monoMs()),
      hasMemoryToDouble: () => engine.hasMemoryToDouble,
      runMs: (shape, lane, batch) => likelyMs(scheduler.costs, lane, shape.costKey, batch),
      pinned,
      began: (step, runs, expectedMs, calibrates) => {
        this.#slotJournal.warmUpBegan(step, runs, expectedMs, calibrates);
      },
      ended: () => {
        this.#slotJournal.ended(null);
      },
      warmed: (shape, lane, batch, runMs) => {
        this.#costs.warmed(shape, lane, batch, runMs);
      },
      calibrated: (shape, lane, batch, runMs) => {
        this.#costs.calibrated(shape, lane, batch, runMs, pinned(lane));
      },
      calibrationEnded: (modelId, failure) => {
        options.calibrationEnded?.(modelId, failure);
      },
      changed: () => {
        this.#pump();
      },
    });
    this.#shapes = new FittedShapes(this.#warmUp);
  }

  /** As `LaneCosts.all`. */
  exportCosts(): readonly LadderCost[] {
    return this.#costs.all();
  }

  /** As `LaneCosts.stored`. */
  importCosts(costs: readonly LadderCost[]): void {
    this.#costs.stored(costs);
  }

  /** The model runs on another device now. Only between two runs. */
  forgetCosts(modelId: string): void {
    this.#costs.forget(modelId);
  }

  get settings(): LaneSettings {
    return this.#scheduler.settings;
  }

  /** From the next decision on. */
  configure(settings: LaneSettings): void {
    configure(this.#scheduler, settings);
    this.#pump();
  }

  snapshot(): LanesSnapshot {
    this.#slotJournal.takeShed();
    return {
      ...lanesSnapshot(this.#scheduler, this.#clock.monoMs(), this.#clock.epochMs()),
      costs: this.exportCosts(),
      calibration: this.#warmUp.calibration,
    };
  }

  /** Measures the whole ladder of one model and input in the background. `conflict` while that is being done already. */
  async calibrate(work: PreparedWork): Promise<void> {
    await this.#engine.settleProviders(work.model);
    const running = this.#warmUp.calibration;
    if (running !== null) {
      throw new NightshiftError({
        kind: 'conflict',
        message: `${running.modelId} at ${running.input} is being measured already.`,
        hint: 'Wait for its end, or stop it.',
      });
    }
    this.#warmUp.calibrate(work, this.#clock.epochMs());
  }

  /** The run that is under way is its last. */
  stopCalibration(): void {
    this.#warmUp.stopCalibration();
    this.#pump();
  }

  queues(): readonly QueueStatus[] {
    return laneQueues(this.#scheduler, this.#liveDrops);
  }

  /** The smallest batch of a scan within 3 % of the best throughput; null: nothing of the shape is warm. */
  knee(shape: WorkShape): number | null {
    return kneeBatch(this.#scheduler.costs, 'archive', shape.costKey);
  }

  /** Predicted duration of one run in ms; null before the size is warmed. */
  predictMs(shape: WorkShape, lane: LaneName, batch: number): number | null {
    return predictMs(this.#scheduler.costs, lane, shape.costKey, batch);
  }

  /** As `LaneCosts.pictureMs`. */
  pictureMs(shape: WorkShape): number | null {
    return this.#costs.pictureMs(shape);
  }

  /**
   * Loads the model where it is not loaded, and warms the smallest size of the lane; resolves once frames can run. `upTo`:
   * once these sizes are warm too, as far as the lane has a use for them.
   */
  prepare(work: Parameters<WarmUp['ask']>[0], lane: LaneName, upTo = 1): Promise<void> {
    const choosing = this.#engine.settleProviders(work.model);
    if (choosing === null) return this.#warmUp.ask(work, lane, upTo);
    return choosing.then(() => this.#warmUp.ask(work, lane, upTo));
  }

  /** As `admitWork`, beside the cameras that are open. */
  admit(work: PreparedWork, lane: LaneName, opening: OpeningCamera | null = null): string | null {
    return admitWork(this.#scheduler.costs, this.#frames.cameras, work, lane, opening);
  }

  /** From now on the camera's frames have an owner; the archive makes room for it only while it is live. */
  openCamera(camera: CameraLane): void {
    this.#frames.openCamera(camera);
  }

  /** `source`: the size of its pictures, so that their size is warmed before the first of them waits for it. */
  cameraLive(cameraId: string, source?: { readonly width: number; readonly height: number }): void {
    const camera = this.#frames.camera(cameraId);
    if (camera === undefined) return;
    const { shape } = camera;
    this.#enterLane(
      camera,
      source === undefined ? shape : this.#shapes.of(camera, 'live', source.width, source.height),
    );
    this.#pump();
  }

  /** No frame will come for a while: nothing is kept free for it. Frames that wait are dropped as `stopped`. */
  cameraAway(cameraId: string): void {
    this.#settle(cameraGone(this.#scheduler, cameraId));
    this.#pump();
  }

  closeCamera(cameraId: string): void {
    this.cameraAway(cameraId);
    this.#frames.closeCamera(cameraId);
  }

  /** Resolves when no frame of the camera waits or runs, or after `limitMs`. */
  drainCamera(cameraId: string, limitMs: number): Promise<void> {
    return this.#frames.drainCamera(cameraId, limitMs);
  }

  openJob(job: {
    readonly jobId: string;
    readonly name: string;
    readonly batch: 'auto' | number;
    readonly weight?: number;
  }): void {
    jobOpened(this.#scheduler, job);
    if (job.batch !== 'auto') this.#jobPins.set(job.jobId, job.batch);
    this.#warmUp.jobOpened();
  }

  /** Whether more frames of the job are on their way; a chunk need not wait for company that will not come. */
  jobExpects(jobId: string, more: boolean): void {
    jobExpects(this.#scheduler, jobId, more);
    this.#pump();
  }

  closeJob(jobId: string): void {
    this.#jobPins.delete(jobId);
    const frames = jobGone(this.#scheduler, jobId, this.#clock.monoMs());
    this.#forget(frames);
    this.#pump();
  }

  openItem(item: ItemLane): void {
    this.#frames.openItem(item);
  }

  closeItem(item: string): void {
    const owner = this.#frames.closeItem(item);
    if (owner !== undefined) this.#forget(itemGone(this.#scheduler, owner.jobId, item, this.#clock.monoMs()));
  }

  engineIsReady(): void {
    this.#engine.send({ type: 'archive-window', frames: this.#scheduler.archive.windowFrames });
    this.#warmUp.engineIsReady();
  }

  /** Answers the archive frames inside the call that did not come back. */
  engineLost(end: EngineEnd): readonly Ticket[] {
    this.#slotJournal.ended(null);
    const lost = engineLost(this.#scheduler, this.#clock.monoMs());
    this.#engine.callEnded();
    this.#warmUp.engineLost(end);
    this.#setTimer(null);
    this.#settle(lost.drops);
    this.#frames.forgetAll();
    this.#recycle = false;
    return lost.running?.lane === 'archive' ? lost.running.tickets : [];
  }

  /** Replace the engine once the slot is free. */
  recycle(): void {
    this.#recycle = true;
    this.#pump();
  }

  message(message: FromEngine): void {
    switch (message.type) {
      case 'tickets':
        this.#arrived(message.tickets, message.lost);
        break;
      case 'done':
        this.#done(message);
        break;
      case 'unchanged':
        this.#frames.tellUnchanged(message.frames);
        break;
      case 'run-failed':
        this.#runFailed(message.batchId, message.message);
        break;
      default:
        return;
    }
    this.#pump();
  }

  /** Nothing is started any more; call it before the engine is stopped. */
  close(): void {
    this.#closed = true;
    this.#setTimer(null);
    this.#warmUp.close();
  }

  #enterLane({ cameraId: source, name, sloMs, weight, maxWaiting, window }: CameraLane, shape: WorkShape): void {
    const queue = { window: window ?? null, ...(maxWaiting === undefined ? {} : { maxWaiting }) };
    this.#settle(cameraOpened(this.#scheduler, { source, name, sloMs, weight, shape, ...queue }));
  }

  #arrived(tickets: readonly Ticket[], lost: readonly LostFrames[]): void {
    const now = this.#clock.monoMs();
    const refused: number[] = [];
    for (const announced of tickets) {
      if (this.#frames.has(announced.frameId)) continue; // said twice
      const ticket = this.#frames.routed(announced);
      const owner = this.#frames.ownerOf(ticket);
      if (owner === undefined) {
        refused.push(ticket.frameId);
        continue;
      }
      this.#frames.enter(ticket, owner);
      if ('cameraId' in owner) {
        const shape = this.#shapes.of(owner, 'live', ticket.sourceWidth, ticket.sourceHeight);
        // A camera that changes the size of its pictures starts anew: what waits was made for another size.
        const stream = this.#scheduler.live.bySource.get(owner.cameraId);
        if (stream?.camera.shape.compatKey !== shape.compatKey) this.#enterLane(owner, shape);
        const drop = admitLive(this.#scheduler, ticket, now);
        if (drop !== null) this.#settle([drop]);
      } else {
        const shape = this.#shapes.of(owner, 'archive', ticket.sourceWidth, ticket.sourceHeight);
        const frame = { shape, alone: owner.isAlone(ticket.frame) };
        if (!admitArchive(this.#scheduler, owner.jobId, ticket, frame, now)) this.#forget([ticket]);
      }
    }
    if (refused.length > 0) this.#engine.send({ type: 'discard', frameIds: refused });
    this.#frames.tellLost(lost);
  }

  #done(message: Extract<FromEngine, { type: 'done' }>): void {
    if (this.#scheduler.running?.batchId !== message.batchId) {
      this.#log.warn('a batch came back that is not running', { batchId: message.batchId });
      this.#arrived(message.tickets, message.lost);
      return;
    }
    this.#engine.callEnded();
    const batch = finished(this.#scheduler, message.batchId, message.slotMs, this.#clock.monoMs());
    this.#slotJournal.ended(message.slotMs);
    const { places, startedMonoMs } = batch;
    const run: FrameRun = { frames: batch.tickets.length, places, startedMonoMs, runMs: message.runMs };
    for (const result of message.results) {
      const ticket = this.#frames.take(result.frameId);
      if (ticket !== undefined) this.#frames.tellAnalysed(ticket, result.detections, run);
    }
    this.#unanswered(batch);
    this.#arrived(message.tickets, message.lost);
  }

  /** An answer without the results of some of its frames: live ones are gone, archive ones are asked of another engine. */
  #unanswered({ lane, tickets }: RunningBatch): void {
    const without = tickets.filter(({ frameId }) => this.#frames.take(frameId) !== undefined);
    if (without.length === 0) return;
    this.#log.error('a batch came back without all its results', { lane, frames: without.length });
    for (const ticket of without) this.#frames.tellDropped(ticket, 'engine-lost');
    if (lane === 'archive') this.#engine.kill('it left results out', 'memory');
  }

  #runFailed(batchId: number, why: string): void {
    const { running } = this.#scheduler;
    if (running?.batchId !== batchId) return;
    this.#engine.callEnded();
    this.#slotJournal.ended(null);
    this.#log.error('a run failed', { batchId, why });
    if (running.lane === 'live') {
      this.#settle(runFailed(this.#scheduler, batchId, this.#clock.monoMs()).drops);
      return;
    }
    // The engine still lives and says that this call cannot be made: as good as a crash with these frames in it. They
    // stay the running ones, so that `engineLost` finds who is to blame.
    this.#engine.kill(`a run failed: ${why}`, 'hung-call');
  }

  /** Live frames that were given up: told to their cameras, discarded in the engine. */
  #settle(drops: readonly FrameDrop[]): void {
    if (drops.length === 0) return;
    this.#liveDrops += drops.length;
    this.#engine.send({ type: 'discard', frameIds: drops.map((drop) => drop.frameId) });
    for (const drop of drops) {
      const ticket = this.#frames.take(drop.frameId);
      if (ticket !== undefined) this.#frames.tellDropped(ticket, drop.reason);
    }
  }

  #forget(tickets: readonly Ticket[]): void {
    if (tickets.length === 0) return;
    this.#frames.forget(tickets);
    this.#engine.send({ type: 'discard', frameIds: tickets.map((ticket) => ticket.frameId) });
  }

  #pump(): void {
    if (this.#closed || !this.#engine.isReady || this.#scheduler.running !== null || this.#warmUp.isRunning) return;
    if (this.#recycle) {
      this.#recycle = false;
      this.#engine.kill('it had grown over its soft memory limit', 'memory');
      return;
    }
    this.#fitArchiveWindow();
    const now = this.#clock.monoMs();
    const decision = decide(this.#scheduler, now);
    // A waiting camera goes before a warm-up, a warm-up before the archive. Pictures that are collected take turns with it:
    // without the wider sizes they could not be collected, and they may leave the device no free moment.
    const isLive = decision.kind === 'run' && decision.lane === 'live';
    const takesTurns = collectsOnly(this.#scheduler) && !this.#warmedLast;
    // A calibration takes turns with scans.
    const calibrates = decision.kind !== 'run' || !this.#warmedLast;
    this.#warmedLast = (!isLive || takesTurns) && this.#warmUp.tryNext(calibrates);
    if (this.#warmedLast) return;
    const batch = apply(this.#scheduler, decision, now);
    this.#settle(decision.drops);
    if (batch !== null) {
      if (decision.kind === 'run') this.#slotJournal.runBegan(decision, now);
      this.#run(batch);
    }
    this.#setTimer(decision.kind === 'wait' ? decision.untilMonoMs - now : null);
  }

  /** Two chunks of the size in use are decoded ahead: 64 frames at night, a few while cameras are on. */
  #fitArchiveWindow(): void {
    const frames = wantedArchiveWindow(this.#scheduler);
    if (frames === this.#scheduler.archive.windowFrames) return;
    archiveWindowSet(this.#scheduler, frames);
    this.#engine.send({ type: 'archive-window', frames });
  }

  #run(batch: RunningBatch): void {
    const { batchId, lane, shape, tickets, predictedMs } = batch;
    this.#engine.callStarted(callLimitMs(predictedMs), `A ${lane} batch of ${String(tickets.length)}`);
    this.#engine.send({
      type: 'run',
      batchId,
      modelId: shape.modelId,
      lane,
      input: shape.input,
      frameIds: tickets.map((ticket) => ticket.frameId),
      post: shape.post,
    });
  }

  #setTimer(delayMs: number | null): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (delayMs === null) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#pump();
      },
      // Timers count whole milliseconds: rounded down, it would wake a moment before there is anything to decide.
      Math.max(0, Math.ceil(delayMs)),
    );
  }
}
