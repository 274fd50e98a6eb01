import type { ProbedStream } from '../../shared/engine/protocol.ts';
import { machineClock } from './clock.ts';
import { ControlBlock } from './control-block.ts';
import { IngestThread } from './ingest-thread.ts';
import { MediaFault } from './media-fault.ts';
import type { FromProbeWorker, ProbeOrder } from './messages.ts';

/** So many are looked at beside each other; more would take the processor from the cameras that are live. */
const mostAtOnce = 2;
/** Somebody looks at one camera, or at those of one discovery. */
const mostWaiting = 64;
/** A thread that has not answered by then sits in a native call. */
const graceMs = 300;

interface Waiting {
  readonly order: ProbeOrder;
  readonly resolve: (stream: ProbedStream) => void;
  readonly reject: (fault: MediaFault) => void;
}

/** The main thread's side of looks at cameras that are not open: each on a thread of its own, the others in line. */
export class ProbeIngest {
  readonly #workerFile: string | URL;
  readonly #maxPixels: number;
  readonly #waiting: Waiting[] = [];
  readonly #threads = new Set<IngestThread>();
  #closed = false;

  constructor(workerFile: string | URL, maxPixels: number) {
    this.#workerFile = workerFile;
    this.#maxPixels = maxPixels;
  }

  probe(order: ProbeOrder): Promise<ProbedStream> {
    if (this.#closed) return Promise.reject(closing());
    if (this.#waiting.length >= mostWaiting) {
      return Promise.reject(
        new MediaFault('timed-out', `${String(mostWaiting)} other cameras wait to be looked at already.`),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ order, resolve, reject });
      this.#next();
    });
  }

  async close(timeoutMs: number): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(closing());
    await Promise.all([...this.#threads].map((thread) => thread.stop(Math.min(timeoutMs, 100))));
  }

  #next(): void {
    if (this.#threads.size >= mostAtOnce) return;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) this.#start(waiting);
  }

  #start({ order, resolve, reject }: Waiting): void {
    const endMonoMs = machineClock.monoMs() + order.limitMs;
    const role = { name: 'probe', order, endMonoMs, maxPixels: this.#maxPixels } as const;
    const end = (): void => {
      clearTimeout(timer);
      if (this.#threads.delete(thread)) this.#next();
    };
    const thread = new IngestThread(this.#workerFile, role, new ControlBlock(), () => {
      for (const message of thread.hear() as FromProbeWorker[]) {
        if (message.type === 'probed') resolve(message.stream);
        else reject(new MediaFault(message.kind, message.reason));
      }
      if (!thread.ended) return;
      reject(new MediaFault('undecodable', `The decoder broke down on it (${thread.error ?? 'no reason was given'}).`));
      end();
    });
    this.#threads.add(thread);
    const timer = setTimeout(() => {
      reject(new MediaFault('timed-out', 'The camera could not be looked at in time.'));
      void thread.stop(0);
      end();
    }, order.limitMs + graceMs);
  }
}

const closing = (): MediaFault => new MediaFault('timed-out', 'The engine is closing.');
