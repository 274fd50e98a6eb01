import type { Clock } from '../../core/ports.ts';
import type { EventMessage } from '../../shared/contract/events.ts';
import type { Camera } from '../../shared/domain/camera.ts';
import type {
  CameraHealthView,
  CameraTrouble,
  HourProfile,
  PictureFigures,
} from '../../shared/domain/camera-health.ts';
import type { CameraHealthLine } from '../../shared/domain/report.ts';
import type { MeasuredPicture } from '../../shared/engine/protocol.ts';
import { describeError, toErrorValue } from '../../shared/errors.ts';
import type { StoreClient, StoreOperations } from '../../store/operations.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { Log } from '../ports.ts';
import type { CameraService } from './camera-service.ts';
import { acceptedWeekMs, HealthOfCamera, hourOfDay, hourStart } from './health-camera.ts';
import { HealthNotices, type HealthNoticeBoard } from './health-notices.ts';
import { HealthPictureFiles } from './health-pictures.ts';
import { HealthSnapshots } from './health-snapshots.ts';
import { troubleWords } from './health-words.ts';
import { noSuchCamera } from './no-such-camera.ts';

const tickMs = 60_000;
/** After a kill so much at most is missing of an hour. */
const saveEveryTicks = 10;
/** Without a picture for so long, nothing is said of a camera's view. */
const silentMs = 60_000;

export interface HealthServiceDeps {
  readonly store: Pick<StoreClient, 'call'>;
  readonly engine: Pick<EngineHost, 'request'>;
  readonly notices: HealthNoticeBoard;
  readonly clock: Clock;
  readonly log: Log;
  readonly dataDir: string;
  readonly cameras: Pick<CameraService, 'list' | 'statuses'>;
}

/**
 * Whether the cameras see what they should: learns what each shows by the hour of the day, says at once when one is
 * covered, blinded, turned or out of focus, and once an hour whether its last week is another one than the accepted week.
 */
export class HealthService {
  readonly #deps: HealthServiceDeps;
  readonly #pictures: HealthPictureFiles;
  readonly #snapshots: HealthSnapshots;
  readonly #notices: HealthNotices;
  readonly #cameras = new Map<string, HealthOfCamera>();
  /** Addresses under which cameras were learnt: another one shows something else. */
  readonly #addresses = new Map<string, string>();
  #loading: Promise<void> | null = null;
  #isLoaded = false;
  #timer: ReturnType<typeof setInterval> | null = null;
  #ticks = 0;
  #isClosed = false;
  #written: Promise<unknown> = Promise.resolve();

  constructor(deps: HealthServiceDeps) {
    this.#deps = deps;
    this.#pictures = new HealthPictureFiles(deps.dataDir);
    this.#snapshots = new HealthSnapshots(deps.engine, this.#pictures, deps.log);
    this.#notices = new HealthNotices(deps.notices, (cameraId) => this.#nameOf(cameraId));
  }

