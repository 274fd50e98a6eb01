import { MessageChannel } from 'node:worker_threads';
import type { RecordingOrder } from '../../../shared/engine/protocol.ts';
import { machineClock } from '../clock.ts';
import { ControlBlock } from '../control-block.ts';
import { IngestThread } from '../ingest-thread.ts';
import type { LiveIngest } from '../live-ingest.ts';
import type { IngestNews } from '../ports.ts';
import { RecorderLoad } from './recorder-load.ts';
import type { FromRecorder } from './recorder-messages.ts';

/** After a recorder that broke down. */
const restartMs = 5_000;
/** How often it is told what waits. */
const loadMs = 1_000;

interface Recorded {
  readonly camera: LiveIngest;
  readonly order: RecordingOrder;
  readonly load: RecorderLoad;
  toldBytes: number;
}

/** The main thread's side of the recorder: one thread for all cameras, started with the first one that is recorded. */
export class RecorderIngest {
  readonly #workerFile: string | URL;
  readonly #onArrival: () => void;
  readonly #mostWaitingBytes: number | undefined;
  #thread: IngestThread | null = null;
  #recorded: Recorded[] = [];
  /** Of a recorder that broke down: attached again to the next one. */
  #lostWithIt: Recorded[] = [];
  #restart: NodeJS.Timeout | null = null;
  #nextLoadMs = 0;
  #closed = false;

  /** @param mostWaitingBytes of each camera; left out: `mostWaitingBytes`. */
  constructor(workerFile: string | URL, onArrival: () => void, mostWaitingBytes?: number) {
    this.#workerFile = workerFile;
    this.#onArrival = onArrival;
    this.#mostWaitingBytes = mostWaitingBytes;
  }

  /** Connects the camera's thread with the recorder's; no packet passes through the main thread. */
  attach(camera: LiveIngest, order: RecordingOrder): void {
    const { port1, port2 } = new MessageChannel();
    const load = RecorderLoad.upTo(this.#mostWaitingBytes);
    this.#recorded.push({ camera, order, load, toldBytes: 0 });
    this.#thread ??= new IngestThread(this.#workerFile, { name: 'recorder' }, new ControlBlock(), this.#onArrival);
    const { cameraId } = camera;
    this.#thread.say({ type: 'attach', cameraId, order, packets: port2, load: load.buffer }, [port2]);
    camera.record({ mode: order.mode, packets: port1, load: load.buffer });
  }

  /** What it has sent is written to its end. */
  detach(camera: LiveIngest): void {
    const isOther = (recorded: Recorded): boolean => recorded.camera !== camera;
    if (!this.#recorded.every(isOther)) camera.recordNoMore();
    this.#recorded = this.#recorded.filter(isOther);
    this.#lostWithIt = this.#lostWithIt.filter(isOther);
  }

  drain(tell: (news: IngestNews) => void): void {
    const thread = this.#thread;
    if (thread === null) return;
    const { ended } = thread;
    for (const message of thread.hear() as FromRecorder[]) tell(message);
    this.#tellLoads(tell);
    this.#recorded = this.#recorded.filter(({ camera }) => !camera.closed);
    if (ended) this.#lost(thread, tell);
  }

  /** Ends when what has been sent is written, or at the time limit. */
  async close(timeoutMs: number): Promise<void> {
    this.#closed = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    const thread = this.#thread;
    if (thread === null) return;
    thread.say({ type: 'finish' });
    await thread.stop(timeoutMs);
  }

  #tellLoads(tell: (news: IngestNews) => void): void {
    const nowMs = machineClock.monoMs();
    if (nowMs < this.#nextLoadMs) return;
    this.#nextLoadMs = nowMs + loadMs;
    for (const recorded of this.#recorded) {
      const { waitingBytes } = recorded.load;
      const leftOut = recorded.load.takeLeftOut();
      if (leftOut === 0 && waitingBytes === recorded.toldBytes) continue;
      recorded.toldBytes = waitingBytes;
      const news = { kind: 'load', waitingBytes, leftOut } as const;
      tell({ type: 'recording', cameraId: recorded.camera.cameraId, news });
    }
  }

  /** Cameras go on without it meanwhile. */
  #lost(thread: IngestThread, tell: (news: IngestNews) => void): void {
    this.#thread = null;
    if (this.#closed) return;
    const detail = thread.error ?? 'the recorder ended';
    const atMs = machineClock.epochMs();
    this.#lostWithIt = this.#recorded;
    this.#recorded = [];
    for (const { camera } of this.#lostWithIt) {
      tell({
        type: 'recording',
        cameraId: camera.cameraId,
        news: { kind: 'stopped', atMs, reason: 'disk-error', detail },
      });
    }
    this.#restart = setTimeout(() => {
      if (this.#closed) return;
      // Cameras that were opened meanwhile have their recorder already.
      const lost = this.#lostWithIt;
      this.#lostWithIt = [];
      for (const { camera, order } of lost) if (!camera.closed) this.attach(camera, order);
    }, restartMs);
  }
}
