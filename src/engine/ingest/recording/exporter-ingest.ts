import { ControlBlock } from '../control-block.ts';
import { IngestThread } from '../ingest-thread.ts';
import { MediaFault } from '../media-fault.ts';
import type { ExportOrder } from './export-recording.ts';
import type { FromExporter } from './exporter-worker.ts';

type Exported = Extract<FromExporter, { type: 'exported' }>['result'];

/** The host hands them in one by one; only those that it gave up may still be under way. */
const mostWaiting = 8;

/** The main thread's side of exports: one at a time, on a thread of its own, the others in line. */
export class ExporterIngest {
  readonly #workerFile: string | URL;
  #line: Promise<unknown> = Promise.resolve();
  #thread: IngestThread | null = null;
  #waiting = 0;
  #closed = false;

  constructor(workerFile: string | URL) {
    this.#workerFile = workerFile;
  }

  export(order: ExportOrder): Promise<Exported> {
    if (this.#waiting >= mostWaiting) {
      return Promise.reject(new MediaFault('timed-out', `${String(mostWaiting)} other exports wait already.`));
    }
    this.#waiting += 1;
    const next = this.#line.then(() => {
      this.#waiting -= 1;
      return this.#run(order);
    });
    this.#line = next.catch(() => undefined);
    return next;
  }

  async close(timeoutMs: number): Promise<void> {
    this.#closed = true;
    await this.#thread?.stop(Math.min(timeoutMs, 100));
  }

  #run(order: ExportOrder): Promise<Exported> {
    if (this.#closed) return Promise.reject(new MediaFault('timed-out', 'The engine is closing.'));
    return new Promise((resolve, reject) => {
      const thread = new IngestThread(this.#workerFile, { name: 'exporter', order }, new ControlBlock(), () => {
        for (const message of thread.hear() as FromExporter[]) {
          if (message.type === 'exported') resolve(message.result);
          else reject(new MediaFault(message.kind, message.reason));
        }
        if (!thread.ended) return;
        this.#thread = null;
        reject(new MediaFault('undecodable', thread.error ?? 'The export was ended.'));
      });
      this.#thread = thread;
    });
  }
}
