import { unreadFor } from '../../core/planner/attention.ts';
import { selfCheck, type CameraFacts, type LiveBatchFacts, type QueueFacts } from '../../core/planner/self-check.ts';
import type { Clock } from '../../core/ports.ts';
import type { EventMessage } from '../../shared/contract/events.ts';
import type { CameraStatus, DropReason } from '../../shared/domain/camera.ts';
import type { LanesSnapshot } from '../../shared/domain/lanes.ts';
import type { Finding } from '../../shared/domain/plan.ts';
import type { StoreClient } from '../../store/operations.ts';
import type { CameraService } from '../cameras/camera-service.ts';
import type { PictureRelay } from '../media/picture-relay.ts';
import { AttentionLog } from './attention-log.ts';
import type { CapacityService } from './capacity-service.ts';

export interface SelfCheckDeps {
  readonly store: StoreClient;
  readonly cameras: Pick<CameraService, 'list' | 'statuses'>;
  readonly pictures: Pick<PictureRelay, 'watchedFps'>;
  readonly capacity: Pick<CapacityService, 'slotShareOf'>;
  readonly lanes: () => LanesSnapshot;
  readonly clock: Clock;
}

/** Not the queue's doing: the camera was closed, or the engine went away. */
const notShed: readonly DropReason[] = ['stopped', 'engine-lost'];

/** Gathers what the five classic mistakes can be seen in. */
export class SelfCheckService {
  readonly #deps: SelfCheckDeps;
  readonly #attention: AttentionLog;
  /** Capture to result of each camera's first frame since it was opened. */
  readonly #firstFrames = new Map<string, number>();

  constructor(deps: SelfCheckDeps) {
    this.#deps = deps;
    this.#attention = new AttentionLog(deps.store);
  }

  load(): Promise<void> {
    return this.#attention.load();
  }

  /** Hears everything that the application tells its viewers. */
  heard(message: EventMessage): void {
    if (message.event === 'cameras.result') {
      const { cameraId, capturedAtMs } = message.payload;
      if (!this.#firstFrames.has(cameraId))
        this.#firstFrames.set(cameraId, Math.max(0, this.#deps.clock.epochMs() - capturedAtMs));
    } else if (message.event === 'cameras.status') {
      for (const { cameraId, state } of message.payload) if (state !== 'live') this.#firstFrames.delete(cameraId);
    }
  }

  /** Once a second. */
  async look(): Promise<void> {
    const { cameras, pictures, clock } = this.#deps;
    const on = cameras.list().filter(({ enabled }) => enabled);
    await this.#attention.look(
      on.map(({ id }) => ({ id, isWatched: pictures.watchedFps(id) > 0 })),
      clock.epochMs(),
    );
  }

  /** Somebody reads what these cameras found; empty: what all of them did. */
  read(cameraIds: readonly string[]): void {
    const nowMs = this.#deps.clock.epochMs();
    if (cameraIds.length === 0) this.#attention.readAll(nowMs);
    else this.#attention.read(cameraIds, nowMs);
  }

  async findings(): Promise<readonly Finding[]> {
    const lanes = this.#deps.lanes();
    const statuses = this.#deps.cameras.statuses();
    return selfCheck({
      settings: lanes.settings,
      cameras: await this.#cameraFacts(statuses),
      queues: statuses.map((status) => this.#queueOf(status)),
      liveBatches: this.#liveBatches(lanes),
      firstFrames: statuses.flatMap(({ cameraId, latencyMs }) => {
        const firstMs = this.#firstFrames.get(cameraId);
        if (firstMs === undefined || latencyMs === null) return [];
        return [{ subject: this.#nameOf(cameraId), firstMs, p95Ms: latencyMs.p95 }];
      }),
    });
  }

  async close(): Promise<void> {
    await this.#attention.save(this.#deps.clock.epochMs());
  }

  async #cameraFacts(statuses: readonly CameraStatus[]): Promise<CameraFacts[]> {
    const nowMs = this.#deps.clock.epochMs();
    const facts: CameraFacts[] = [];
    for (const camera of this.#deps.cameras.list()) {
      const status = statuses.find(({ cameraId }) => cameraId === camera.id);
      if (status === undefined) continue;
      const { id, name, weight, sloMs, modelId, tier, analysisFps } = camera;
      const attention = this.#attention.of(id);
      const slotShare = await this.#deps.capacity.slotShareOf({ modelId, tier, fps: analysisFps });
      facts.push({
        name,
        weight,
        sloMs,
        latencyMs: status.latencyMs,
        isOpen: status.state === 'live',
        hasRule: false, // there are no rules that act by themselves
        unreadMs: attention === null ? 0 : unreadFor(attention, nowMs),
        waitedMs: attention?.waitedMs ?? null,
        slotShare: slotShare ?? 0,
      });
    }
    return facts;
  }

  #queueOf({ cameraId, captured, dropped }: CameraStatus): QueueFacts {
    let shed = 0;
    for (const [reason, count] of Object.entries(dropped)) if (!notShed.includes(reason as DropReason)) shed += count;
    return { name: `The live queue of ${this.#nameOf(cameraId)}`, entered: captured, shed };
  }

  /** By model and input of the live lane: the largest batch that was run or is pinned, and what it takes. */
  #liveBatches({ costs, settings, live }: LanesSnapshot): LiveBatchFacts[] {
    const cameras = this.#deps.cameras.list().filter(({ enabled }) => enabled);
    const largest =
      settings.liveBatch === 'auto' ? Math.max(1, ...Object.keys(live.batchSizes).map(Number)) : settings.liveBatch;
    return [...new Set(cameras.map(({ modelId }) => modelId))].flatMap((modelId) => {
      const own = costs.filter((cost) => cost.lane === 'live' && cost.modelId === modelId && cost.batch <= largest);
      const slowest = own.reduce<(typeof own)[number] | null>(
        (a, b) => (a === null || b.q95Ms > a.q95Ms ? b : a),
        null,
      );
      if (slowest === null) return [];
      const sloMs = Math.min(...cameras.filter((camera) => camera.modelId === modelId).map((camera) => camera.sloMs));
      const windowMs = settings.liveWindowMs === 'auto' ? 0 : settings.liveWindowMs;
      return [{ subject: `${modelId} ${slowest.input}`, batch: slowest.batch, runMs: slowest.q95Ms, windowMs, sloMs }];
    });
  }

  #nameOf(cameraId: string): string {
    return this.#deps.cameras.list().find(({ id }) => id === cameraId)?.name ?? cameraId;
  }
}
