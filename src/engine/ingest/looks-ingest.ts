import type { EngineReplies } from '../../shared/engine/protocol.ts';
import { machineClock } from './clock.ts';
import { ControlBlock } from './control-block.ts';
import { IngestThread } from './ingest-thread.ts';
import { MediaFault } from './media-fault.ts';
import type { FromLookWorker, LookRequest } from './messages.ts';

/** So many at once; more would take the processor from the cameras that are live. */
const mostAtOnce = 2;
/** Somebody looks at one camera, or at those of one discovery. */
const mostWaiting = 64;
/** A thread that has not answered by then sits in a native call. */
const graceMs = 300;
/** Sockets of what was looked at may keep a thread; it is ended then. */
const endMs = 200;

interface Waiting {
  readonly request: LookRequest;
  readonly resolve: (value: Extract<FromLookWorker, { type: 'looked' }>['value']) => void;
  readonly reject: (fault: MediaFault) => void;
}

/** The main thread's side of looks at what is not open: each on a thread of its own, the others in line. */
export class LooksIngest {
  readonly #workerFile: string | URL;
  readonly #maxPixels: number;
  readonly #waiting: Waiting[] = [];
  readonly #threads = new Set<IngestThread>();
  #closed = false;

  constructor(workerFile: string | URL, maxPixels: number) {
    this.#workerFile = workerFile;
    this.#maxPixels = maxPixels;
  }

  look<R extends LookRequest>(request: R): Promise<EngineReplies[R['type']]> {
    if (this.#closed) return Promise.reject(closing());
    if (this.#waiting.length >= mostWaiting) {
      return Promise.reject(
        new MediaFault('timed-out', `${String(mostWaiting)} other cameras wait to be looked at already.`),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve: resolve as Waiting['resolve'], reject });
      this.#next();
    });
  }

  async close(timeoutMs: number): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(closing());
    await Promise.all([...this.#threads].map((thread) => thread.stop(Math.min(timeoutMs, endMs / 2))));
  }

  #next(): void {
    if (this.#threads.size >= mostAtOnce) return;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) this.#start(waiting);
  }

  #start({ request, resolve, reject }: Waiting): void {
    const endMonoMs = machineClock.monoMs() + request.limitMs;
    const role = { name: 'look', request, endMonoMs, maxPixels: this.#maxPixels } as const;
    const end = (hasAnswered: boolean): void => {
      clearTimeout(timer);
      // One that has not answered may wait for a camera's read or opening: it ends by itself when that does.
      void thread.stop(endMs, { awaitsReads: request.type === 'probe' && !hasAnswered });
      if (this.#threads.delete(thread)) this.#next();
    };
    const thread = new IngestThread(this.#workerFile, role, new ControlBlock(), () => {
      const messages = thread.hear() as FromLookWorker[];
      for (const message of messages) {
        if (message.type === 'looked') resolve(message.value);
        else reject(new MediaFault(message.kind, message.reason));
      }
      if (thread.ended) {
        reject(new MediaFault('undecodable', `Looking at it broke down (${thread.error ?? 'no reason was given'}).`));
      }
      if (messages.length > 0 || thread.ended) end(true);
    });
    this.#threads.add(thread);
    const timer = setTimeout(() => {
      reject(new MediaFault('timed-out', 'The camera could not be looked at in time.'));
      end(false);
    }, request.limitMs + graceMs);
  }
}

const closing = (): MediaFault => new MediaFault('timed-out', 'The engine is closing.');
