import { join } from 'node:path';
import type { Clock } from '../../core/ports.ts';
import { usualThresholds, type DiskSpace } from '../../core/recording/retention.ts';
import type { EventMessage } from '../../shared/contract/events.ts';
import type { Camera, CameraStatus } from '../../shared/domain/camera.ts';
import {
  mostWaitingBytes,
  postRollMs,
  type RecordingStatus,
  type SpaceThresholds,
} from '../../shared/domain/recording.ts';
import type { QueueStatus } from '../../shared/domain/system.ts';
import type { RecordingNews, RecordingOrder } from '../../shared/engine/protocol.ts';
import type { StoreClient } from '../../store/operations.ts';
import { largeSourceOf } from '../cameras/large-source.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { NoticeBoard } from '../notices/notice-board.ts';
import type { Log } from '../ports.ts';
import { readRepairs } from '../repairs/repair-counts.ts';
import { FootageIndex } from './footage-index.ts';
import { RecordingExports } from './recording-exports.ts';
import { RecordingFiles } from './recording-files.ts';
import { RecordingLogs } from './recording-logs.ts';
import { isRecorded, recordingStatus } from './recording-status.ts';
import { RetentionKeeper } from './retention-keeper.ts';

export interface RecordingServiceDeps {
  readonly store: StoreClient;
  readonly engine: Pick<EngineHost, 'request' | 'send' | 'isReady' | 'whenVersions'>;
  readonly notices: Pick<NoticeBoard, 'raise' | 'clear'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly dataDir: string;
  /** Where exports go when nobody says otherwise. */
  readonly reportsDir: string;
  readonly cameras: () => { readonly list: readonly Camera[]; readonly statuses: readonly CameraStatus[] };
  readonly thresholds?: SpaceThresholds;
  /** Left out: what the system says of the folder's disk. */
  readonly disk?: () => Promise<DiskSpace | null>;
}

const tickMs = 1_000;
const retentionMs = 60_000;
const mendLimitMs = 30_000;
/** An event that goes on is told to the engine once in this time. */
const extendMs = 1_000;
/** Files that are closed while the application ends are waited for so long; later ones are mended at the next start. */
const closeLimitMs = 1_500;
const dayMs = 86_400_000;
const aliveKey = 'recordings.aliveMs';
const diskTopic = 'recording-disk';

/** Footage of the cameras: what is written and why not, and what goes when. */
export class RecordingService {
  readonly #deps: RecordingServiceDeps;
  readonly #folder: string;
  readonly #thresholds: SpaceThresholds;
  readonly #files: RecordingFiles;
  readonly #retention: RetentionKeeper;
  readonly #logs: RecordingLogs;
  /** What there is of it. */
  readonly index: FootageIndex;
  readonly exports: RecordingExports;
  /** When each camera's event was last told to the engine, on the monotonic clock. */
  readonly #extended = new Map<string, number>();
  #timers: ReturnType<typeof setInterval>[] = [];
  #recovering: Promise<unknown> = Promise.resolve();
  #isActive = false;
  #isLoaded = false;

