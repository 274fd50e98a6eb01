import type { PlayableExtent } from '../../../core/recording/fragments.ts';
import { ControlBlock } from '../control-block.ts';
import { IngestThread } from '../ingest-thread.ts';
import { MediaFault } from '../media-fault.ts';
import type { FromMender } from './mender-worker.ts';

/** The host asks for one at a time; more were given up by it, because the disk does not answer. */
const mostWaiting = 64;
/** After a crash a few files come one after the other, after a lost database thousands: one thread for all of them. */
const idleMs = 2_000;

interface Waiting {
  readonly resolve: (extent: PlayableExtent) => void;
  readonly reject: (fault: MediaFault) => void;
}

/** The main thread's side of mending: that thread is the device's, and never waits for a disk. */
export class MenderIngest {
  readonly #workerFile: string | URL;
  readonly #waiting = new Map<number, Waiting>();
  #thread: IngestThread | null = null;
  #idle: NodeJS.Timeout | undefined;
  #lastRequestId = 0;
  #closed = false;

  constructor(workerFile: string | URL) {
    this.#workerFile = workerFile;
  }

  mend(path: string): Promise<PlayableExtent> {
    if (this.#closed) return Promise.reject(closing());
    if (this.#waiting.size >= mostWaiting) {
      return Promise.reject(
        new MediaFault('timed-out', `${String(mostWaiting)} other recordings wait to be looked at already.`),
      );
    }
    clearTimeout(this.#idle);
    return new Promise((resolve, reject) => {
      const requestId = ++this.#lastRequestId;
      this.#waiting.set(requestId, { resolve, reject });
      this.#thread ??= this.#start();
      this.#thread.say({ type: 'mend', requestId, path });
    });
  }

  async close(timeoutMs: number): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    const thread = this.#thread;
    this.#thread = null;
    this.#giveUp(closing());
    thread?.say({ type: 'stop' });
    await thread?.stop(Math.min(timeoutMs, 100));
  }

  #start(): IngestThread {
    const thread = new IngestThread(this.#workerFile, { name: 'mender' }, new ControlBlock(), () => {
      for (const message of thread.hear() as FromMender[]) this.#take(message);
      if (!thread.ended || this.#thread !== thread) return;
      this.#thread = null;
      this.#giveUp(
        new MediaFault('unreadable', `Looking at it broke down (${thread.error ?? 'no reason was given'}).`),
      );
    });
    return thread;
  }

  #take(message: FromMender): void {
    const waiting = this.#waiting.get(message.requestId);
    if (waiting === undefined) return;
    this.#waiting.delete(message.requestId);
    if (message.type === 'mended') waiting.resolve(message.extent);
    else waiting.reject(new MediaFault(message.kind, message.reason));
    if (this.#waiting.size > 0) return;
    this.#idle = setTimeout(() => {
      this.#thread?.say({ type: 'stop' });
      this.#thread = null;
    }, idleMs);
    this.#idle.unref();
  }

  #giveUp(fault: MediaFault): void {
    for (const { reject } of this.#waiting.values()) reject(fault);
    this.#waiting.clear();
  }
}

const closing = (): MediaFault => new MediaFault('timed-out', 'The engine is closing.');
