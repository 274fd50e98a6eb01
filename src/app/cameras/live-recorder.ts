import type { Camera } from '../../shared/domain/camera.ts';
import type { FoundBoxes, TrackedDetection } from '../../shared/domain/detection.ts';
import type { Ticket, UnchangedFrame } from '../../shared/engine/protocol.ts';
import { toErrorValue } from '../../shared/errors.ts';
import type {
  FrameRange,
  PixelSize,
  ResultRow,
  ShedFrames,
  StoredEvent,
  StoreOperations,
} from '../../store/operations.ts';
import type { PreparedWork } from '../models/work.ts';
import { CameraEvents, type FollowedFrame } from './camera-events.ts';
import type { CameraServiceDeps } from './camera-service.ts';
import type { LiveResults } from './live-results.ts';

const FLUSH_MS = 500;
const FLUSH_ROWS = 2_000;
/** After a commit that failed. */
const RETRY_MS = 5_000;
/** A late picture must not keep results from being stored. */
const SNAPSHOT_LIMIT_MS = 2_000;
/** Rows that the store could not take yet (a full disk, say); older ones are given up and counted. */
export const maxWaitingRows = 20_000;
/** A track makes another event when it moves again. */
const keyOf = ({ trackId, startMs }: Pick<StoredEvent, 'trackId' | 'startMs'>): string =>
  `${String(trackId)} ${String(startMs)}`;
/** Frames further apart than this many frame intervals leave a gap: what lay between was not looked at. */
const GAP_INTERVALS = 2.5;

/**
 * Turns the results of one camera into rows, looked-at ranges and events, and commits them together a few times a
 * second. The tracks live here, in the control plane, so that they survive an engine.
 */
export class LiveRecorder implements LiveResults {
  readonly #camera: Camera;
  readonly #work: PreparedWork;
  readonly #sourceId: number;
  readonly #deps: CameraServiceDeps;
  readonly #tracks: CameraEvents;
  #rows: ResultRow[] = [];
  #looked: [number, number][] = [];
  /** Capture times of frames that were not analysed while the camera was recorded. */
  #shed: number[] = [];
  /** By track and start: the newest state of each event touched since the last commit. */
  readonly #events = new Map<string, StoredEvent>();
  /** Best pictures that wait for their event's id. */
  readonly #snapshots = new Map<string, Promise<Uint8Array | null>>();
  /** As JSON: what the store has of the tracks; null: not known. */
  #savedTracks: string | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #committing: Promise<void> = Promise.resolve();
  #lastLookedMs: number | null = null;
  /** Of the newest picture that was analysed. */
  #pixels: PixelSize | null = null;
  #newestCommittedMs: number | null = null;
  #givenUp = 0;
  /** The latest commit failed: the next one waits for its time. */
  #failing = false;
  /** Results whose time was taken, since the clock was set back; 0 while it goes forward. */
  #takenFrames = 0;
  #closed = false;
  /** Commits that are under way or wait for one that is. */
  #flushes = 0;

  /** `before`: what the store has of the camera. */
  constructor(
    camera: Camera,
    work: PreparedWork,
    before: { readonly sourceId: number; readonly tracks: StoreOperations['live.tracks']['out'] },
    deps: CameraServiceDeps,
  ) {
    this.#camera = camera;
    this.#work = work;
    this.#sourceId = before.sourceId;
    this.#deps = deps;
    this.#tracks = new CameraEvents(work.model.manifest, camera.analysisFps, before.tracks);
  }

  /** Epoch ms of the newest frame whose result is committed. */
  get newestCommittedMs(): number | null {
    return this.#newestCommittedMs;
  }

  /** Rows that are not handed to the store yet, or came back from it. */
  get waiting(): number {
    return this.#rows.length;
  }

  /** Rows that were lost because the store would not take them for too long. */
  get givenUp(): number {
    return this.#givenUp;
  }

