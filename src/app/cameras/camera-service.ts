import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/ports.ts';
import { missBudget } from '../../core/scheduler/camera-account.ts';
import type {
  Camera,
  CameraLogin,
  CameraSettings,
  CameraStatus,
  CameraStretch,
  SecretsProtection,
} from '../../shared/domain/camera.ts';
import type { CameraBulkChange } from '../../shared/domain/camera-changes.ts';
import type { QueueStatus } from '../../shared/domain/system.ts';
import type { CameraNews } from '../../shared/engine/protocol.ts';
import { describeError, toErrorValue } from '../../shared/errors.ts';
import type { StoreClient, StoredCamera } from '../../store/operations.ts';
import type { DecoderKeeper, HardwareAtWork } from '../engine-host/decoder-keeper.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { EventBus } from '../event-bus.ts';
import type { LaneHost } from '../lanes/lane-host.ts';
import type { PacketRelay } from '../media/packet-relay.ts';
import type { PictureRelay } from '../media/picture-relay.ts';
import type { StillService } from '../media/still-service.ts';
import type { ModelService } from '../models/model-service.ts';
import type { RecipeChoice } from '../models/recipe.ts';
import { prepareWork } from '../models/work.ts';
import type { NoticeBoard } from '../notices/notice-board.ts';
import type { RecordingService } from '../recording/recording-service.ts';
import type { Log } from '../ports.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { HealthService } from './health-service.ts';
import { noSuchCamera } from './no-such-camera.ts';
import { settled, streamsAfter } from './change-many.ts';
import { CameraHistory } from './camera-history.ts';
import { clearCameraNotices } from './camera-notices.ts';
import type { CameraTimes } from './camera-times.ts';
import { takeLoginsOut } from './take-logins-out.ts';
import { CameraFinder, type KeptAddress } from './camera-finder.ts';
import { CameraAddresses } from './camera-addresses.ts';
import { CameraLogins } from './camera-logins.ts';
import { latencyFrom } from './camera-url.ts';
import { cameraOfLarge } from './large-source.ts';
import { LiveCamera, type CameraStart } from './live-camera.ts';
import { LiveRecorder, maxWaitingRows } from './live-recorder.ts';
import { notOpen } from './large-stream.ts';

const STATUS_MS = 500;
/** Topic of the notice. */
const lostLogins = 'camera-logins';

export interface CameraServiceDeps {
  readonly store: StoreClient;
  readonly engine: EngineHost;
  readonly lanes: LaneHost;
  readonly models: ModelService;
  readonly notices: NoticeBoard;
  readonly stills: StillService;
  readonly pictures: PictureRelay;
  readonly packets: Pick<PacketRelay, 'isWatched'>;
  /** Left out: nothing is recorded. */
  readonly recordings?: Pick<RecordingService, 'orderFor'>;
  /** Left out: the processor decodes everything. */
  readonly decoders?: Pick<DecoderKeeper, 'settle' | 'orderFor' | 'hung'>;
  /** Left out: nobody looks whether it sees what it should. */
  readonly health?: Pick<HealthService, 'troubleOf'>;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly random: () => number;
  /** A number that no camera was opened with before. */
  readonly nextOpening: () => number;
  readonly log: Log;
  readonly times: CameraTimes;
  readonly secrets: Secrets;
  /** Ports on which this application listens. */
  readonly ownPorts: ReadonlySet<number>;
}

/** The cameras of the data folder: their settings, and a `LiveCamera` for each that is switched on. */
export class CameraService {
  readonly #deps: CameraServiceDeps;
  readonly #history: CameraHistory;
  readonly #logins: CameraLogins;
  readonly #addresses: CameraAddresses;
  /** Looks at what is not a camera of this folder yet. */
  readonly finder: CameraFinder;
  readonly #cameras = new Map<string, StoredCamera>();
  readonly #live = new Map<string, LiveCamera>();
  /** Status of a camera when it was switched off: its figures stay readable. */
  readonly #last = new Map<string, CameraStatus>();
  /** One change at a time a camera: its opening and closing must not overtake each other. */
  readonly #changes = new Map<string, Promise<unknown>>();
  #timer: ReturnType<typeof setInterval> | null = null;
  #opened = 0;
  /** Why passwords cannot be read, in words; empty: they can. */
  #loginsLost = '';
  /** Results that cameras which are closed by now could not store. */
  #resultsLost = 0;

