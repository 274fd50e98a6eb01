import type { MediaInfo } from '../../shared/engine/protocol.ts';
import { ControlBlock } from './control-block.ts';
import { IngestThread } from './ingest-thread.ts';
import { MediaFault } from './media-fault.ts';
import type { FromStillsWorker, StillRequest } from './messages.ts';

/** A page of thumbnails asks for many at once; far more than that is somebody else's mistake. */
const mostWaiting = 256;
/** The longest video is decoded from one keyframe to the wanted picture within this, also on a slow share. */
const answerMs = 20_000;

interface Waiting {
  readonly requestId: number;
  readonly request: StillRequest;
  readonly resolve: (answer: MediaInfo | Uint8Array) => void;
  readonly reject: (fault: MediaFault) => void;
}

/** The main thread's side of the stills worker: one request at a time goes to it, the others wait here. */
export class StillsIngest {
  readonly #workerFile: string | URL;
  readonly #maxPixels: number;
  readonly #waiting: Waiting[] = [];
  #thread: IngestThread | null = null;
  #current: { readonly waiting: Waiting; readonly timer: NodeJS.Timeout } | null = null;
  #lastRequestId = 0;
  #closed = false;

  constructor(workerFile: string | URL, maxPixels: number) {
    this.#workerFile = workerFile;
    this.#maxPixels = maxPixels;
  }

  inspect(path: string): Promise<MediaInfo> {
    return this.#ask({ type: 'inspect', path }) as Promise<MediaInfo>;
  }

  still(path: string, timeMs: number | null, maxWidth: number): Promise<Uint8Array> {
    return this.#ask({ type: 'still', path, timeMs, maxWidth }) as Promise<Uint8Array>;
  }

  /** Takes answers that have come while the event loop stood still. */
  drain(): void {
    const thread = this.#thread;
    if (thread === null) return;
    const { ended } = thread;
    for (const message of thread.hear() as FromStillsWorker[]) this.#take(message);
    if (ended) this.#replace(`The decoder broke down on it (${thread.error ?? 'no reason was given'}).`, 'undecodable');
  }

  async close(timeoutMs: number): Promise<void> {
    this.#closed = true;
    const thread = this.#thread;
    this.#thread = null;
    this.#finish((waiting) => {
      waiting.reject(closedFault());
    });
    for (const waiting of this.#waiting.splice(0)) waiting.reject(closedFault());
    thread?.say({ type: 'stop' });
    await thread?.stop(timeoutMs);
  }

  #ask(request: StillRequest): Promise<MediaInfo | Uint8Array> {
    if (this.#closed) return Promise.reject(closedFault());
    if (this.#waiting.length >= mostWaiting) {
      return Promise.reject(
        new MediaFault('timed-out', `${String(mostWaiting)} other requests for pictures are waiting already.`),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ requestId: ++this.#lastRequestId, request, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#current !== null || this.#closed) return;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) return;
    const timer = setTimeout(() => {
      this.#replace(`It could not be read within ${String(answerMs / 1000)} s.`, 'timed-out');
    }, answerMs);
    this.#current = { waiting, timer };
    this.#thread ??= new IngestThread(
      this.#workerFile,
      { name: 'stills', maxPixels: this.#maxPixels },
      new ControlBlock(),
      () => {
        this.drain();
      },
    );
    this.#thread.say({ type: 'ask', requestId: waiting.requestId, request: waiting.request });
  }

  #take(message: FromStillsWorker): void {
    if (this.#current?.waiting.requestId !== message.requestId) return;
    this.#finish((waiting) => {
      switch (message.type) {
        case 'info':
          waiting.resolve(message.info);
          break;
        case 'jpeg':
          waiting.resolve(message.jpeg);
          break;
        case 'refused':
          waiting.reject(new MediaFault(message.kind, message.reason));
          break;
      }
    });
    this.#next();
  }

  /** The worker is gone or given up: its request has failed, the others go to a new one. */
  #replace(reason: string, kind: 'undecodable' | 'timed-out'): void {
    const thread = this.#thread;
    this.#thread = null;
    void thread?.stop(0);
    this.#finish((waiting) => {
      waiting.reject(new MediaFault(kind, reason));
    });
    this.#next();
  }

  #finish(answer: (waiting: Waiting) => void): void {
    if (this.#current === null) return;
    const { waiting, timer } = this.#current;
    this.#current = null;
    clearTimeout(timer);
    answer(waiting);
  }
}

const closedFault = (): MediaFault => new MediaFault('timed-out', 'The engine is closing.');
