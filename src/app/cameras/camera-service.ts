import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/ports.ts';
import { missBudget } from '../../core/scheduler/camera-account.ts';
import type { Camera, CameraSettings, CameraStatus } from '../../shared/domain/camera.ts';
import type { QueueStatus } from '../../shared/domain/system.ts';
import type { CameraNews } from '../../shared/engine/protocol.ts';
import { describeError, NightshiftError, toErrorValue } from '../../shared/errors.ts';
import { redactAddresses } from '../../shared/redact-addresses.ts';
import type { StoreClient } from '../../store/operations.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { EventBus } from '../event-bus.ts';
import type { LaneHost } from '../lanes/lane-host.ts';
import type { PictureRelay } from '../media/picture-relay.ts';
import type { StillService } from '../media/still-service.ts';
import type { ModelService } from '../models/model-service.ts';
import type { RecipeChoice } from '../models/recipe.ts';
import { prepareWork } from '../models/work.ts';
import type { NoticeBoard } from '../notices/notice-board.ts';
import type { Log } from '../ports.ts';
import { normaliseCameraUrl } from './camera-url.ts';
import { LiveCamera } from './live-camera.ts';
import { LiveRecorder, maxWaitingRows } from './live-recorder.ts';

const STATUS_MS = 500;

export interface CameraServiceDeps {
  readonly store: StoreClient;
  readonly engine: EngineHost;
  readonly lanes: LaneHost;
  readonly models: ModelService;
  readonly notices: NoticeBoard;
  readonly stills: StillService;
  readonly pictures: PictureRelay;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** The cameras of the data folder: their settings, and a `LiveCamera` for each that is switched on. */
export class CameraService {
  readonly #deps: CameraServiceDeps;
  readonly #cameras = new Map<string, Camera>();
  readonly #live = new Map<string, LiveCamera>();
  /** Status of a camera when it was switched off: its figures stay readable. */
  readonly #last = new Map<string, CameraStatus>();
  /** One change at a time a camera: its opening and closing must not overtake each other. */
  readonly #changes = new Map<string, Promise<unknown>>();
  #timer: ReturnType<typeof setInterval> | null = null;
  #opened = 0;
  /** Results that cameras which are closed by now could not store. */
  #resultsLost = 0;

  constructor(deps: CameraServiceDeps) {
    this.#deps = deps;
  }

  /** `open`: start those that are switched on. */
  async load(open: boolean): Promise<void> {
    for (const camera of await this.#deps.store.call('cameras.list', undefined)) this.#cameras.set(camera.id, camera);
    this.#timer = setInterval(() => {
      this.#tellStatuses();
    }, STATUS_MS);
    if (!open) return;
    for (const camera of this.#cameras.values())
      if (camera.enabled) void this.#enqueue(camera.id, () => this.#open(camera));
  }

  /** As people may see them: without credentials. */
  list(): readonly Camera[] {
    return [...this.#cameras.values()].map((camera) => ({ ...camera, url: redactAddresses(camera.url) }));
  }

  statuses(): readonly CameraStatus[] {
    return [...this.#cameras.values()].map(
      (camera) => this.#live.get(camera.id)?.status() ?? this.#last.get(camera.id) ?? switchedOff(camera),
    );
  }

  queues(): readonly QueueStatus[] {
    const results = [...this.#live.values()].map((camera) => camera.results);
    return [
      {
        name: 'live-results',
        unit: 'rows',
        waiting: results.reduce((sum, { waiting }) => sum + waiting, 0),
        bound: maxWaitingRows * results.length,
        policy: 'oldest-out',
        givenUp: results.reduce((sum, { givenUp }) => sum + givenUp, this.#resultsLost),
      },
    ];
  }

  add(settings: CameraSettings): Promise<Camera> {
    const id = `cam-${randomUUID().slice(0, 8)}`;
    return this.#enqueue(id, async () => {
      const camera: Camera = {
        ...settings,
        url: normaliseCameraUrl(settings.url, process.cwd()),
        id,
        createdAtMs: this.#deps.clock.epochMs(),
      };
      await this.#checkModel(camera);
      await this.#deps.store.call('cameras.save', camera);
      this.#cameras.set(camera.id, camera);
      if (camera.enabled) await this.#open(camera);
      this.#deps.bus.emit('cameras.changed', { cameraId: camera.id });
      return { ...camera, url: redactAddresses(camera.url) };
    });
  }

  update(id: string, change: Partial<CameraSettings>): Promise<Camera> {
    return this.#enqueue(id, async () => {
      const before = this.#camera(id);
      const camera: Camera = { ...before, ...change };
      // A redacted URL that comes back unchanged means: keep the one with the credentials.
      const keepsUrl = change.url === undefined || change.url === redactAddresses(before.url);
      if (!keepsUrl && change.url?.includes('…') === true) {
        throw new NightshiftError({
          kind: 'bad-input',
          message: 'The address has a gap where its user name and password were.',
          where: change.url,
          hint: 'Type the whole address again, with them.',
        });
      }
      const url = keepsUrl ? before.url : normaliseCameraUrl(change.url ?? before.url, process.cwd());
      const changed: Camera = { ...camera, url };
      await this.#checkModel(changed);
      await this.#deps.store.call('cameras.save', changed);
      this.#cameras.set(id, changed);
      await this.#close(id);
      if (changed.enabled) await this.#open(changed);
      this.#deps.bus.emit('cameras.changed', { cameraId: id });
      return { ...changed, url: redactAddresses(url) };
    });
  }