  constructor(deps: RecordingServiceDeps) {
    this.#deps = deps;
    this.#folder = join(deps.dataDir, 'recordings');
    this.#thresholds = deps.thresholds ?? usualThresholds;
    const logs = (this.#logs = new RecordingLogs(deps.store));
    this.#files = new RecordingFiles({
      store: deps.store,
      log: deps.log,
      folder: this.#folder,
      mend: (path) => deps.engine.request({ type: 'mend-recording', path }, mendLimitMs),
    });
    this.index = new FootageIndex({ ...deps, files: this.#files, logs });
    this.exports = new RecordingExports({ ...deps, index: this.index });
    this.#retention = new RetentionKeeper({
      store: deps.store,
      clock: deps.clock,
      log: deps.log,
      notices: deps.notices,
      files: this.#files,
      thresholds: this.#thresholds,
      disk: () => this.#disk(),
      keepDays: () => new Map(deps.cameras().list.map(({ id, keepDays }) => [id, keepDays])),
    });
  }

  /**
   * `active`: cameras are opened in this process, so footage is written, and old footage goes. Said before an engine is
   * started: its first camera may open at once, and files of an earlier run are looked at when it is ready.
   */
  activate(active: boolean): void {
    this.#isActive = active;
    // Of an earlier run: what is still so is told again.
    if (active) void this.#deps.notices.clear(diskTopic);
  }

  /**
   * As if it had been said at the start: somebody asks this process for what needs the footage, whatever else it does. Nothing
   * is written before a camera is opened anew.
   */
  async tend(): Promise<void> {
    if (this.#isActive) return;
    this.#isActive = true;
    await this.load();
    if (this.#deps.engine.isReady) this.engineIsReady();
  }

  /** After `activate`, when the cameras are known. */
  async load(): Promise<void> {
    if (!this.#isActive) return;
    const { store, clock } = this.#deps;
    const aliveMs = Number((await store.call('settings.get', { key: aliveKey })) ?? clock.epochMs());
    this.#retention.aliveUntil(aliveMs);
    this.#isLoaded = true;
    for (const camera of this.#deps.cameras().list) if (isRecorded(camera)) this.#logs.of(camera.id).away(aliveMs);
    this.#timers = [
      setInterval(() => {
        this.#tick();
      }, tickMs),
      setInterval(() => void this.retain(), retentionMs),
    ];
  }

  /** What the engine is told when it opens the camera; null: nothing is recorded. */
  orderFor(camera: Camera): RecordingOrder | null {
    if (camera.recording === 'off' || !this.#isActive) return null;
    return {
      folder: join(this.#folder, camera.id),
      mode: camera.recording,
      thresholds: this.#thresholds,
    };
  }

  engineIsReady(): void {
    if (!this.#isActive) return;
    // This engine has not opened a camera yet: what is older is nobody's.
    const readyMs = this.#deps.clock.epochMs();
    this.#recover(async () => {
      await this.#files.adopt((file) => this.#logs.isOpen(file), readyMs);
      await this.retain();
    });
  }

  #recover(andThen: () => Promise<void> = () => Promise.resolve()): void {
    this.#recovering = this.#recovering
      .then(() => this.#logs.written())
      .then(() => this.#files.recover((file) => this.#logs.isOpen(file)))
      .then(andThen)
      .catch((caught: unknown) => {
        this.#deps.log.error('recordings could not be recovered', { reason: String(caught) });
      });
  }

  /** Resolves when files of earlier runs have been looked at, and what the engine has told is in the store. */
  async footageIsKnown(): Promise<void> {
    await this.#recovering;
    await this.#logs.written();
  }

  engineLost(): void {
    for (const log of this.#logs.all) log.engineLost();
    this.#tick();
  }

  message(cameraId: string, news: RecordingNews): void {
    const { notices, log, clock } = this.#deps;
    const recording = this.#logs.of(cameraId);
    const wasOpen = recording.open !== null;
    const wasBehind = recording.behindSinceMs !== null;
    recording.hear(news, clock.epochMs());
    if (!wasBehind && recording.behindSinceMs !== null) this.#tellDisk('disk-slow');
    if (news.kind === 'opened') {
      void notices.clear(`recording:${cameraId}`);
      if (!this.#isHeldUpByDisk()) void notices.clear(diskTopic);
      return;
    }
    if (news.kind !== 'stopped') return;
    // The recorder broke down, and with it whoever would have ended the file.
    if (wasOpen && recording.open === null) this.#recover();
    const { reason, detail } = news;
    if (reason === 'no-event') return;
    const name = this.#deps.cameras().list.find(({ id }) => id === cameraId)?.name ?? cameraId;
    log.warn('recording stopped', { camera: name, reason, detail });
    if (reason === 'not-recordable') {
      const why = detail === null ? 'it makes its pictures itself, so there are no packets to write' : detail;
      void notices.raise('warning', `recording:${cameraId}`, `This source cannot be recorded (${name}): ${why}.`);
    } else if (isDisk(reason)) {
      this.#tellDisk(reason);
      if (reason === 'disk-full') void this.retain();
    }
  }

  /** Hears what is seen: a confirmed track is an event, unless it only stands there, and is recorded around. */
  heard(message: EventMessage): void {
    if (message.event !== 'cameras.result') return;
    const { cameraId, detections } = message.payload;
    if (!detections.some(({ trackId, isStationary }) => trackId !== null && !isStationary)) return;
    const { clock, engine, cameras } = this.#deps;
    const nowMs = clock.monoMs();
    if (nowMs - (this.#extended.get(cameraId) ?? -Infinity) < extendMs) return;
    const camera = cameras().list.find(({ id }) => id === cameraId);
    if (camera?.recording !== 'events') return;
    this.#extended.set(cameraId, nowMs);
    engine.send({ type: 'record-until', cameraId, forMs: postRollMs });
    // What is seen in the small stream is recorded of the large one.
    if (camera.largeUrl === null) return;
    engine.send({ type: 'record-until', cameraId: largeSourceOf(cameraId), forMs: postRollMs });
  }

  queues(): readonly QueueStatus[] {
    const logs = this.#logs.all;
    return [
      {
        name: 'recording-packets',
        unit: 'bytes',
        waiting: logs.reduce((sum, { waitingBytes }) => sum + waitingBytes, 0),
        bound: mostWaitingBytes * this.#deps.cameras().list.filter(isRecorded).length,
        policy: 'groups-left-out',
        givenUp: logs.reduce((sum, { leftOut }) => sum + leftOut, 0),
      },
      this.exports.queue(),
    ];
  }

  async status(): Promise<RecordingStatus> {
    const { store, clock, cameras } = this.#deps;
    const nowMs = clock.epochMs();
    const { list, statuses } = cameras();
    return recordingStatus({
      folder: this.#folder,
      cameras: list,
      statuses,
      repairs: await readRepairs(
        store,
        list.map(({ id }) => id),
        nowMs,
      ),
      totals: await store.call('recordings.totals', { sinceMs: nowMs - dayMs }),
      logs: this.#logs.byCamera,
      disk: await this.#disk(),
      thresholds: this.#thresholds,
      nowMs,
    });
  }

  /** Old footage makes room, and it is noted that the application is alive. */
  async retain(): Promise<void> {
    // Before that it is still read when the run before this one was alive.
    if (!this.#isLoaded) return;
    const { store, clock } = this.#deps;
    await store.call('settings.set', { key: aliveKey, value: String(clock.epochMs()) }).catch(() => undefined);
    await this.#logs.written();
    await this.#retention.retain();
  }

  /** After the cameras are closed: their last files are waited for a moment. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    if (!this.#isActive) return;
    const { clock, store, cameras } = this.#deps;
    const giveUpAt = clock.monoMs() + closeLimitMs;
    while (this.#logs.all.some(({ open }) => open !== null) && clock.monoMs() < giveUpAt) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await this.#recovering;
    await this.#retention.settled();
    const nowMs = clock.epochMs();
    for (const camera of cameras().list) if (isRecorded(camera)) this.#logs.of(camera.id).away(nowMs);
    await store.call('settings.set', { key: aliveKey, value: String(nowMs) }).catch(() => undefined);
    await this.#logs.written();
  }

  #disk(): Promise<DiskSpace | null> {
    return this.#deps.disk?.() ?? this.#files.disk();
  }

  #tick(): void {
    if (!this.#isActive) return;
    const { clock, engine, cameras } = this.#deps;
    const { list, statuses } = cameras();
    const nowMs = clock.epochMs();
    for (const camera of list) {
      const state = statuses.find(({ cameraId }) => cameraId === camera.id)?.state ?? 'disabled';
      // Nobody has opened it here (yet): what was noted of it holds.
      if (camera.enabled && state === 'disabled') continue;
      this.#logs.of(camera.id).settle({ camera, state, isEngineThere: engine.isReady }, nowMs);
    }
  }

  #tellDisk(reason: keyof typeof diskWords): void {
    const text = `${diskWords[reason]} Cameras stay live, and recording goes on by itself.`;
    void this.#deps.notices.raise('error', diskTopic, text);
  }

  /** A camera that is live is not recorded because of the disk. */
  #isHeldUpByDisk(): boolean {
    const { list, statuses } = this.#deps.cameras();
    return list.some((camera) => {
      const { stopped = null, behindSinceMs = null } = this.#logs.byCamera.get(camera.id) ?? {};
      const isHeldUp = behindSinceMs !== null || (stopped !== null && isDisk(stopped));
      if (!isRecorded(camera) || !isHeldUp) return false;
      return statuses.some(({ cameraId, state }) => cameraId === camera.id && state === 'live');
    });
  }
}

const diskWords = {
  'disk-full': 'The disk is too full to record on.',
  'disk-slow': 'The disk is too slow for what the cameras send: footage has gaps.',
  'disk-error': 'The disk does not take the footage.',
} as const;
const isDisk = (reason: string): reason is keyof typeof diskWords => Object.hasOwn(diskWords, reason);
