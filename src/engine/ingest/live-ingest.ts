import { hardwareNames, type DecoderInUse } from '../../shared/domain/decoding.ts';
import type { LostFrames, Ticket } from '../../shared/engine/protocol.ts';
import { ControlBlock } from './control-block.ts';
import type { FrameOwner, HeldFrames } from './held-frames.ts';
import { IngestThread } from './ingest-thread.ts';
import { isReadWithoutBlocking } from './live-address.ts';
import type { FromCameraWorker, OpenCamera } from './messages.ts';
import type { IngestNews } from './ports.ts';
import type { TapOrder } from './recording/recorder-messages.ts';
import { SnapshotRing } from './snapshot-ring.ts';

/** Frames of one camera that may be in the engine: two that wait, one that runs, one that is being made. */
const buffersPerCamera = 4;
const closeTimeoutMs = 2000;

/** The main thread's side of one camera, from its opening to the end of its thread. */
export class LiveIngest implements FrameOwner {
  readonly cameraId: string;
  readonly #opening: number;
  readonly #thread: IngestThread;
  readonly #held: HeldFrames;
  readonly #onArrival: () => void;
  readonly #snapshots = new SnapshotRing();
  readonly #awaitsReads: boolean;
  #watched = false;
  #streamed = false;
  #requested = false;
  #reason: string | null = null;
  #abandoned = false;
  #closed = false;
  readonly #mayUse: string;
  #decoder: DecoderInUse | null = null;
  #beats = 0;
  #stillMs = 0;

  constructor(
    workerFile: string | URL,
    camera: OpenCamera,
    maxPixels: number,
    held: HeldFrames,
    onArrival: () => void,
  ) {
    this.cameraId = camera.cameraId;
    this.#opening = camera.opening;
    this.#awaitsReads = isReadWithoutBlocking(camera.url);
    this.#mayUse = (camera.decode?.devices ?? []).map(({ hardware }) => hardwareNames[hardware]).join(' or ');
    this.#held = held;
    this.#onArrival = onArrival;
    const control = new ControlBlock();
    control.window = buffersPerCamera;
    this.#thread = new IngestThread(workerFile, { name: 'camera', camera, maxPixels }, control, onArrival);
  }

  /** True once `camera-closed` has been told. */
  get closed(): boolean {
    return this.#closed;
  }

  watch(on: boolean, maxFps: number, maxWidth: number | null): void {
    this.#watched = on;
    this.#thread.say({ type: 'watch', on, maxFps, maxWidth });
  }

  /** Its packets are told to viewers that decode them themselves, or no longer. */
  stream(on: boolean): void {
    this.#streamed = on;
    this.#thread.say({ type: 'stream', on });
  }

  /** From now on its packets go to the recorder as well. */
  record(tap: TapOrder): void {
    this.#thread.say({ type: 'record', tap }, [tap.packets]);
  }

  /** Not any longer; what has been sent is still written. */
  recordNoMore(): void {
    this.#thread.say({ type: 'record-end' });
  }

  recordFor(forMs: number): void {
    this.#thread.say({ type: 'record-until', forMs });
  }