  remove(id: string): Promise<void> {
    return this.#enqueue(id, async () => {
      this.#camera(id);
      await this.#close(id);
      await this.#deps.store.call('cameras.remove', { id });
      this.#cameras.delete(id);
      this.#last.delete(id);
      this.#deps.bus.emit('cameras.changed', { cameraId: id });
    });
  }

  engineIsReady(): void {
    for (const camera of this.#live.values()) camera.engineIsReady();
  }

  engineLost(text: string): void {
    for (const camera of this.#live.values()) camera.engineLost(text);
    // At once: a warm engine may be back before the next regular telling, and the gap would have no explanation.
    this.#tellStatuses();
  }

  message(message: CameraNews): void {
    this.#live.get(message.cameraId)?.message(message);
    this.#tellStatuses();
  }

  #tellStatuses(): void {
    if (this.#cameras.size > 0) this.#deps.bus.emit('cameras.status', this.statuses());
  }

  watchChanged(cameraId: string, maxFps: number): void {
    this.#live.get(cameraId)?.watched(maxFps);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await Promise.allSettled(this.#changes.values());
    await Promise.all([...this.#live.keys()].map((id) => this.#close(id)));
  }

  #camera(id: string): Camera {
    const camera = this.#cameras.get(id);
    if (camera === undefined) {
      throw new NightshiftError({
        kind: 'not-found',
        message: 'There is no such camera.',
        where: id,
        hint: 'See `nightshift cameras` or the Cameras view.',
      });
    }
    return camera;
  }

  async #checkModel(camera: Camera): Promise<void> {
    const model = await this.#deps.models.find(camera.modelId);
    const work = await prepareWork(model, choiceOf(camera), this.#deps.store);
    if (camera.enabled) this.#deps.lanes.admit(work, 'live', camera);
  }

  async #open(camera: Camera): Promise<void> {
    const { store, models } = this.#deps;
    try {
      const model = await models.find(camera.modelId);
      const work = await prepareWork(model, choiceOf(camera), store);
      const { sourceId } = await store.call('sources.ensure', {
        key: `camera:${camera.id}`,
        kind: 'camera',
        width: null,
        height: null,
      });
      const tracks = await store.call('live.tracks', { cameraId: camera.id });
      // Cameras that start together do not capture together: a third of a frame apart, over one frame.
      const staggerMs = ((this.#opened++ * 0.382) % 1) * (1000 / camera.analysisFps);
      const results = new LiveRecorder(camera, work, { sourceId, tracks }, this.#deps);
      const live = new LiveCamera(camera, { work, results, staggerMs }, this.#deps);
      this.#live.set(camera.id, live);
      live.open();
    } catch (caught) {
      const error = toErrorValue(caught);
      this.#deps.log.error('camera could not be opened', { camera: camera.name, error: describeError(error) });
      await this.#deps.notices.raise(
        'error',
        `camera-offline:${camera.id}`,
        `${camera.name} is off: ${describeError(error)}`,
      );
    }
  }

  async #close(id: string): Promise<void> {
    const live = this.#live.get(id);
    if (live === undefined) return;
    await live.close();
    this.#resultsLost += live.results.givenUp;
    this.#last.set(id, { ...live.status(), state: 'disabled', offline: null });
    this.#live.delete(id);
    await this.#deps.notices.clear(`camera-offline:${id}`);
  }

  #enqueue<T>(id: string, change: () => Promise<T>): Promise<T> {
    const before = this.#changes.get(id) ?? Promise.resolve();
    const next = before.then(change, change);
    const settled = next.catch(() => undefined);
    this.#changes.set(id, settled);
    void settled.then(() => {
      if (this.#changes.get(id) === settled) this.#changes.delete(id);
    });
    return next;
  }
}

const choiceOf = ({ tier, motionGate }: Camera): RecipeChoice => ({
  tier,
  motionGate,
  score: null,
  classes: null,
  fps: null,
});

function switchedOff(camera: Camera): CameraStatus {
  return {
    cameraId: camera.id,
    state: 'disabled',
    offline: null,
    width: null,
    height: null,
    codec: null,
    sourceFps: null,
    analysedFps: null,
    captured: 0,
    analysed: 0,
    inherited: 0,
    dropped: {},
    waiting: 0,
    latencyMs: null,
    sloMs: camera.sloMs,
    freshnessMs: null,
    missShare: 0,
    missBudget,
    sloMet: false,
  };
}