  constructor(deps: CameraServiceDeps) {
    this.#deps = deps;
    this.#history = new CameraHistory(deps);
    this.#logins = new CameraLogins(deps.secrets);
    this.#addresses = new CameraAddresses(this.#logins, deps.ownPorts);
    this.finder = new CameraFinder({ ...deps, kept: (id, url) => this.#kept(id, url) });
  }

  /** `open`: start those that are switched on. */
  async load(open: boolean): Promise<void> {
    const repaired = await this.#logins.repair();
    for (const camera of await takeLoginsOut(this.#deps.store, this.#logins, this.#deps.log)) {
      this.#cameras.set(camera.id, camera);
    }
    await this.#checkLogins(repaired);
    this.#timer = setInterval(() => {
      this.#tellStatuses();
    }, STATUS_MS);
    this.#history.start();
    if (!open) return;
    await clearCameraNotices(this.#deps.notices, null);
    for (const camera of this.#cameras.values())
      if (camera.enabled) void this.#enqueue(camera.id, () => this.#open(camera));
  }

  /** A password that is lost is no reason to stop, and the only way back is a new one: it is said which cameras need it. */
  async #checkLogins(repaired: string): Promise<void> {
    const lost = await this.#logins.check([...this.#cameras.values()]);
    this.#loginsLost = repaired === '' ? lost : repaired;
    // What an earlier start said may have been put right meanwhile.
    await this.#deps.notices.clear(lostLogins);
    this.#tellLostLogins();
  }

  #tellLostLogins(): void {
    const names = [...this.#cameras.values()].flatMap((camera) => (this.#logins.isLost(camera) ? [camera.name] : []));
    if (names.length === 0) return;
    void this.#deps.notices.raise(
      'error',
      lostLogins,
      `${this.#loginsLost} These cameras need their password again: ${names.join(', ')}.`,
    );
  }

  /** One of them was given a new password, or is gone. */
  #retellLostLogins(): void {
    void this.#deps.notices.clear(lostLogins);
    this.#tellLostLogins();
  }

