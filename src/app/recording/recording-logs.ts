import type { StoreClient } from '../../store/operations.ts';
import { RecordingLog } from './recording-log.ts';

/** The recording of every camera, as its engine tells of it. */
export class RecordingLogs {
  readonly #store: StoreClient;
  readonly #byCamera = new Map<string, RecordingLog>();

  constructor(store: StoreClient) {
    this.#store = store;
  }

  /** The camera's, made where there is none yet. */
  of(cameraId: string): RecordingLog {
    const known = this.#byCamera.get(cameraId);
    if (known !== undefined) return known;
    const log = new RecordingLog(cameraId, this.#store);
    this.#byCamera.set(cameraId, log);
    return log;
  }

  get byCamera(): ReadonlyMap<string, RecordingLog> {
    return this.#byCamera;
  }

  get all(): readonly RecordingLog[] {
    return [...this.#byCamera.values()];
  }

  /** The file is being written by this process. */
  isOpen(file: string): boolean {
    return this.all.some(({ open }) => open?.file === file);
  }

  /** Up to when the file that the camera is being recorded into holds everything. */
  endOfOpen(cameraId: string, nowMs: number): number {
    return Math.min(nowMs, this.#byCamera.get(cameraId)?.behindSinceMs ?? nowMs);
  }

  /** What the engine has told so far is in the store. */
  async written(): Promise<void> {
    await Promise.all(this.all.map((log) => log.written()));
  }
}
