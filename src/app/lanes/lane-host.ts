import type { EngineEnd } from '../../core/jobs/suspects.ts';
import type { Clock } from '../../core/ports.ts';
import { kneeBatch, likelyMs, predictMs } from '../../core/scheduler/cost-model.ts';
import { decide } from '../../core/scheduler/decide.ts';
import {
  apply,
  archiveWindowSet,
  configure,
  createScheduler,
  engineLost,
  jobExpects,
  jobOpened,
  lanesSnapshot,
  wantedArchiveWindow,
  type Scheduler,
} from '../../core/scheduler/scheduler.ts';
import type { WorkShape } from '../../core/scheduler/work-shape.ts';
import type { CalibrationEnd, LaneName, LanesSnapshot, LadderCost, LaneSettings } from '../../shared/domain/lanes.ts';
import type { QueueStatus } from '../../shared/domain/system.ts';
import type { FromEngine, Ticket } from '../../shared/engine/protocol.ts';
import { describeError, toErrorValue } from '../../shared/errors.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { PreparedWork } from '../models/work.ts';
import type { Log } from '../ports.ts';
import { admitWork, type OpeningCamera } from './admit-work.ts';
import { FittedShapes } from './fitted-shapes.ts';
import { FrameLedger } from './frame-ledger.ts';
import type { CameraLane, ItemLane } from './frame-owners.ts';
import type { Contradiction } from './known-costs.ts';
import { LaneCosts } from './lane-costs.ts';
import { LaneFrames } from './lane-frames.ts';
import { LaneJournal } from './lane-journal.ts';
import { laneQueues } from './lane-queues.ts';
import { SlotCalls } from './slot-calls.ts';
import { SlotJournal } from './slot-journal.ts';
import { pinnedSize } from './wanted-sizes.ts';
import { calibrationWaits, collectsOnly, warmUpMayRun } from './warm-up-room.ts';
import { WarmUpWorth } from './warm-up-worth.ts';
import { WarmUp } from './warm-up.ts';

export interface LaneHostOptions {
  /** Where every run is recorded; left out: one of its own. Several executors share one. */
  readonly journal?: LaneJournal;
  /** Number of the executor. */
  readonly slot?: number;
  /** A stored cost was contradicted by the first measure of this process. */
  readonly contradicted?: (contradiction: Contradiction) => void;
  /** A calibration is over, and not because somebody stopped it; `failure`: why before its end, else null. */
  readonly calibrationEnded?: (modelId: string, failure: unknown) => void;
}

/**
 * The owner of the scheduler: feeds it what the engine announces, carries out its decisions, and holds the only timer.
 * It decides nothing itself. Everything that happens to a frame is told to its sink exactly once.
 */
export class LaneHost {
  readonly #engine: EngineHost;
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #costs: LaneCosts;
  readonly #warmUp: WarmUp;
  readonly #ledger = new FrameLedger();
  readonly #frames: LaneFrames;
  readonly #calls: SlotCalls;
  readonly #slotJournal: SlotJournal;
  readonly journal: LaneJournal;
  /** Sizes that open jobs asked for by name. */
  readonly #jobPins = new Map<string, number>();
  /** What open jobs know of their end. */
  readonly #jobsLeft = new Map<string, () => number | null>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #recycle = false;
  #closed = false;
  #warmedLast = false;
  #calibrated: CalibrationEnd | null = null;

