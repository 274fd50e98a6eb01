import type { Camera, CameraStatus } from '../../shared/domain/camera.ts';
import type { GapReason } from '../../shared/domain/recording.ts';
import type { RecordingNews } from '../../shared/engine/protocol.ts';
import type { StoreClient } from '../../store/operations.ts';

/** What the log has to know of the world to say why nothing is recorded. */
export interface CameraNow {
  readonly camera: Camera;
  readonly state: CameraStatus['state'];
  readonly isEngineThere: boolean;
}

/**
 * One camera's recording as its engine tells it, kept as rows: files with their beginning and end, and at every moment
 * without a file the reason. Its calls to the store keep their order.
 */
export class RecordingLog {
  readonly #cameraId: string;
  readonly #store: StoreClient;
  #open: { readonly file: string; readonly startMs: number } | null = null;
  /** The end of the last footage, until it is noted where the gap begins. */
  #endedAtMs: number | null = null;
  #stopped: GapReason | null = null;
  /** The gap that is noted as going on; undefined: not known yet. */
  #noted: GapReason | null | undefined = undefined;
  #leftOut = 0;
  #waitingBytes = 0;
  /** Since when packets are left out, epoch ms: the recorder stands still, and can tell nothing itself. */
  #behindSinceMs: number | null = null;
  #writes: Promise<unknown> = Promise.resolve();

  constructor(cameraId: string, store: StoreClient) {
    this.#cameraId = cameraId;
    this.#store = store;
  }

  /** The file being written, as it stands in the store. */
  get open(): { readonly file: string; readonly startMs: number } | null {
    return this.#open;
  }

  get stopped(): GapReason | null {
    return this.#stopped;
  }

  /** Up to when the file being written holds everything; null: nothing is left out. */
  get behindSinceMs(): number | null {
    return this.#behindSinceMs;
  }

  get leftOut(): number {
    return this.#leftOut;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Why nothing is written now; null: something is. */
  get reason(): GapReason | null {
    return this.#open === null || this.#behindSinceMs !== null ? (this.#noted ?? 'starting') : null;
  }

  /** @param nowMs epoch ms. */
  hear(news: RecordingNews, nowMs: number): void {
    const cameraId = this.#cameraId;
    switch (news.kind) {
      case 'opened': {
        const { startMs, codec } = news;
        const file = `${cameraId}/${news.file}`;
        this.#open = { file, startMs };
        this.#stopped = null;
        this.#endedAtMs = null;
        this.#behindSinceMs = null;
        this.#write(() => this.#store.call('recordings.open', { cameraId, file, startMs, codec }));
        if (this.#noted !== null) this.#note(startMs, null);
        return;
      }
      case 'closed': {
        const { startMs, endMs, bytes } = news;
        const file = `${cameraId}/${news.file}`;
        this.#write(() =>
          bytes === 0
            ? this.#store.call('recordings.drop', { file })
            : this.#store.call('recordings.close', { cameraId, file, startMs, endMs, bytes }),
        );
        if (this.#open?.file !== file) return;
        this.#open = null;
        this.#endedAtMs = endMs;
        return;
      }
      case 'stopped':
        this.#stopped = news.reason;
        this.#endedAtMs ??= this.#open?.startMs ?? news.atMs;
        // Whoever wrote it could not end it: it is mended later. News of the camera's last connection ends nothing.
        if (this.#open !== null && news.atMs >= this.#open.startMs) this.#open = null;
        return;
      case 'load':
        this.#leftOut += news.leftOut;
        this.#waitingBytes = news.waitingBytes;
        // What is written after it begins with a file of its own.
        if (news.leftOut === 0 || this.#open === null || this.#behindSinceMs !== null) return;
        this.#behindSinceMs = nowMs;
        this.#note(nowMs, 'disk-slow');
    }
  }

  /** Its engine is gone, and with it whoever would have closed the file: that one is mended later. */
  engineLost(): void {
    this.#open = null;
    this.#stopped = null;
    this.#waitingBytes = 0;
    this.#behindSinceMs = null;
  }

  /** Notes why nothing is being written, where that is so and has not been noted. */
  settle(now: CameraNow, atMs: number): void {
    if (this.#open !== null) return;
    const reason = reasonOf(now, this.#stopped);
    if (reason === this.#noted) return;
    this.#note(this.#endedAtMs ?? atMs, reason);
    this.#endedAtMs = null;
  }

  /** The application ends, or was not there since. */
  away(atMs: number): void {
    this.#note(this.#endedAtMs ?? atMs, 'not-running');
    this.#endedAtMs = null;
  }

  /** What has been told is in the store. */
  written(): Promise<unknown> {
    return this.#writes;
  }

  #note(atMs: number, reason: GapReason | null): void {
    const cameraId = this.#cameraId;
    this.#noted = reason;
    this.#write(() => this.#store.call('recordings.gap', { cameraId, atMs, reason }));
  }

  /** A store that is gone says so itself; files are found again at the next start. */
  #write(call: () => Promise<unknown>): void {
    this.#writes = this.#writes.then(call).catch(() => undefined);
  }
}

function reasonOf({ camera, state, isEngineThere }: CameraNow, stopped: GapReason | null): GapReason {
  if (camera.recording === 'off' || !camera.enabled) return 'off';
  if (!isEngineThere) return 'engine-lost';
  if (state === 'offline') return 'camera-offline';
  if (state !== 'live') return 'starting';
  return stopped ?? (camera.recording === 'events' ? 'no-event' : 'starting');
}