  /** Asks for the end; `camera-closed` follows when the thread is gone, or has been given up. */
  close(timeoutMs = closeTimeoutMs): Promise<void> {
    this.#requested = true;
    return this.#thread.stop(timeoutMs, { awaitsReads: this.#awaitsReads }).then(() => {
      if (this.#thread.ended) return;
      this.#abandoned = true;
      this.#onArrival();
    });
  }

  /** Resolves once its thread may be cut off by the end of the process. */
  get mayBeCutOff(): Promise<void> {
    return this.#awaitsReads ? this.#thread.gone : Promise.resolve();
  }

  /**
   * Called every `everyMs`. A driver may hang inside a call, and with it the thread, which then ends the camera neither by
   * itself nor when it is told: it is left behind, and the camera goes on without it. Only threads that never block
   * otherwise are judged, once they live.
   */
  lookForHang(everyMs: number, limitMs: number): void {
    const mayHang = this.#awaitsReads && this.#mayUse !== '' && this.#decoder?.kind !== 'software';
    if (!mayHang || this.#abandoned || this.#thread.ended) return;
    const { beats } = this.#thread.control;
    this.#stillMs = beats === this.#beats && beats > 0 ? this.#stillMs + everyMs : 0;
    this.#beats = beats;
    if (this.#stillMs < limitMs) return;
    const why = `${this.#mayUse} did not answer for ${String(Math.round(limitMs / 1000))} s`;
    this.#decoder = { kind: 'software', why, hardware: 'hung' };
    this.#reason = `The hardware decoder hangs: ${why}.`;
    this.#abandoned = true;
    this.#thread.control.stop();
    this.#onArrival();
  }

  takeBack(buffers: ArrayBuffer[]): void {
    this.#thread.say({ type: 'buffers', buffers }, buffers);
    this.#thread.control.framesReturned(buffers.length);
  }

  /** What came after it as unchanged has no result to take. */
  notRun(): void {
    this.#thread.control.refresh();
  }

  snapshot(capturedAtMs: number): Uint8Array | null {
    return this.#snapshots.get(capturedAtMs)?.jpeg ?? null;
  }

  /** Reads what the worker said. */
  drain(tickets: Ticket[], lost: LostFrames[], tell: (news: IngestNews) => void): void {
    if (this.#closed) return;
    const over = this.#thread.ended || this.#abandoned;
    const capturedAtMs: number[] = [];
    for (const message of this.#thread.hear() as FromCameraWorker[]) {
      if (message.type === 'lost') capturedAtMs.push(...message.capturedAtMs);
      else this.#take(message, tickets, tell);
    }
    const count = this.#thread.control.takeLost();
    if (count > 0 || capturedAtMs.length > 0) {
      lost.push({ source: this.cameraId, reason: 'no-buffer', count, capturedAtMs });
    }
    if (!over) return;
    this.#closed = true;
    const { cameraId } = this;
    if (this.#decoder?.kind === 'software' && this.#decoder.hardware === 'hung')
      tell({ type: 'camera-decoder', cameraId, opening: this.#opening, decoder: this.#decoder });
    const reason = this.#requested
      ? 'The camera was closed.'
      : (this.#reason ?? `The camera's decoder ended unexpectedly (${this.#thread.error ?? 'no reason was given'}).`);
    tell({ type: 'camera-closed', cameraId, opening: this.#opening, reason, requested: this.#requested });
  }

  #take(
    message: Exclude<FromCameraWorker, { type: 'lost' }>,
    tickets: Ticket[],
    tell: (news: IngestNews) => void,
  ): void {
    const { cameraId } = this;
    switch (message.type) {
      case 'opened': {
        this.#decoder = message.decoder;
        tell({ ...message, type: 'camera-opened', cameraId, opening: this.#opening });
        break;
      }
      case 'decoder':
        this.#decoder = message.decoder;
        tell({ type: 'camera-decoder', cameraId, opening: this.#opening, decoder: message.decoder });
        break;
      case 'health':
        tell({ ...message, type: 'camera-health', cameraId, opening: this.#opening });
        break;
      case 'figures':
        tell({ ...message, type: 'camera-figures', cameraId });
        break;
      case 'frame': {
        const { frame, timeMs, capturedMonoMs, capturedAtMs, heldMs = 0 } = message;
        const { sourceWidth, sourceHeight, motion, preview } = message;
        const frameId = this.#held.hold(message, cameraId, this);
        tickets.push({
          frameId,
          lane: 'live',
          source: cameraId,
          frame,
          timeMs,
          capturedMonoMs,
          capturedAtMs,
          sourceWidth,
          sourceHeight,
          motion,
          ...(heldMs > 0 ? { heldMs } : {}),
        });
        if (preview === null) break;
        this.#snapshots.add(capturedAtMs, preview);
        if (this.#watched) tell({ type: 'picture', cameraId, capturedAtMs, analysed: true, ...preview });
        break;
      }
      case 'unchanged': {
        const { type, feed: _feed, ...frame } = message;
        tell({ type, frames: [{ lane: 'live', source: cameraId, ...frame }] });
        break;
      }
      case 'picture':
        this.#thread.control.pictureTaken();
        if (this.#watched) {
          tell({ type: 'picture', cameraId, capturedAtMs: message.capturedAtMs, analysed: false, ...message.preview });
        }
        break;
      case 'packets':
        this.#thread.control.streamTaken();
        if (this.#streamed) tell({ type: 'packets', cameraId, ...message.packets });
        break;
      case 'ended':
        this.#reason = message.reason;
        break;
    }
  }
}
