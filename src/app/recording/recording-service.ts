import { join, resolve } from 'node:path';
import type { Clock } from '../../core/ports.ts';
import { gapsBetween, meetsMs, withoutStretch, withStretch } from '../../core/recording/coverage.ts';
import { usualThresholds, type DiskSpace } from '../../core/recording/retention.ts';
import { fewest } from '../../core/timeline/camera-timeline.ts';
import type { EventMessage } from '../../shared/contract/events.ts';
import type { Camera, CameraStatus } from '../../shared/domain/camera.ts';
import type { CameraFootage, TimeStretch } from '../../shared/domain/camera-timeline.ts';
import {
  mostWaitingBytes,
  postRollMs,
  type RecordingCoverage,
  type RecordingExport,
  type RecordingStatus,
  type SpaceThresholds,
} from '../../shared/domain/recording.ts';
import type { QueueStatus } from '../../shared/domain/system.ts';
import type { RecordingNews, RecordingOrder, RecordingPiece } from '../../shared/engine/protocol.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { StoreClient } from '../../store/operations.ts';
import { largeSourceOf } from '../cameras/large-source.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { NoticeBoard } from '../notices/notice-board.ts';
import type { Log } from '../ports.ts';
import { readRepairs } from '../repairs/repair-counts.ts';
import { checkTarget, freeName, safeName } from '../reports/report-file.ts';
import { fileTime } from '../reports/report-times.ts';
import { ExportLine } from './export-line.ts';
import { RecordingFiles } from './recording-files.ts';
import { RecordingLog } from './recording-log.ts';
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

interface ExportRequest {
  readonly cameraId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly file: string | null;
}

const tickMs = 1_000;
const retentionMs = 60_000;
const mendLimitMs = 30_000;
const exportLimitMs = 15 * 60_000;
/** An event that goes on is told to the engine once in this time. */
const extendMs = 1_000;
/** Files that are closed while the application ends are waited for so long; later ones are mended at the next start. */
const closeLimitMs = 1_500;
/** About a fortnight of a camera. */
const mostSegments = 20_000;
/** More pieces than this cannot be told apart on a screen. */
const mostStretches = 400;
const dayMs = 86_400_000;
const aliveKey = 'recordings.aliveMs';
const diskTopic = 'recording-disk';

/** Footage of the cameras: what is written and why not, what goes when, and what is asked of it. */
export class RecordingService {
  readonly #deps: RecordingServiceDeps;
  readonly #folder: string;
  readonly #thresholds: SpaceThresholds;
  readonly #files: RecordingFiles;
  readonly #retention: RetentionKeeper;
  readonly #exports = new ExportLine();
  readonly #logs = new Map<string, RecordingLog>();
  /** When each camera's event was last told to the engine, on the monotonic clock. */
  readonly #extended = new Map<string, number>();
  #timers: ReturnType<typeof setInterval>[] = [];
  #recovering: Promise<unknown> = Promise.resolve();
  #isActive = false;