  /** As people may see them: without credentials. */
  list(): readonly Camera[] {
    return [...this.#cameras.values()].map((camera) => this.#logins.shown(camera));
  }

  /** How passwords are kept that are given from now on. */
  get loginProtection(): SecretsProtection {
    return this.#logins.protection;
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

  /** Rejects as `add` would, and adds nothing. */
  async check(settings: CameraSettings, login?: CameraLogin | null): Promise<void> {
    this.#addresses.check(settings, login ?? null);
    await this.#checkModel({ ...settings, id: '', createdAtMs: 0 });
  }

  /** @param login counts more than what stands in the URL. */
  add(settings: CameraSettings, login?: CameraLogin | null): Promise<Camera> {
    const id = `cam-${randomUUID().slice(0, 8)}`;
    return this.#enqueue(id, async () => {
      const sealed = await this.#addresses.ofNew(settings, login ?? null);
      const camera: StoredCamera = { ...settings, ...sealed, id, createdAtMs: this.#deps.clock.epochMs() };
      await this.#checkModel(camera);
      return this.#keep(camera);
    });
  }

  /**
   * A login that is kept goes on for the same machine, and is forgotten where the URL names another one.
   * @param login null: from now on it has none. Left out: what the URL says, else as above.
   */
  update(id: string, change: Partial<CameraSettings>, login?: CameraLogin | null): Promise<Camera> {
    return this.#enqueue(id, async () => {
      const before = this.#camera(id);
      const settings: StoredCamera = { ...before, ...change };
      const sealed = await this.#addresses.after(before, settings, login);
      const camera: StoredCamera = { ...settings, ...sealed };
      await this.#checkModel(camera);
      return this.#keep(camera);
    });
  }

  /** One of many that are changed alike. */
  async change(id: string, change: CameraBulkChange): Promise<Camera> {
    const camera = this.#camera(id);
    // Whole, because the form of the address may be in what is not shown of it.
    const { url } = change.streams === 'pair' ? await this.#logins.open(camera) : camera;
    return this.update(id, { ...settled(change), ...streamsAfter(url, change.streams) });
  }

  setLogin(id: string, login: CameraLogin | null): Promise<Camera> {
    return this.update(id, {}, login);
  }

  /** With what is not shown of it, for comparing it; null: that cannot be read. */
  async wholeUrl(id: string): Promise<string | null> {
    const camera = this.#camera(id);
    return this.#logins.open(camera).then(
      ({ url }) => url,
      () => null,
    );
  }

  async #kept(id: string, url: string): Promise<KeptAddress | null> {
    return this.#addresses.kept(this.#camera(id), url);
  }

  async #keep(camera: StoredCamera): Promise<Camera> {
    await this.#deps.store.call('cameras.save', camera);
    const before = this.#cameras.get(camera.id);
    this.#cameras.set(camera.id, camera);
    if (before !== undefined && this.#logins.isLost(before)) this.#retellLostLogins();
    if (before === undefined || !isSeenAlike(before, camera)) {
      if (before !== undefined) await this.#close(camera.id);
      if (camera.enabled) await this.#open(camera);
    }
    this.#deps.bus.emit('cameras.changed', { cameraId: camera.id });
    return this.#logins.shown(camera);
  }

  remove(id: string): Promise<void> {
    return this.#enqueue(id, async () => {
      const removed = this.#camera(id);
      await this.#close(id);
      await this.#deps.store.call('cameras.remove', { id });
      this.#cameras.delete(id);
      this.#last.delete(id);
      if (this.#logins.isLost(removed)) this.#retellLostLogins();
      this.#deps.bus.emit('cameras.changed', { cameraId: id });
    });
  }

  history(cameraId: string, fromMs: number, toMs: number): Promise<readonly CameraStretch[]> {
    return this.#history.read(cameraId, fromMs, toMs);
  }

  /** The store knows of each camera's state up to now. */
  historyUpToNow(): Promise<void> {
    return this.#history.upToNow();
  }

  /** Of the engine that runs. */
  get hardwareAtWork(): HardwareAtWork {
    const cameras = [...this.#live.values()];
    const count = (state: 'beginning' | 'working'): number =>
      cameras.filter(({ hardware }) => hardware === state).length;
    return { beginning: count('beginning'), working: count('working') };
  }

  /** What decodes cameras has changed for all of them. */
  openAnew(): void {
    for (const id of [...this.#live.keys()])
      void this.#enqueue(id, async () => {
        const camera = this.#cameras.get(id);
        if (camera?.enabled !== true || !this.#live.has(id)) return;
        await this.#close(id);
        await this.#open(camera);
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
    const ofLarge = cameraOfLarge(message.cameraId);
    if (ofLarge === null) this.#live.get(message.cameraId)?.message(message);
    else this.#live.get(ofLarge)?.largeMessage(message);
    this.#tellStatuses();
  }

  #tellStatuses(): void {
    if (this.#cameras.size > 0) this.#deps.bus.emit('cameras.status', this.statuses());
  }

  watchChanged(cameraId: string, maxFps: number): void {
    this.#live.get(cameraId)?.watched(maxFps);
  }

  streamChanged(cameraId: string, on: boolean): void {
    this.#live.get(cameraId)?.streamed(on);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await Promise.allSettled(this.#changes.values());
    await Promise.all([...this.#live.keys()].map((id) => this.#close(id)));
    await this.#history.close();
  }

  #camera(id: string): StoredCamera {
    const camera = this.#cameras.get(id);
    if (camera === undefined) throw noSuchCamera(id);
    return camera;
  }

  async #checkModel(camera: StoredCamera): Promise<void> {
    const model = await this.#deps.models.find(camera.modelId);
    const work = await prepareWork(model, choiceOf(camera), this.#deps.store);
    if (!camera.enabled) return;
    const { lanes } = this.#deps;
    try {
      lanes.admit(work, 'live', camera);
    } catch (caught) {
      // It may have been measured in a slow spell of the machine: who asks again is answered by what is true by then.
      void lanes.measureAgain(work, 'live').catch(() => undefined);
      throw caught;
    }
  }

  async #open(camera: StoredCamera): Promise<void> {
    const { store, models } = this.#deps;
    try {
      const addresses = await this.#logins.fullAddresses(camera);
      const model = await models.find(camera.modelId);
      const work = await prepareWork(model, choiceOf(camera), store);
      const { sourceId } = await store.call('sources.ensure', {
        key: `camera:${camera.id}`,
        kind: 'camera',
        width: null,
        height: null,
      });
      const tracks = await store.call('live.tracks', { cameraId: camera.id });
      // Cameras do not capture together: a third of a frame apart, over one frame.
      const staggerMs = ((this.#opened++ * 0.382) % 1) * (1000 / camera.analysisFps);
      const results = new LiveRecorder(camera, work, { sourceId, tracks }, this.#deps);
      const became: CameraStart['became'] = (state, reason) => {
        this.#history.now(camera.id, state, reason);
      };
      const othersAway = (): boolean => [...this.#live].some(([id, other]) => id !== camera.id && other.isAway);
      const live = new LiveCamera(
        camera,
        { addresses, reach: () => this.#addresses.reach(camera), work, results, staggerMs, othersAway, became },
        this.#deps,
      );
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
    const { notices } = this.#deps;
    const live = this.#live.get(id);
    if (live !== undefined) {
      await live.close();
      this.#resultsLost += live.results.givenUp;
      this.#last.set(id, { ...live.status(), state: 'disabled', offline: null, health: null });
      this.#live.delete(id);
    }
    // Waits for what was raised before it; what is open is known then.
    await notices.clear(`camera-offline:${id}`);
    await clearCameraNotices(notices, id);
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

/** Only what is done with its footage afterwards has changed, and that has: it need not be opened again. */
function isSeenAlike(before: StoredCamera, camera: StoredCamera): boolean {
  if (before.repair === camera.repair) return false;
  const settled = (one: StoredCamera): string =>
    JSON.stringify({ ...one, repair: true, sealedLogin: one.sealedLogin ?? null }, Object.keys(camera).sort());
  return settled(before) === settled(camera);
}

const choiceOf = ({ tier, motionGate }: StoredCamera): RecipeChoice => ({
  tier,
  motionGate,
  score: null,
  classes: null,
  fps: null,
});

function switchedOff(camera: StoredCamera): CameraStatus {
  return {
    cameraId: camera.id,
    state: 'disabled',
    offline: null,
    width: null,
    height: null,
    codec: null,
    decoder: null,
    transport: null,
    frozenSinceMs: null,
    health: null,
    clockOffsetMs: null,
    large: camera.largeUrl === null ? null : notOpen,
    latencyFrom: latencyFrom(camera.url),
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