  analysed(ticket: Ticket | UnchangedFrame, found: FoundBoxes): readonly TrackedDetection[] {
    const frame = this.#tracks.next(ticket.capturedAtMs, found.detections, found.faint);
    this.#remember(ticket, frame);
    if (this.#rows.length >= FLUSH_ROWS && !this.#failing && this.#flushes === 0) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), this.#failing ? RETRY_MS : FLUSH_MS);
    return frame.detections;
  }

  shed(capturedAtMs: readonly number[]): void {
    // Without footage nothing can be made up for.
    if (this.#camera.recording === 'off' || capturedAtMs.length === 0) return;
    this.#shed.push(...capturedAtMs);
    this.#fit();
    this.#timer ??= setTimeout(() => void this.flush(), this.#failing ? RETRY_MS : FLUSH_MS);
  }

  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#flushes += 1;
    this.#committing = this.#committing.then(async () => {
      await this.#commit().finally(() => {
        this.#flushes -= 1;
      });
    });
    return this.#committing;
  }

  /** Closes the open events and commits what is left. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const change of this.#tracks.close(this.#lastLookedMs ?? this.#deps.clock.epochMs()))
      this.#touch(change, null);
    await this.flush();
    const { log } = this.#deps;
    this.#givenUp += this.#rows.length;
    this.#rows = [];
    if (this.#givenUp > 0) log.error('live results were lost', { camera: this.#camera.name, frames: this.#givenUp });
  }

  #remember(ticket: Ticket | UnchangedFrame, frame: FollowedFrame): void {
    this.#rows.push({
      frame: ticket.capturedAtMs,
      timeMs: ticket.capturedAtMs,
      inherited: 'sameAs' in ticket,
      detections: frame.detections.map(({ classIndex, score, box, trackId }) => ({ classIndex, score, box, trackId })),
    });
    const intervalMs = 1000 / this.#camera.analysisFps;
    const last = this.#looked[this.#looked.length - 1];
    const stepMs = this.#lastLookedMs === null ? Infinity : ticket.capturedAtMs - this.#lastLookedMs;
    // Backwards: the machine's clock was set back while the camera was away. That is a stretch of its own.
    const continues = stepMs >= 0 && stepMs <= GAP_INTERVALS * intervalMs;
    if (last !== undefined && continues) last[1] = ticket.capturedAtMs;
    else
      this.#looked.push([
        continues && this.#lastLookedMs !== null ? this.#lastLookedMs : ticket.capturedAtMs,
        ticket.capturedAtMs,
      ]);
    this.#lastLookedMs = ticket.capturedAtMs;
    this.#pixels = { width: ticket.sourceWidth, height: ticket.sourceHeight };
    this.#fit();
    for (const change of frame.changes) this.#touch(change, ticket);
  }

  /** What is given up was not looked at, as far as anybody can ever tell. */
  #fit(): void {
    this.#shed = this.#shed.slice(-maxWaitingRows);
    const excess = this.#rows.length - maxWaitingRows;
    if (excess <= 0) return;
    this.#givenUp += excess;
    this.#rows.splice(0, excess);
    const firstMs = this.#rows[0]?.timeMs ?? 0;
    this.#looked = this.#looked.flatMap(([from, to]): [number, number][] =>
      to < firstMs ? [] : [[Math.max(from, firstMs), to]],
    );
  }

  #touch({ event, newBest }: FollowedFrame['changes'][number], ticket: Ticket | UnchangedFrame | null): void {
    const key = keyOf(event);
    const known = this.#events.get(key);
    this.#events.set(key, {
      ...event,
      cameraId: this.#camera.id,
      sourceId: this.#sourceId,
      recipeId: this.#work.recipeId,
      width: ticket?.sourceWidth ?? known?.width ?? this.#pixels?.width ?? 0,
      height: ticket?.sourceHeight ?? known?.height ?? this.#pixels?.height ?? 0,
    });
    if (!newBest) return;
    const picture = this.#deps.engine
      .request({ type: 'snapshot', cameraId: this.#camera.id, capturedAtMs: event.bestMs }, SNAPSHOT_LIMIT_MS)
      .then(({ jpeg }) => jpeg)
      .catch(() => null); // the engine went away with it: the event keeps the picture it has
    this.#snapshots.set(key, picture);
  }

  async #commit(): Promise<void> {
    if (this.#rows.length === 0 && this.#events.size === 0 && this.#shed.length === 0) return;
    const rows = this.#rows;
    const looked: FrameRange[] = this.#looked;
    const events = [...this.#events.values()];
    const frames = this.#shed;
    const { recipeId } = this.#work;
    const pixels = this.#pixels;
    const shed: ShedFrames | null = frames.length === 0 ? null : { sourceId: this.#sourceId, recipeId, frames, pixels };
    this.#shed = [];
    this.#rows = [];
    this.#looked = [];
    this.#events.clear();
    const saved = this.#tracks.saved;
    const savedText = JSON.stringify(saved);
    const { store, bus, log, notices } = this.#deps;
    let eventIds: readonly number[];
    let newFrames: number;
    try {
      ({ eventIds, newFrames } = await store.call('live.commit', {
        commits: rows.length === 0 ? [] : [{ sourceId: this.#sourceId, recipeId: this.#work.recipeId, rows, looked }],
        events,
        ...(savedText === this.#savedTracks ? {} : { tracks: { cameraId: this.#camera.id, saved } }),
        ...(shed === null ? {} : { shed }),
      }));
      this.#savedTracks = savedText;
    } catch (caught) {
      // Kept for the next try: nothing that was seen is thrown away while there is room for it.
      this.#failing = true;
      const { message } = toErrorValue(caught);
      log.error('live results could not be stored', { camera: this.#camera.name, error: message });
      this.#shed = [...frames, ...this.#shed];
      this.#rows = [...rows, ...this.#rows];
      this.#looked = [...(looked as [number, number][]), ...this.#looked];
      for (const event of events) if (!this.#events.has(keyOf(event))) this.#events.set(keyOf(event), event);
      this.#fit();
      const text = `Results of ${this.#camera.name} wait to be stored: ${message}`;
      void notices.raise('error', `live-store:${this.#camera.id}`, text);
      if (!this.#closed) this.#timer ??= setTimeout(() => void this.flush(), RETRY_MS);
      return;
    }
    if (this.#failing || this.#newestCommittedMs === null) void notices.clear(`live-store:${this.#camera.id}`);
    this.#failing = false;
    this.#tellClockSetBack(rows.length - newFrames);
    this.#newestCommittedMs = rows[rows.length - 1]?.frame ?? this.#newestCommittedMs;
    await this.#saveSnapshots(events, eventIds);
    if (events.length > 0) bus.emit('review.changed', { events: events.length, detections: 0 });
  }

  /**
   * A camera's frame is its time, and what was looked at once is not stored again. So after the machine's clock was set
   * back, results of the hours that come a second time find their place taken: told for as long as it lasts.
   */
  #tellClockSetBack(frames: number): void {
    const topic = `clock-set-back:${this.#camera.id}`;
    if (frames > 0 && this.#takenFrames === 0) {
      const text = `Results of ${this.#camera.name} are not kept: their time was looked at before. Was the clock set back? It ends by itself when that time is over.`;
      void this.#deps.notices.raise('warning', topic, text);
    } else if (frames === 0 && this.#takenFrames > 0) {
      this.#deps.log.warn('results fell into a time that was looked at before', {
        camera: this.#camera.name,
        frames: this.#takenFrames,
      });
      void this.#deps.notices.clear(topic);
      this.#takenFrames = 0;
    }
    this.#takenFrames += frames;
  }

  async #saveSnapshots(events: readonly StoredEvent[], eventIds: readonly number[]): Promise<void> {
    const { log, stills } = this.#deps;
    for (const [index, event] of events.entries()) {
      const key = keyOf(event);
      const picture = this.#snapshots.get(key);
      const eventId = eventIds[index];
      if (picture === undefined || eventId === undefined) continue;
      this.#snapshots.delete(key);
      const jpeg = await picture;
      if (jpeg === null) continue;
      await stills.saveSnapshot(eventId, jpeg).catch((caught: unknown) => {
        log.error('the picture of an event could not be saved', { camera: this.#camera.name, error: String(caught) });
      });
    }
  }
}