  /** What the store knows; whoever needs it first reads it. */
  load(): Promise<void> {
    this.#loading ??= this.#load().catch((caught: unknown) => {
      this.#loading = null;
      throw caught;
    });
    return this.#loading;
  }

  figures({ cameraId, capturedAtMs, figures }: MeasuredPicture & { readonly cameraId: string }): void {
    if (!this.#isLoaded) {
      void this.load().catch((caught: unknown) => {
        this.#warn('what cameras showed could not be read', caught);
      });
      return;
    }
    const health = this.#cameras.get(cameraId) ?? this.#begin(cameraId, capturedAtMs);
    if (health === null) return;
    const over = health.look({ capturedAtMs, figures });
    this.#tell(cameraId, health);
    if (over === null) return;
    this.#save(cameraId, over);
    void this.#compare(cameraId, health);
  }

  heard(message: EventMessage): void {
    if (message.event === 'cameras.result') {
      const { cameraId, capturedAtMs, detections } = message.payload;
      const health = this.#cameras.get(cameraId);
      if (health === undefined || health.latest === null) return;
      health.found(capturedAtMs, detections);
      this.#snapshots.seen(cameraId, capturedAtMs, {
        hour: hourOfDay(capturedAtMs),
        trouble: health.trouble,
        learns: capturedAtMs < health.learntAtMs,
      });
    } else if (message.event === 'cameras.changed') this.#changed(message.payload.cameraId);
  }

  /** Null: it sees what it should, as far as is known. */
  troubleOf(cameraId: string): CameraTrouble | null {
    const health = this.#cameras.get(cameraId);
    const trouble = health?.trouble ?? null;
    const drift = health?.drift ?? null;
    if (trouble !== null) return { ...trouble, says: troubleWords[trouble.kind] };
    return drift === null ? null : { kind: 'changed', sinceMs: drift.sinceMs, says: drift.says };
  }

  async view(cameraId: string): Promise<CameraHealthView> {
    if (this.#camera(cameraId) === null) throw noSuchCamera(cameraId);
    await this.load();
    const health = this.#cameras.get(cameraId);
    const status = this.#deps.cameras.statuses().find((one) => one.cameraId === cameraId);
    const pictures = await this.#pictures.pair(cameraId, hourOfDay(this.#deps.clock.epochMs()));
    const figures = health?.latest?.figures;
    return {
      cameraId,
      trouble: status?.health ?? null,
      drift: health?.drift ?? null,
      acceptedAtMs: health?.acceptedMs ?? null,
      learntAtMs: health?.learntAtMs ?? null,
      accepted: health?.acceptedHours ?? [],
      latest: figures === undefined ? null : withoutLayout(figures),
      pictures,
    };
  }

  /** What it shows from now on is normal: whatever was said of its view is taken back, and learnt anew. */
  async acceptNormal(cameraId: string): Promise<CameraHealthView> {
    if (this.#camera(cameraId) === null) throw noSuchCamera(cameraId);
    await this.load();
    await this.#accept(cameraId);
    return this.view(cameraId);
  }

  /** Cameras whose view is not as it should be, as it is now. */
  async lines(cameraId: string | null): Promise<readonly CameraHealthLine[]> {
    await this.load();
    const statuses = this.#deps.cameras.statuses();
    const hour = hourOfDay(this.#deps.clock.epochMs());
    const lines: CameraHealthLine[] = [];
    for (const { id, name } of this.#deps.cameras.list()) {
      if (cameraId !== null && cameraId !== id) continue;
      const trouble = statuses.find((status) => status.cameraId === id)?.health ?? null;
      const drift = this.#cameras.get(id)?.drift ?? null;
      const says = new Set([trouble, drift].flatMap((one) => (one === null ? [] : [one.says])));
      if (says.size > 0) lines.push({ camera: name, says: [...says], pictures: await this.#pictures.pair(id, hour) });
    }
    return lines;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#saveAll();
    await this.#written;
    await this.#snapshots.settled();
  }

  async #load(): Promise<void> {
    const { store, clock } = this.#deps;
    const nowMs = clock.epochMs();
    for (const { cameraId, acceptedMs } of await store.call('cameras.accepted', undefined)) {
      const fromMs = hourStart(acceptedMs);
      const week = await this.#profiles(cameraId, fromMs, fromMs + acceptedWeekMs);
      const [thisHour] = await this.#profiles(cameraId, hourStart(nowMs), nowMs + 1);
      const health = new HealthOfCamera(acceptedMs, nowMs, { week, thisHour: thisHour ?? null });
      this.#cameras.set(cameraId, health);
      // Of an earlier run: what is still so is said again.
      this.#notices.clear(cameraId);
      await this.#compare(cameraId, health);
    }
    for (const { id, url } of this.#deps.cameras.list()) this.#addresses.set(id, url);
    if (this.#isClosed) return;
    this.#isLoaded = true;
    this.#timer = setInterval(() => {
      this.#tick();
    }, tickMs);
  }

  /** The first picture of a camera nothing is known of; null: it is none of the data folder's. */
  #begin(cameraId: string, atMs: number): HealthOfCamera | null {
    const camera = this.#camera(cameraId);
    if (camera === null) return null;
    const health = new HealthOfCamera(atMs, atMs, { week: [], thisHour: null });
    this.#cameras.set(cameraId, health);
    this.#addresses.set(cameraId, camera.url);
    this.#write('cameras.accept', { cameraId, acceptedMs: atMs });
    return health;
  }

  #changed(cameraId: string): void {
    const camera = this.#camera(cameraId);
    const known = this.#addresses.get(cameraId);
    if (camera === null) {
      this.#cameras.delete(cameraId);
      this.#addresses.delete(cameraId);
      this.#notices.clear(cameraId);
      void this.#pictures.forget(cameraId, 'all').catch((caught: unknown) => {
        this.#warn('pictures of a removed camera are left', caught);
      });
    } else if (known !== undefined && known !== camera.url && this.#isLoaded) {
      void this.#accept(cameraId).catch((caught: unknown) => {
        this.#warn('the view of a camera with a new address was not accepted', caught);
      });
    }
    if (camera !== null) this.#addresses.set(cameraId, camera.url);
  }

  async #accept(cameraId: string): Promise<void> {
    const acceptedMs = this.#deps.clock.epochMs();
    const health = this.#cameras.get(cameraId);
    // One that was never live is accepted with its first picture.
    if (health === undefined) return;
    await this.#deps.store.call('cameras.accept', { cameraId, acceptedMs });
    health.accept(acceptedMs);
    await this.#snapshots.settled();
    await this.#pictures.forget(cameraId, 'accepted');
    this.#snapshots.forget(cameraId);
    this.#notices.clear(cameraId);
  }

  #tell(cameraId: string, { trouble }: HealthOfCamera): void {
    if (!this.#notices.troubleIs(cameraId, trouble) || trouble === null) return;
    this.#deps.log.warn('a camera does not see what it should', { camera: this.#nameOf(cameraId), kind: trouble.kind });
  }

  async #compare(cameraId: string, health: HealthOfCamera): Promise<void> {
    const nowMs = this.#deps.clock.epochMs();
    if (nowMs <= health.learntAtMs) return;
    try {
      const fromMs = Math.max(health.learntAtMs, nowMs - acceptedWeekMs);
      health.compare(await this.#profiles(cameraId, fromMs, hourStart(nowMs)), nowMs);
      this.#notices.driftIs(cameraId, health.drift);
    } catch (caught) {
      this.#warn('a camera was not compared with its accepted week', caught);
    }
  }

  #tick(): void {
    const nowMs = this.#deps.clock.epochMs();
    for (const [cameraId, health] of this.#cameras) {
      if (health.latest === null || Math.abs(nowMs - health.latest.atMs) < silentMs) continue;
      health.silent();
      this.#tell(cameraId, health);
    }
    this.#ticks += 1;
    if (this.#ticks % saveEveryTicks === 0) this.#saveAll();
  }

  #saveAll(): void {
    for (const [cameraId, health] of this.#cameras) {
      const { profile } = health;
      if (profile !== null && health.latest !== null) this.#save(cameraId, profile);
    }
  }

  #save(cameraId: string, profile: HourProfile): void {
    this.#write('cameras.saveProfile', { cameraId, profile });
  }

  #write<K extends 'cameras.accept' | 'cameras.saveProfile'>(name: K, input: StoreOperations[K]['in']): void {
    const call = this.#deps.store.call(name, input).catch((caught: unknown) => {
      this.#warn('what a camera showed was not kept', caught);
    });
    this.#written = Promise.all([this.#written, call]).then(() => undefined); // not the answers of all nights
  }

  #profiles(cameraId: string, fromMs: number, toMs: number): Promise<readonly HourProfile[]> {
    return this.#deps.store.call('cameras.profiles', { cameraId, fromMs, toMs });
  }

  #camera(cameraId: string): Camera | null {
    return this.#deps.cameras.list().find(({ id }) => id === cameraId) ?? null;
  }

  #nameOf(cameraId: string): string {
    return this.#camera(cameraId)?.name ?? cameraId;
  }

  #warn(what: string, caught: unknown): void {
    this.#deps.log.warn(what, { reason: describeError(toErrorValue(caught)) });
  }
}

function withoutLayout({ layout: _layout, ...figures }: PictureFigures): Omit<PictureFigures, 'layout'> {
  return figures;
}