  constructor(deps: RecordingServiceDeps) {
    this.#deps = deps;
    this.#folder = join(deps.dataDir, 'recordings');
    this.#thresholds = deps.thresholds ?? usualThresholds;
    this.#files = new RecordingFiles({
      store: deps.store,
      log: deps.log,
      folder: this.#folder,
      mend: (path) => deps.engine.request({ type: 'mend-recording', path }, mendLimitMs),
    });
    this.#retention = new RetentionKeeper({
      store: deps.store,
      clock: deps.clock,
      log: deps.log,
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
  }

  /** After `activate`, when the cameras are known. */
  async load(): Promise<void> {
    if (!this.#isActive) return;
    const { store, clock } = this.#deps;
    const aliveMs = Number((await store.call('settings.get', { key: aliveKey })) ?? clock.epochMs());
    for (const camera of this.#deps.cameras().list) if (isRecorded(camera)) this.#log(camera.id).away(aliveMs);
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
    const isOpen = (file: string): boolean => this.#isOpen(file);
    // This engine has not opened a camera yet: what is older is nobody's.
    const readyMs = this.#deps.clock.epochMs();
    this.#recovering = this.#recovering
      .then(() => this.#files.recover(isOpen))
      .then(() => this.#files.adopt(isOpen, readyMs))
      .then(() => this.retain())
      .catch((caught: unknown) => {
        this.#deps.log.error('recordings could not be recovered', { reason: String(caught) });
      });
  }

  /** Resolves when files of earlier runs have been looked at, and what the engine has told is in the store. */
  async footageIsKnown(): Promise<void> {
    await this.#recovering;
    await this.#written();
  }

  engineLost(): void {
    for (const log of this.#logs.values()) log.engineLost();
    this.#tick();
  }

  message(cameraId: string, news: RecordingNews): void {
    const { notices, log } = this.#deps;
    const recording = this.#log(cameraId);
    recording.hear(news);
    if (news.kind === 'opened') {
      void notices.clear(`recording:${cameraId}`);
      if (![...this.#logs.values()].some(({ stopped }) => stopped !== null && isDisk(stopped)))
        void notices.clear(diskTopic);
      return;
    }
    if (news.kind !== 'stopped') return;
    const { reason, detail } = news;
    if (reason === 'no-event') return;
    const name = this.#deps.cameras().list.find(({ id }) => id === cameraId)?.name ?? cameraId;
    log.warn('recording stopped', { camera: name, reason, detail });
    if (reason === 'not-recordable') {
      const why = detail === null ? 'it makes its pictures itself, so there are no packets to write' : detail;
      void notices.raise('warning', `recording:${cameraId}`, `This source cannot be recorded (${name}): ${why}.`);
    } else if (isDisk(reason)) {
      void notices.raise(
        'error',
        diskTopic,
        `${diskWords[reason]} Cameras stay live, and recording goes on by itself.`,
      );
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
    const logs = [...this.#logs.values()];
    return [
      {
        name: 'recording-packets',
        unit: 'bytes',
        waiting: logs.reduce((sum, { waitingBytes }) => sum + waitingBytes, 0),
        bound: mostWaitingBytes * this.#deps.cameras().list.filter(isRecorded).length,
        policy: 'groups-left-out',
        givenUp: logs.reduce((sum, { leftOut }) => sum + leftOut, 0),
      },
      this.#exports.queue(),
    ];
  }

  async coverage(request: { cameraId: string; fromMs: number; toMs: number }): Promise<RecordingCoverage> {
    const { store, clock } = this.#deps;
    const nowMs = clock.epochMs();
    const { cameraId, fromMs } = request;
    const toMs = Math.min(request.toMs, nowMs);
    if (toMs <= fromMs) return { cameraId, fromMs, toMs: fromMs, segments: [], gaps: [] };
    await this.#written();
    const { segments, gaps, kept } = await store.call('recordings.range', {
      cameraId,
      fromMs,
      toMs,
      limit: mostSegments,
    });
    if (segments.length === mostSegments) throw tooManyFiles('Ask for a week at a time.');
    const footage = segments.flatMap(({ id, startMs, endMs, bytes, codec, file }) => {
      const isOpen = endMs === null;
      // One that nobody writes any more and nobody has looked at yet has no known end.
      if (isOpen && !this.#isOpen(file)) return [];
      const end = endMs ?? nowMs;
      const isKept = kept.some((stretch) => stretch.fromMs < end && stretch.toMs > startMs);
      return [{ id, fromMs: startMs, toMs: end, bytes, codec, isOpen, isKept }];
    });
    const notes = gaps.map((gap) => ({ ...gap, toMs: gap.toMs ?? nowMs }));
    return { cameraId, fromMs, toMs, segments: footage, gaps: gapsBetween({ fromMs, toMs }, footage, notes) };
  }

  /** The same for a picture of any span: in few pieces, and without a word of each file. */
  async footage({ cameraId, fromMs, toMs }: TimeStretch & { readonly cameraId: string }): Promise<CameraFootage> {
    const { store, clock } = this.#deps;
    const nowMs = clock.epochMs();
    const range = { fromMs, toMs: Math.min(toMs, nowMs) };
    if (range.toMs <= fromMs) return { recorded: [], gaps: [], kept: [] };
    await this.#written();
    const found = await store.call('recordings.stretches', { cameraId, ...range, meetsMs });
    const growing = found.open
      .filter(({ file }) => this.#isOpen(file))
      .map(({ startMs }) => ({ fromMs: startMs, toMs: nowMs }));
    const all = growing.reduce<readonly TimeStretch[]>((joined, piece) => withMeeting(joined, piece), found.stretches);
    const recorded = fewest(all, mostStretches);
    const notes = found.gaps.map((gap) => ({ ...gap, toMs: gap.toMs ?? nowMs }));
    return { recorded, gaps: gapsBetween(range, recorded, notes), kept: found.kept };
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
      logs: this.#logs,
      disk: await this.#disk(),
      thresholds: this.#thresholds,
      nowMs,
    });
  }

  async keep(request: { cameraId: string; fromMs: number; toMs: number }, keep: boolean): Promise<void> {
    const { cameraId, fromMs, toMs } = request;
    if (toMs <= fromMs) throw badRange();
    const kept = await this.#deps.store.call('recordings.kept', { cameraId });
    const stretch = { fromMs, toMs };
    const stretches = keep ? withStretch(kept, stretch) : withoutStretch(kept, stretch);
    await this.#deps.store.call('recordings.setKept', { cameraId, stretches });
  }

  /** The files of a stretch, in order of time; one that is being written ends now. */
  async pieces(
    cameraId: string,
    fromMs: number,
    toMs: number,
    limit = mostSegments,
  ): Promise<readonly RecordingPiece[]> {
    await this.#written();
    const { segments } = await this.#deps.store.call('recordings.range', { cameraId, fromMs, toMs, limit });
    const nowMs = this.#deps.clock.epochMs();
    return segments.flatMap(({ file, startMs, endMs }) =>
      endMs === null && !this.#isOpen(file) ? [] : [{ path: this.#files.path(file), startMs, endMs: endMs ?? nowMs }],
    );
  }

  /**
   * `file` null: into the reports folder under a name made from camera and time. Whole, or not there at all. One export at a
   * time; a stretch of more files than are read at once is refused, never cut short.
   */
  export(request: ExportRequest): Promise<RecordingExport> {
    if (request.toMs <= request.fromMs) return Promise.reject(badRange());
    return this.#exports.add(() => this.#export(request));
  }

  async #export({ cameraId, fromMs, toMs, file: wanted }: ExportRequest): Promise<RecordingExport> {
    const { engine, store, reportsDir, cameras } = this.#deps;
    const { segments } = await store.call('recordings.range', { cameraId, fromMs, toMs, limit: mostSegments });
    if (segments.length === mostSegments) throw tooManyFiles('Export it in parts, a week at a time.');
    const pieces = segments.flatMap(({ file, startMs, endMs }) =>
      endMs === null ? [] : [{ path: this.#files.path(file), startMs, endMs }],
    );
    if (pieces.length === 0) {
      throw new NightshiftError({
        kind: 'not-found',
        message:
          'Nothing was recorded in this stretch; a minute that is being written can be exported when it is over.',
        where: cameraId,
        hint: 'See what there is with `nightshift recordings list`.',
      });
    }
    const name = cameras().list.find(({ id }) => id === cameraId)?.name ?? cameraId;
    const base = `nightshift-${safeName(name)}-${fileTime(fromMs)}`;
    const target = resolve(wanted ?? (await freeName(reportsDir, base, 'mp4')));
    await checkTarget(target);
    await engine.whenVersions;
    const exported = await engine.request({ type: 'export-recording', pieces, fromMs, toMs, target }, exportLimitMs);
    return { file: target, ...exported };
  }

  /** Old footage makes room, and it is noted that the application is alive. */
  async retain(): Promise<void> {
    const { store, clock } = this.#deps;
    await store.call('settings.set', { key: aliveKey, value: String(clock.epochMs()) }).catch(() => undefined);
    await this.#written();
    await this.#retention.retain();
  }

  /** After the cameras are closed: their last files are waited for a moment. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    if (!this.#isActive) return;
    const { clock, store, cameras } = this.#deps;
    const giveUpAt = clock.monoMs() + closeLimitMs;
    while ([...this.#logs.values()].some(({ open }) => open !== null) && clock.monoMs() < giveUpAt) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await this.#recovering;
    await this.#retention.settled();
    const nowMs = clock.epochMs();
    for (const camera of cameras().list) if (isRecorded(camera)) this.#log(camera.id).away(nowMs);
    await store.call('settings.set', { key: aliveKey, value: String(nowMs) }).catch(() => undefined);
    await this.#written();
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
      this.#log(camera.id).settle({ camera, state, isEngineThere: engine.isReady }, nowMs);
    }
  }

  #log(cameraId: string): RecordingLog {
    const known = this.#logs.get(cameraId);
    if (known !== undefined) return known;
    const log = new RecordingLog(cameraId, this.#deps.store);
    this.#logs.set(cameraId, log);
    return log;
  }

  #isOpen(file: string): boolean {
    return [...this.#logs.values()].some(({ open }) => open?.file === file);
  }

  /** What the engine has told so far is in the store. */
  async #written(): Promise<void> {
    await Promise.all([...this.#logs.values()].map((log) => log.written()));
  }
}

const diskWords = {
  'disk-full': 'The disk is too full to record on.',
  'disk-slow': 'The disk is too slow for what the cameras send: footage has gaps.',
  'disk-error': 'The disk does not take the footage.',
} as const;
const isDisk = (reason: string): reason is keyof typeof diskWords => Object.hasOwn(diskWords, reason);

const tooManyFiles = (hint: string): NightshiftError =>
  new NightshiftError({
    kind: 'bad-input',
    message: `There are ${String(mostSegments)} files or more between these moments.`,
    hint,
  });

/** The file that is being written is the last of all: it goes on where the one before it ended. */
function withMeeting(stretches: readonly TimeStretch[], piece: TimeStretch): readonly TimeStretch[] {
  const last = stretches[stretches.length - 1];
  if (last === undefined || piece.fromMs - last.toMs > meetsMs) return [...stretches, piece];
  return [...stretches.slice(0, -1), { fromMs: last.fromMs, toMs: Math.max(last.toMs, piece.toMs) }];
}

const badRange = (): NightshiftError =>
  new NightshiftError({ kind: 'bad-input', message: 'The end must be later than the beginning.' });
