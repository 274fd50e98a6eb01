import type { EngineEnd } from '../../core/jobs/suspects.ts';
import type { Clock } from '../../core/ports.ts';
import { exportCosts, importCosts, isWarmed, kneeBatch, predictMs, warmedUp } from '../../core/scheduler/cost-model.ts';
import { decide } from '../../core/scheduler/decide.ts';
import type { FrameDrop } from '../../core/scheduler/decision.ts';
import { maxWaitingPerCamera } from '../../core/scheduler/live-lane.ts';
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
import { inputText, type WorkShape } from '../../core/scheduler/work-shape.ts';
import type { CameraSettings, DropReason } from '../../shared/domain/camera.ts';
import type { LaneName, LanesSnapshot, SchedulingMode } from '../../shared/domain/lanes.ts';
import type { QueueStatus } from '../../shared/domain/system.ts';
import type { FromEngine, LostFrames, Ticket } from '../../shared/engine/protocol.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { Log } from '../ports.ts';
import type { FrameSink } from './frame-sink.ts';
import { WarmUp } from './warm-up.ts';

export interface CameraLane {
  readonly cameraId: string;
  readonly name: string;
  readonly sloMs: number;
  readonly weight: CameraSettings['weight'];
  readonly shape: WorkShape;
  readonly sink: FrameSink;
}

export interface ItemLane {
  readonly item: string;
  readonly jobId: string;
  readonly shape: WorkShape;
  /** Frames that must run in a call of their own: suspects of a crash. */
  readonly isAlone: (frame: number) => boolean;
  readonly sink: FrameSink;
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
  readonly #cameras = new Map<string, CameraLane>();
  readonly #items = new Map<string, ItemLane>();
  /** Frames that were announced and are not settled yet. */
  readonly #tickets = new Map<number, Ticket>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #recycle = false;
  #closed = false;
  #archiveWindow = 0;
  /** Live frames given up, over all engines. */
  #liveDrops = 0;
  readonly #drained = new Map<string, () => void>();

  constructor(engine: EngineHost, clock: Clock, log: Log) {
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
      isWarmed: (shape, lane, batch) => isWarmed(this.#scheduler.costs, lane, shape.costKey, batch),
      warmed: (shape, lane, batch, runMs) => {
        const { modelId, input } = shape;
        warmedUp(this.#scheduler.costs, { modelId, input: inputText(input), lane, batch }, runMs);
      },
      changed: () => {
        this.#pump();
      },
    });
  }

  get costs(): Scheduler['costs'] {
    return this.#scheduler.costs;
  }

  exportCosts(): ReturnType<typeof exportCosts> {
    return exportCosts(this.#scheduler.costs);
  }

  importCosts(costs: Parameters<typeof importCosts>[1]): void {
    importCosts(this.#scheduler.costs, costs);
  }

  get mode(): SchedulingMode {
    return this.#scheduler.settings.mode;
  }

  set mode(mode: SchedulingMode) {
    configure(this.#scheduler, { ...this.#scheduler.settings, mode });
    this.#pump();
  }

  snapshot(): LanesSnapshot {
    return lanesSnapshot(this.#scheduler, this.#clock.monoMs(), this.#clock.epochMs());
  }

  queues(): readonly QueueStatus[] {
    const { live, archive } = this.#scheduler;
    return [
      {
        name: 'live-frames',
        unit: 'frames',
        waiting: live.waiting,
        bound: maxWaitingPerCamera * live.bySource.size,
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

  /** Loads the model where it is not loaded, and warms the smallest size of the lane; resolves once frames can run. */
  prepare(work: Parameters<WarmUp['ask']>[0], lane: LaneName): Promise<void> {
    return this.#warmUp.ask(work, lane);
  }

  /** From now on the camera's frames have an owner; the archive makes room for it only while it is live. */
  openCamera(camera: CameraLane): void {
    this.#cameras.set(camera.cameraId, camera);
  }

  cameraLive(cameraId: string): void {
    const camera = this.#cameras.get(cameraId);
    if (camera === undefined) return;
    this.#enterLane(camera);
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

  openJob(job: { readonly jobId: string; readonly name: string; readonly batch: 'auto' | number }): void {
    jobOpened(this.#scheduler, job);
    this.#warmUp.jobOpened();
  }

  /** Whether more frames of the job are on their way; a chunk need not wait for company that will not come. */
  jobExpects(jobId: string, more: boolean): void {
    jobExpects(this.#scheduler, jobId, more);
    this.#pump();
  }

  closeJob(jobId: string): void {
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

  #enterLane({ cameraId: source, name, sloMs, weight, shape }: CameraLane): void {
    this.#settle(cameraOpened(this.#scheduler, { source, name, sloMs, weight, shape }));
  }

  #arrived(tickets: readonly Ticket[], lost: readonly LostFrames[]): void {
    const now = this.#clock.monoMs();
    const refused: number[] = [];
    for (const ticket of tickets) {
      if (this.#tickets.has(ticket.frameId)) continue; // said twice
      const lane = ticket.lane === 'live' ? this.#cameras.get(ticket.source) : this.#items.get(ticket.source);
      if (lane === undefined) {
        refused.push(ticket.frameId);
        continue;
      }
      this.#tickets.set(ticket.frameId, ticket);
      lane.sink.captured(ticket);
      if ('cameraId' in lane) {
        if (!this.#scheduler.live.bySource.has(lane.cameraId)) this.#enterLane(lane);
        const drop = admitLive(this.#scheduler, ticket, now);
        if (drop !== null) this.#settle([drop]);
      } else {
        const frame = { shape: lane.shape, alone: lane.isAlone(ticket.frame) };
        if (!admitArchive(this.#scheduler, lane.jobId, ticket, frame, now)) this.#forget([ticket]);
      }
    }
    if (refused.length > 0) this.#engine.send({ type: 'discard', frameIds: refused });
    for (const { source, reason, count } of lost) this.#cameras.get(source)?.sink.lost(reason, count);
  }

  #done(message: Extract<FromEngine, { type: 'done' }>): void {
    if (this.#scheduler.running?.batchId !== message.batchId) {
      this.#log.warn('a batch came back that is not running', { batchId: message.batchId });
      this.#arrived(message.tickets, message.lost);
      return;
    }
    this.#engine.callEnded();
    const batch = finished(this.#scheduler, message.batchId, message.slotMs, this.#clock.monoMs());
    for (const result of message.results) {
      const ticket = this.#tickets.get(result.frameId);
      this.#tickets.delete(result.frameId);
      if (ticket === undefined) continue;
      this.#sinkOf(ticket)?.analysed(ticket, result.detections, { frames: batch.tickets.length, places: batch.places });
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
    const usable = lane === 'live' ? this.#scheduler.live.bySource.size : this.#scheduler.archive.waiting;
    if (usable < batch) return false;
    return expectedMs <= this.#scheduler.live.smallestSloMs / 4;
  }

  #pump(): void {
    if (this.#closed || !this.#engine.isReady || this.#scheduler.running !== null || this.#warmUp.isRunning) return;
    if (this.#recycle) {
      this.#recycle = false;
      this.#engine.kill('it had grown over its soft memory limit', 'memory');
      return;
    }
    const now = this.#clock.monoMs();
    const decision = decide(this.#scheduler, now);
    // A waiting camera goes before a warm-up, a warm-up before the archive.
    const isLive = decision.kind === 'run' && decision.lane === 'live';
    if (!isLive && this.#warmUp.tryNext()) return;
    const batch = apply(this.#scheduler, decision, now);
    this.#settle(decision.drops);
    if (batch !== null) this.#run(batch);
    this.#fitArchiveWindow();
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
