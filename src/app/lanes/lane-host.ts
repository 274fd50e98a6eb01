import type { EngineEnd } from '../../core/jobs/suspects.ts';
import type { Clock } from '../../core/ports.ts';
import { exportCosts, forgetCosts, kneeBatch, likelyMs, predictMs, warmedUp } from '../../core/scheduler/cost-model.ts';
import { admissionOf, type Promised } from '../../core/scheduler/admission.ts';
import { roomBesideCameras, roomFor } from '../../core/scheduler/archive-room.ts';
import { decide } from '../../core/scheduler/decide.ts';
import type { FrameDrop, RunDecision } from '../../core/scheduler/decision.ts';
import type { CollectWindow } from '../../core/scheduler/live-lane.ts';
import {
  admitArchive,
  admitLive,
  apply,
  archiveWindowSet,
  cameraGone,
  cameraOpened,
  configure,
  createScheduler,
  drainShed,
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
import { inputText, type WorkShape } from '../../core/scheduler/work-shape.ts';
import type { CameraSettings, DropReason } from '../../shared/domain/camera.ts';
import type { LaneName, LanesSnapshot, LadderCost, LaneSettings } from '../../shared/domain/lanes.ts';
import type { QueueStatus } from '../../shared/domain/system.ts';
import type { FromEngine, LostFrames, Ticket } from '../../shared/engine/protocol.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { Log } from '../ports.ts';
import type { FrameRun, FrameSink } from './frame-sink.ts';
import type { PreparedWork } from '../models/work.ts';
import type { WarmUpReason } from './explain-run.ts';
import { KnownCosts, type Contradiction } from './known-costs.ts';
import { isUseful, widestOf } from './ladder.ts';
import { LaneJournal } from './lane-journal.ts';
import type { StartedRun } from './run-ring.ts';
import { WarmUp, type Step } from './warm-up.ts';

export interface CameraLane {
  readonly cameraId: string;
  readonly name: string;
  readonly sloMs: number;
  readonly weight: CameraSettings['weight'];
  readonly shape: WorkShape;
  /** Each picture is run in the size of it that fits; left out: all in `shape`. */
  readonly work?: PreparedWork;
  /** A size that its pictures need cannot be run: none of them will be. */
  readonly refused?: (error: unknown) => void;
  /** For a source of unrelated pictures: how many may wait, and how they are collected (looked at for every decision). */
  readonly maxWaiting?: number;
  readonly window?: CollectWindow;
  /** For pictures whose way of being run is known only once they are decoded: the id of the camera that each belongs to. */
  readonly route?: (ticket: Ticket) => string;
  readonly sink: FrameSink;
}

export interface ItemLane {
  readonly item: string;
  readonly jobId: string;
  readonly shape: WorkShape;
  /** As in `CameraLane`. */
  readonly work?: PreparedWork;
  readonly refused?: (error: unknown) => void;
  /** Frames that must run in a call of their own: suspects of a crash. */
  readonly isAlone: (frame: number) => boolean;
  readonly sink: FrameSink;
}

/** A camera that is about to be opened, and what it promises. */
interface OpeningCamera extends Promised {
  readonly id: string;
}

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
  readonly #warmUp: WarmUp;
  readonly #options: LaneHostOptions;
  readonly journal: LaneJournal;
  readonly #known = new KnownCosts();
  /** The run that is under way, as it stands in the journal. */
  #journaled: {
    readonly seq: number;
    readonly run: StartedRun;
    readonly startedAtMs: number;
    readonly startedMonoMs: number;
  } | null = null;
  /** Sizes that open jobs asked for by name. */
  readonly #jobPins = new Map<string, number>();
  readonly #cameras = new Map<string, CameraLane>();
  readonly #items = new Map<string, ItemLane>();
  /** Frames that were announced and are not settled yet. */
  readonly #tickets = new Map<number, Ticket>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #recycle = false;
  #closed = false;
  #archiveWindow = 0;
  #warmedLast = false;
  /** Live frames given up, over all engines. */
  #liveDrops = 0;
  readonly #drained = new Map<string, () => void>();
  /** Sizes that are being warmed, or are warm, because pictures of theirs came. */
  readonly #inUse: Readonly<Record<LaneName, WeakSet<PreparedWork>>> = { live: new WeakSet(), archive: new WeakSet() };

  constructor(engine: EngineHost, clock: Clock, log: Log, options: LaneHostOptions = {}) {
    this.#options = options;
    this.journal = options.journal ?? new LaneJournal();
    this.#engine = engine;
    this.#clock = clock;
    this.#log = log;
    this.#scheduler = createScheduler(clock.monoMs());
    this.#fitArchiveWindow();
    this.#warmUp = new WarmUp({
      engine,
      log,
      camerasOn: () => this.#scheduler.live.bySource.size > 0,
      mayRun: (lane, batch, expectedMs) => this.#warmUpMayRun(lane, batch, expectedMs),
      mayCalibrate: (step, expectedMs, isLoaded) => this.#calibrationWaits(step, expectedMs, isLoaded),
      hasMemoryToDouble: () => engine.hasMemoryToDouble,
      runMs: (shape, lane, batch) => likelyMs(this.#scheduler.costs, lane, shape.costKey, batch),
      pinned: (lane) => this.#pinned(lane),
      began: (step, runs, expectedMs, calibrates) => {
        this.#journalWarmUp(step, runs, expectedMs, calibrates);
      },
      ended: () => {
        this.#journalEnd(null);
      },
      warmed: (shape, lane, batch, runMs) => {
        this.#check(shape, lane, batch, runMs);
        warmedUp(this.#scheduler.costs, { ...sizeOf(shape), lane, batch }, runMs);
      },
      calibrated: (shape, lane, batch, runMs) => {
        this.#calibrated(shape, lane, batch, runMs);
      },
      calibrationEnded: (modelId, failure) => {
        options.calibrationEnded?.(modelId, failure);
      },
      changed: () => {
        this.#pump();
      },
    });
  }

  get costs(): Scheduler['costs'] {
    return this.#scheduler.costs;
  }

  /** Every measured step of the ladder: of this process, and what was stored before and is not contradicted. */
  exportCosts(): readonly LadderCost[] {
    return this.#known.complete(exportCosts(this.#scheduler.costs));
  }

  /** What an earlier process measured on this device: it informs until this process has measured for itself. */
  importCosts(costs: readonly LadderCost[]): void {
    this.#known.stored(costs);
  }

  /** The model runs on another device now. Only between two runs. */
  forgetCosts(modelId: string): void {
    this.#known.forget(modelId);
    forgetCosts(this.#scheduler.costs, modelId);
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
    this.#journalShed();
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
    const { live, archive } = this.#scheduler;
    let liveBound = 0;
    for (const { maxWaiting } of live.bySource.values()) liveBound += maxWaiting;
    return [
      {
        name: 'live-frames',
        unit: 'frames',
        waiting: live.waiting,
        bound: liveBound,
        policy: 'oldest-out',
        givenUp: this.#liveDrops,
      },
      {
        name: 'archive-frames',
        unit: 'frames',
        waiting: archive.waiting,
        bound: this.#archiveWindow,
        policy: 'back-pressure',
        givenUp: 0,
      },
    ];
  }

  knee(shape: WorkShape): number | null {
    return kneeBatch(this.#scheduler.costs, 'archive', shape.costKey);
  }

  /** Predicted duration of one run in ms; null before the size is warmed. */
  predictMs(shape: WorkShape, lane: LaneName, batch: number): number | null {
    return predictMs(this.#scheduler.costs, lane, shape.costKey, batch);
  }

  /**
   * Likely device time of one picture of a scan in ms at the best known batch, also from an earlier process; null: nothing
   * is known. Pictures are fitted to their shape: of the heights of this width, the one that was run most counts.
   */
  pictureMs({ modelId, input }: WorkShape): number | null {
    const byInput = new Map<string, { samples: number; pictureMs: number }>();
    for (const cost of this.exportCosts()) {
      if (cost.lane !== 'archive' || cost.modelId !== modelId || !cost.input.startsWith(`${String(input.width)}x`))
        continue;
      const known = byInput.get(cost.input) ?? { samples: 0, pictureMs: Infinity };
      known.samples += cost.samples;
      known.pictureMs = Math.min(known.pictureMs, cost.q50Ms / cost.batch);
      byInput.set(cost.input, known);
    }
    const [most] = [...byInput.values()].sort((one, other) => other.samples - one.samples);
    return most?.pictureMs ?? null;
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

  /**
   * Lets work of this shape in, as far as its runs are measured. Throws `bad-input` with the numbers where one smallest
   * run breaks the promise of every camera, `opening` among them. Answers words where it breaks that of `opening` alone.
   */
  admit({ model, shape }: PreparedWork, lane: LaneName, opening: OpeningCamera | null = null): string | null {
    const { costs } = this.#scheduler;
    const open = [...this.#cameras.values()].filter(
      ({ cameraId, maxWaiting }) => maxWaiting === undefined && cameraId !== opening?.id,
    );
    const admission = admissionOf(costs, shape, opening === null ? open : [...open, opening], lane);
    if (!admission.ok) {
      throw new NightshiftError({
        kind: 'bad-input',
        message: `${model.manifest.name} at ${inputText(shape.input)} would break every promise on this device: ${admission.why}.`,
        where: opening?.name ?? model.manifest.id,
        hint:
          lane === 'live'
            ? 'Choose a smaller tier or a faster model, or promise more time.'
            : 'Choose a smaller tier or a faster model, or run it while no camera is on.',
      });
    }
    const own = opening === null ? null : admissionOf(costs, shape, [opening], lane);
    return own?.ok === false ? own.why : null;
  }

  /** From now on the camera's frames have an owner; the archive makes room for it only while it is live. */
  openCamera(camera: CameraLane): void {
    this.#cameras.set(camera.cameraId, camera);
  }

  /** `source`: the size of its pictures, so that their size is warmed before the first of them waits for it. */
  cameraLive(cameraId: string, source?: { readonly width: number; readonly height: number }): void {
    const camera = this.#cameras.get(cameraId);
    if (camera === undefined) return;
    const { shape } = camera;
    this.#enterLane(camera, source === undefined ? shape : this.#shapeFor(camera, 'live', source.width, source.height));
    this.#pump();
  }

  /** No frame will come for a while: nothing is kept free for it. Frames that wait are dropped as `stopped`. */
  cameraAway(cameraId: string): void {
    this.#settle(cameraGone(this.#scheduler, cameraId));
    this.#pump();
  }

  closeCamera(cameraId: string): void {
    this.cameraAway(cameraId);
    // What is inside a call now has nobody left to be told its result.
    for (const [frameId, ticket] of this.#tickets) {
      if (ticket.lane !== 'live' || ticket.source !== cameraId) continue;
      this.#tickets.delete(frameId);
      this.#cameras.get(cameraId)?.sink.dropped(ticket, 'stopped');
    }
    this.#cameras.delete(cameraId);
    this.#drained.get(cameraId)?.();
  }

  /** Resolves when no frame of the camera waits or runs, or after `limitMs`. */
  drainCamera(cameraId: string, limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#drained.delete(cameraId);
        resolve();
      };
      const timer = setTimeout(done, limitMs);
      this.#drained.set(cameraId, done);
      this.#checkDrained(cameraId);
    });
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
    this.#items.set(item.item, item);
  }

  closeItem(item: string): void {
    const lane = this.#items.get(item);
    if (lane === undefined) return;
    this.#items.delete(item);
    this.#forget(itemGone(this.#scheduler, lane.jobId, item, this.#clock.monoMs()));
  }

  engineIsReady(): void {
    this.#engine.send({ type: 'archive-window', frames: this.#archiveWindow });
    this.#warmUp.engineIsReady();
  }

  /** Answers the archive frames inside the call that did not come back. */
  engineLost(end: EngineEnd): readonly Ticket[] {
    this.#journalEnd(null);
    const lost = engineLost(this.#scheduler, this.#clock.monoMs());
    this.#engine.callEnded();
    this.#warmUp.engineLost(end);
    this.#setTimer(null);
    this.#settle(lost.drops);
    this.#tickets.clear();
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
        for (const frame of message.frames) {
          const lane = frame.lane === 'live' ? this.#cameras.get(frame.source) : this.#items.get(frame.source);
          lane?.sink.unchanged?.(frame);
        }
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
      if (this.#tickets.has(announced.frameId)) continue; // said twice
      const ticket = this.#routed(announced);
      const lane = ticket.lane === 'live' ? this.#cameras.get(ticket.source) : this.#items.get(ticket.source);
      if (lane === undefined) {
        refused.push(ticket.frameId);
        continue;
      }
      this.#tickets.set(ticket.frameId, ticket);
      lane.sink.captured(ticket);
      if ('cameraId' in lane) {
        const shape = this.#shapeFor(lane, 'live', ticket.sourceWidth, ticket.sourceHeight);
        // A camera that changes the size of its pictures starts anew: what waits was made for another size.
        const stream = this.#scheduler.live.bySource.get(lane.cameraId);
        if (stream?.camera.shape.compatKey !== shape.compatKey) this.#enterLane(lane, shape);
        const drop = admitLive(this.#scheduler, ticket, now);
        if (drop !== null) this.#settle([drop]);
      } else {
        const shape = this.#shapeFor(lane, 'archive', ticket.sourceWidth, ticket.sourceHeight);
        const frame = { shape, alone: lane.isAlone(ticket.frame) };
        if (!admitArchive(this.#scheduler, lane.jobId, ticket, frame, now)) this.#forget([ticket]);
      }
    }
    if (refused.length > 0) this.#engine.send({ type: 'discard', frameIds: refused });
    for (const { source, reason, count } of lost) this.#cameras.get(source)?.sink.lost(reason, count);
  }

  /** How pictures of this size are run; one that is new to the lane is warmed from now on. */
  #shapeFor(
    { shape, work, refused }: CameraLane | ItemLane,
    lane: LaneName,
    sourceWidth: number,
    sourceHeight: number,
  ): WorkShape {
    if (work === undefined) return shape;
    const fitted = work.fitted(sourceWidth, sourceHeight);
    const inUse = this.#inUse[lane];
    if (!inUse.has(fitted)) {
      inUse.add(fitted);
      this.#warmUp.use(fitted, lane).catch((caught: unknown) => {
        inUse.delete(fitted);
        refused?.(caught);
      });
    }
    return fitted.shape;
  }

  /** The ticket under the name of the camera that it belongs to. */
  #routed(ticket: Ticket): Ticket {
    const route = ticket.lane === 'live' ? this.#cameras.get(ticket.source)?.route : undefined;
    return route === undefined ? ticket : { ...ticket, source: route(ticket) };
  }

  #done(message: Extract<FromEngine, { type: 'done' }>): void {
    if (this.#scheduler.running?.batchId !== message.batchId) {
      this.#log.warn('a batch came back that is not running', { batchId: message.batchId });
      this.#arrived(message.tickets, message.lost);
      return;
    }
    this.#engine.callEnded();
    const batch = finished(this.#scheduler, message.batchId, message.slotMs, this.#clock.monoMs());
    this.#journalEnd(message.slotMs);
    const { places, startedMonoMs } = batch;
    const run: FrameRun = { frames: batch.tickets.length, places, startedMonoMs, runMs: message.runMs };
    for (const result of message.results) {
      const ticket = this.#tickets.get(result.frameId);
      this.#tickets.delete(result.frameId);
      if (ticket === undefined) continue;
      this.#sinkOf(ticket)?.analysed(ticket, result.detections, run);
      if (ticket.lane === 'live') this.#checkDrained(ticket.source);
    }
    this.#unanswered(batch);
    this.#arrived(message.tickets, message.lost);
  }

  /** An answer without the results of some of its frames: live ones are gone, archive ones are asked of another engine. */
  #unanswered({ lane, tickets }: RunningBatch): void {
    const without = tickets.filter((ticket) => this.#tickets.delete(ticket.frameId));
    if (without.length === 0) return;
    this.#log.error('a batch came back without all its results', { lane, frames: without.length });
    for (const ticket of without) {
      this.#sinkOf(ticket)?.dropped(ticket, 'engine-lost');
      if (ticket.lane === 'live') this.#checkDrained(ticket.source);
    }
    if (lane === 'archive') this.#engine.kill('it left results out', 'memory');
  }

  #runFailed(batchId: number, why: string): void {
    const { running } = this.#scheduler;
    if (running?.batchId !== batchId) return;
    this.#engine.callEnded();
    this.#journalEnd(null);
    this.#log.error('a run failed', { batchId, why });
    if (running.lane === 'live') {
      this.#settle(runFailed(this.#scheduler, batchId, this.#clock.monoMs()).drops);
      return;
    }
    // The engine still lives and says that this call cannot be made: as good as a crash with these frames in it. They
    // stay the running ones, so that `engineLost` finds who is to blame.
    this.#engine.kill(`a run failed: ${why}`, 'hung-call');
  }

  #sinkOf(ticket: Ticket): FrameSink | undefined {
    return (ticket.lane === 'live' ? this.#cameras : this.#items).get(ticket.source)?.sink;
  }

  /** Live frames that were given up: told to their cameras, discarded in the engine. */
  #settle(drops: readonly FrameDrop[]): void {
    if (drops.length === 0) return;
    this.#liveDrops += drops.length;
    this.#engine.send({ type: 'discard', frameIds: drops.map((drop) => drop.frameId) });
    for (const drop of drops) {
      const ticket = this.#tickets.get(drop.frameId);
      this.#tickets.delete(drop.frameId);
      if (ticket !== undefined) this.#sinkOf(ticket)?.dropped(ticket, drop.reason satisfies DropReason);
      this.#checkDrained(drop.source);
    }
  }

  #forget(tickets: readonly Ticket[]): void {
    if (tickets.length === 0) return;
    for (const ticket of tickets) this.#tickets.delete(ticket.frameId);
    this.#engine.send({ type: 'discard', frameIds: tickets.map((ticket) => ticket.frameId) });
  }

  #checkDrained(cameraId: string): void {
    const drained = this.#drained.get(cameraId);
    if (drained === undefined) return;
    for (const ticket of this.#tickets.values()) if (ticket.lane === 'live' && ticket.source === cameraId) return;
    drained();
  }

  /** Only what the lane can use now is warmed; with cameras on, a run must break no promise. Size 1 always: without it nothing runs. */
  #warmUpMayRun(lane: LaneName, batch: number, expectedMs: number): boolean {
    if (batch === 1) return true;
    const usable = lane === 'live' ? this.#liveFramesAtOnce() : this.#scheduler.archive.waiting;
    // The archive's window follows the sizes that are worth using so far: when it is full, there is probably more.
    if (usable < (lane === 'live' ? batch : Math.min(batch, this.#archiveWindow))) return false;
    // Where there are only pictures that are collected, it is what they wait for themselves.
    return expectedMs <= this.#scheduler.live.smallestSloMs / (this.#onlyCollected() ? 1 : 4);
  }

  /**
   * A run of a calibration is let in where an archive chunk of that length would be; words while it is not. Loading a
   * model takes seconds: never beside cameras.
   */
  #calibrationWaits({ work, batch }: Step, expectedMs: number, isLoaded: boolean): string | null {
    const { live } = this.#scheduler;
    if (live.bySource.size === 0) return null;
    if (!isLoaded) return `${work.model.manifest.name} is loaded when no camera is on`;
    if (live.waiting > 0) return 'cameras have frames to be analysed first';
    const room = roomBesideCameras(this.#scheduler, this.#clock.monoMs(), Infinity);
    const { smallestMs, largerMs } = roomFor(this.#scheduler, work.shape, room);
    const roomMs = batch === 1 ? smallestMs : largerMs;
    if (expectedMs <= roomMs) return null;
    return `batch ${String(batch)} takes about ${msText(expectedMs)}, cameras leave ${msText(roomMs)}`;
  }

  /** What lies beyond the sizes a lane uses is known from now on, but not used. */
  #calibrated(shape: WorkShape, lane: LaneName, batch: number, runMs: readonly number[]): void {
    this.#check(shape, lane, batch, runMs);
    const counted = runMs.slice(1).sort((one, other) => one - other);
    const at = (quantile: number): number => counted[Math.ceil(quantile * counted.length) - 1] ?? 0;
    const { costs } = this.#scheduler;
    const measured = (size: number): number | null =>
      size === batch ? at(0.5) : likelyMs(costs, lane, shape.costKey, size);
    const size = { ...sizeOf(shape), lane, batch };
    if (isUseful({ lane, runMs: measured, pinned: this.#pinned(lane) }, batch)) warmedUp(costs, size, runMs);
    else this.#known.measured({ ...size, q50Ms: at(0.5), q95Ms: at(0.95), samples: counted.length });
  }

  /** The first measure of this process says whether what was stored is still true. */
  #check(shape: WorkShape, lane: LaneName, batch: number, runMs: readonly number[]): void {
    const counted = (runMs.length > 1 ? runMs.slice(1) : [...runMs]).sort((one, other) => one - other);
    const measuredMs = counted[Math.ceil(counted.length / 2) - 1] ?? 0;
    const contradiction = this.#known.check({ ...sizeOf(shape), lane, batch }, measuredMs);
    if (contradiction === null) return;
    this.#log.warn('stored costs are not true any more and are forgotten', { ...contradiction });
    this.#options.contradicted?.(contradiction);
  }

  /** The widest size that was set by hand, for the lane or for one that uses it. */
  #pinned(lane: LaneName): number {
    const { settings, live } = this.#scheduler;
    const sizes = [1];
    if (lane === 'live') {
      if (settings.liveBatch !== 'auto') sizes.push(settings.liveBatch);
      else if (settings.liveWindowMs !== 'auto' && settings.liveWindowMs > 0) sizes.push(widestOf.live);
      for (const { camera } of live.bySource.values()) sizes.push(camera.window?.batch ?? 1);
    } else {
      if (settings.archiveBatch !== 'auto') sizes.push(settings.archiveBatch);
      sizes.push(...this.#jobPins.values());
    }
    return Math.max(...sizes);
  }

  #journalStart(decision: RunDecision, nowMonoMs: number): void {
    const { lane, predictedMs, batch, places, subject, waitedMs, liveWaiting, archiveWaiting, reason } = decision;
    const slot = this.#options.slot ?? 0;
    const run = { slot, lane, predictedMs, batch, places, subject, waitedMs, liveWaiting, archiveWaiting, reason };
    this.#journalRun(run, nowMonoMs);
  }

  /** Runs that nobody's frames are in take the device all the same. */
  #journalWarmUp({ work, lane, batch }: Step, runs: number, predictedMs: number, calibrates: boolean): void {
    const { live, archive } = this.#scheduler;
    const waiting = { waitedMs: 0, liveWaiting: live.waiting, archiveWaiting: archive.waiting };
    const reason: WarmUpReason = { is: calibrates ? 'measuring' : 'warming', runs };
    const subject = work.model.manifest.name;
    const slot = this.#options.slot ?? 0;
    this.#journalRun(
      { slot, lane, predictedMs, batch, places: batch, subject, ...waiting, reason },
      this.#clock.monoMs(),
    );
  }

  #journalRun(run: StartedRun, startedMonoMs: number): void {
    const startedAtMs = this.#clock.epochMs();
    const seq = this.journal.started(run, startedMonoMs, startedAtMs);
    this.#journaled = { seq, run, startedAtMs, startedMonoMs };
  }

  #journalShed(): void {
    const [nowMonoMs, nowMs] = [this.#clock.monoMs(), this.#clock.epochMs()];
    for (const { monoMs, step, camera, frames, why } of drainShed(this.#scheduler)) {
      this.journal.gaveWay({ atMs: nowMs - (nowMonoMs - monoMs), step, camera, frames, why });
    }
  }

  /** Null: it took the slot until now. */
  #journalEnd(slotMs: number | null): void {
    if (this.#journaled === null) return;
    const { seq, run, startedAtMs, startedMonoMs } = this.#journaled;
    this.#journaled = null;
    this.journal.ended(seq, { ...run, startedAtMs }, slotMs ?? this.#clock.monoMs() - startedMonoMs);
  }

  #onlyCollected(): boolean {
    for (const { camera } of this.#scheduler.live.bySource.values()) if ((camera.window ?? null) === null) return false;
    return true;
  }

  /** The most frames that the live lane can have a use for in one call: one a camera, a collected batch a window. */
  #liveFramesAtOnce(): number {
    let frames = 0;
    for (const { camera } of this.#scheduler.live.bySource.values()) frames += camera.window?.batch ?? 1;
    return frames;
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
    const takesTurns = this.#onlyCollected() && !this.#warmedLast;
    // A calibration takes turns with scans.
    const calibrates = decision.kind !== 'run' || !this.#warmedLast;
    this.#warmedLast = (!isLive || takesTurns) && this.#warmUp.tryNext(calibrates);
    if (this.#warmedLast) return;
    const batch = apply(this.#scheduler, decision, now);
    this.#settle(decision.drops);
    if (batch !== null) {
      if (decision.kind === 'run') this.#journalStart(decision, now);
      this.#run(batch);
    }
    this.#setTimer(decision.kind === 'wait' ? decision.untilMonoMs - now : null);
  }

  /** Two chunks of the size in use are decoded ahead: 64 frames at night, a few while cameras are on. */
  #fitArchiveWindow(): void {
    const frames = wantedArchiveWindow(this.#scheduler);
    if (frames === this.#archiveWindow) return;
    this.#archiveWindow = frames;
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

const sizeOf = ({ modelId, input }: WorkShape): { modelId: string; input: string } => ({
  modelId,
  input: inputText(input),
});
const msText = (value: number): string => `${String(Math.max(0, Math.round(value)))} ms`;