  constructor(engine: EngineHost, clock: Clock, log: Log, options: LaneHostOptions = {}) {
    this.journal = options.journal ?? new LaneJournal();
    this.#engine = engine;
    this.#clock = clock;
    const scheduler = createScheduler(clock.monoMs());
    this.#scheduler = scheduler;
    this.#costs = new LaneCosts(scheduler.costs, log, options.contradicted);
    this.#slotJournal = new SlotJournal(this.journal, options.slot ?? 0, scheduler, clock);
    this.#fitArchiveWindow();
    const pinned = (lane: LaneName): number => pinnedSize(scheduler, lane, this.#jobPins.values());
    const worth = new WarmUpWorth({
      runMs: (shape, batch) => likelyMs(scheduler.costs, 'archive', shape.costKey, batch),
      knownMs: (shape, batch) => this.#costs.knownMs(shape, 'archive', batch),
      left: () => this.#picturesLeft(),
    });
    this.#warmUp = new WarmUp({
      engine,
      log,
      nowMonoMs: () => clock.monoMs(),
      camerasOn: () => scheduler.live.bySource.size > 0,
      mayRun: (lane, batch, expectedMs) => warmUpMayRun(scheduler, lane, batch, expectedMs, pinned(lane)),
      worth,
      knownMs: (shape, lane, batch) => this.#costs.knownMs(shape, lane, batch),
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
      calibrationEnded: ({ modelId, input, done, steps }, end, failure) => {
        const reason = failure === null ? null : describeError(toErrorValue(failure));
        this.#calibrated = { modelId, input, done, steps, end, atMs: clock.epochMs(), reason };
        if (end !== 'stopped') options.calibrationEnded?.(modelId, failure);
      },
      changed: () => {
        this.#pump();
      },
    });
    const shared = { engine, clock, log, scheduler, ledger: this.#ledger };
    this.#frames = new LaneFrames({ ...shared, shapes: new FittedShapes(this.#warmUp) });
    this.#calls = new SlotCalls({ ...shared, frames: this.#frames, journal: this.#slotJournal, worth });
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
      calibrated: this.#calibrated,
    };
  }

  /** Measures the whole ladder of one model and input in the background. `conflict` while that is being done already. */
  async calibrate(work: PreparedWork): Promise<void> {
    await this.#engine.settleProviders(work.model);
    this.#warmUp.calibrate(work, this.#clock.epochMs());
  }

  /** The run that is under way is its last. */
  stopCalibration(): void {
    this.#warmUp.stopCalibration();
    this.#pump();
  }

  queues(): readonly QueueStatus[] {
    return laneQueues(this.#scheduler, this.#frames.liveDrops);
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
  prepare(work: PreparedWork, lane: LaneName, upTo = 1): Promise<void> {
    const choosing = this.#engine.settleProviders(work.model);
    if (choosing === null) return this.#warmUp.ask(work, lane, upTo);
    return choosing.then(() => this.#warmUp.ask(work, lane, upTo));
  }

  /** Runs the smallest size of the lane once more, so that it is known anew; resolves when it is. Rejects like `prepare`. */
  measureAgain(work: PreparedWork, lane: LaneName): Promise<void> {
    return this.#warmUp.askAgain(work, lane);
  }

  /** As `admitWork`, beside the cameras that are open. */
  admit(work: PreparedWork, lane: LaneName, opening: OpeningCamera | null = null): string | null {
    return admitWork(this.#scheduler.costs, this.#ledger.cameras, work, lane, opening);
  }

  /** From now on the camera's frames have an owner; the archive makes room for it only while it is live. */
  openCamera(camera: CameraLane): void {
    this.#ledger.openCamera(camera);
  }

  /** `source`: the size of its pictures, so that their size is warmed before the first of them waits for it. */
  cameraLive(cameraId: string, source?: { readonly width: number; readonly height: number }): void {
    const camera = this.#ledger.camera(cameraId);
    if (camera === undefined) return;
    this.#frames.cameraLive(camera, source);
    this.#pump();
  }

  /** No frame will come for a while: nothing is kept free for it. Frames that wait are dropped as `stopped`. */
  cameraAway(cameraId: string): void {
    this.#frames.cameraAway(cameraId);
    this.#pump();
  }

  closeCamera(cameraId: string): void {
    this.cameraAway(cameraId);
    this.#ledger.closeCamera(cameraId);
  }

  /** Resolves when no frame of the camera waits or runs, or after `limitMs`. */
  drainCamera(cameraId: string, limitMs: number): Promise<void> {
    return this.#ledger.drainCamera(cameraId, limitMs);
  }

  openJob(job: {
    readonly jobId: string;
    readonly name: string;
    readonly batch: 'auto' | number;
    readonly weight?: number;
    /** At most so many pictures are left of it; null (or left out): it does not know. */
    readonly left?: () => number | null;
  }): void {
    jobOpened(this.#scheduler, job);
    this.#jobsLeft.set(job.jobId, job.left ?? ((): null => null));
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
    this.#jobsLeft.delete(jobId);
    this.#frames.closeJob(jobId);
    this.#pump();
  }

  openItem(item: ItemLane): void {
    this.#ledger.openItem(item);
  }

  closeItem(item: string): void {
    this.#frames.closeItem(item);
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
    this.#frames.engineLost(lost.drops);
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
        this.#frames.arrived(message.tickets, message.lost);
        break;
      case 'done':
        this.#calls.done(message);
        break;
      case 'unchanged':
        this.#ledger.tellUnchanged(message.frames);
        break;
      case 'run-failed':
        this.#calls.failed(message.batchId, message.message);
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
    // without the wider sizes they could not be collected, and they may leave the device no free moment. So does, after
    // a while, whoever waits for a smallest size.
    const isLive = decision.kind === 'run' && decision.lane === 'live';
    const takesTurns = (this.#warmUp.isOverdue || collectsOnly(this.#scheduler)) && !this.#warmedLast;
    // A calibration takes turns with scans.
    const calibrates = decision.kind !== 'run' || !this.#warmedLast;
    this.#warmedLast = (!isLive || takesTurns) && this.#warmUp.tryNext(calibrates);
    if (this.#warmedLast) return;
    const batch = apply(this.#scheduler, decision, now);
    this.#frames.settle(decision.drops);
    if (batch !== null) {
      if (decision.kind === 'run') this.#slotJournal.runBegan(decision, now);
      this.#calls.start(batch);
    }
    this.#setTimer(decision.kind === 'wait' ? decision.untilMonoMs - now : null);
  }

  #picturesLeft(): number | null {
    let sum = 0;
    for (const left of this.#jobsLeft.values()) {
      const pictures = left();
      if (pictures === null) return null;
      sum += pictures;
    }
    return sum;
  }

  /** Two chunks of the size in use are decoded ahead: 64 frames at night, a few while cameras are on. */
  #fitArchiveWindow(): void {
    const frames = wantedArchiveWindow(this.#scheduler);
    if (frames === this.#scheduler.archive.windowFrames) return;
    archiveWindowSet(this.#scheduler, frames);
    this.#engine.send({ type: 'archive-window', frames });
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
