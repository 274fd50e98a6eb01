import type { Clock } from '../../core/ports.ts';
import type { FrameDrop } from '../../core/scheduler/decision.ts';
import type { LiveStream } from '../../core/scheduler/live-lane.ts';
import {
  admitArchive,
  admitTo,
  cameraGone,
  cameraOpened,
  itemGone,
  jobGone,
  type Scheduler,
} from '../../core/scheduler/scheduler.ts';
import type { WorkShape } from '../../core/scheduler/work-shape.ts';
import type { LostFrames, Ticket } from '../../shared/engine/protocol.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { FittedShapes } from './fitted-shapes.ts';
import type { FrameLedger } from './frame-ledger.ts';
import type { CameraLane } from './frame-owners.ts';

export interface LaneFramesDeps {
  readonly engine: Pick<EngineHost, 'send'>;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly ledger: FrameLedger;
  readonly shapes: FittedShapes;
}

/**
 * Frames on their way into the lanes, and out of them without a run: scheduler, ledger and engine hold the same ones. It
 * starts nothing: whoever changes something here has the scheduler asked again.
 */
export class LaneFrames {
  readonly #deps: LaneFramesDeps;
  #liveDrops = 0;

  constructor(deps: LaneFramesDeps) {
    this.#deps = deps;
  }

  /** Live frames given up, over all engines. */
  get liveDrops(): number {
    return this.#liveDrops;
  }

  /** `source`: the size of its pictures. */
  cameraLive(camera: CameraLane, source?: { readonly width: number; readonly height: number }): void {
    const { shapes } = this.#deps;
    const shape = source === undefined ? camera.shape : shapes.of(camera, 'live', source.width, source.height);
    this.#enterLane(camera, shape);
  }

  cameraAway(cameraId: string): void {
    this.settle(cameraGone(this.#deps.scheduler, cameraId));
  }

  closeJob(jobId: string): void {
    const { scheduler, clock } = this.#deps;
    this.#forget(jobGone(scheduler, jobId, clock.monoMs()));
  }

  closeItem(item: string): void {
    const { ledger, scheduler, clock } = this.#deps;
    const owner = ledger.closeItem(item);
    if (owner !== undefined) this.#forget(itemGone(scheduler, owner.jobId, item, clock.monoMs()));
  }

  arrived(tickets: readonly Ticket[], lost: readonly LostFrames[]): void {
    const { engine, clock, scheduler, ledger, shapes } = this.#deps;
    const now = clock.monoMs();
    const refused: number[] = [];
    for (const announced of tickets) {
      if (ledger.has(announced.frameId)) continue; // said twice
      const ticket = ledger.routed(announced);
      const owner = ledger.ownerOf(ticket);
      if (owner === undefined) {
        refused.push(ticket.frameId);
        continue;
      }
      ledger.enter(ticket, owner);
      if ('cameraId' in owner) {
        const shape = shapes.of(owner, 'live', ticket.sourceWidth, ticket.sourceHeight);
        // A camera that changes the size of its pictures starts anew: what waits was made for another size.
        const known = scheduler.live.bySource.get(owner.cameraId);
        const stream = known?.camera.shape.compatKey === shape.compatKey ? known : this.#enterLane(owner, shape);
        const drop = admitTo(scheduler, stream, ticket, now);
        if (drop !== null) this.settle([drop]);
      } else {
        const shape = shapes.of(owner, 'archive', ticket.sourceWidth, ticket.sourceHeight);
        const frame = { shape, alone: owner.isAlone(ticket.frame) };
        if (!admitArchive(scheduler, owner.jobId, ticket, frame, now)) this.#forget([ticket]);
      }
    }
    if (refused.length > 0) engine.send({ type: 'discard', frameIds: refused });
    ledger.tellLost(lost);
  }

  /** Live frames that were given up: told to their cameras, discarded in the engine. */
  settle(drops: readonly FrameDrop[]): void {
    if (drops.length === 0) return;
    const { engine, ledger } = this.#deps;
    this.#liveDrops += drops.length;
    engine.send({ type: 'discard', frameIds: drops.map((drop) => drop.frameId) });
    for (const drop of drops) {
      const ticket = ledger.take(drop.frameId);
      if (ticket !== undefined) ledger.tellDropped(ticket, drop.reason);
    }
  }

  /** Every frame was in the engine's memory. `drops`: the live ones; of archive frames nobody is told, they are fed again. */
  engineLost(drops: readonly FrameDrop[]): void {
    this.settle(drops);
    this.#deps.ledger.forgetAll();
  }

  #enterLane({ cameraId: source, name, sloMs, weight, maxWaiting, window }: CameraLane, shape: WorkShape): LiveStream {
    const { scheduler } = this.#deps;
    const queue = { window: window ?? null, ...(maxWaiting === undefined ? {} : { maxWaiting }) };
    const drops = cameraOpened(scheduler, { source, name, sloMs, weight, shape, ...queue });
    const stream = scheduler.live.bySource.get(source) as LiveStream;
    this.settle(drops);
    return stream;
  }

  #forget(tickets: readonly Ticket[]): void {
    if (tickets.length === 0) return;
    this.#deps.ledger.forget(tickets);
    this.#deps.engine.send({ type: 'discard', frameIds: tickets.map((ticket) => ticket.frameId) });
  }
}
