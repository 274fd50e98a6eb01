import { exportLimitMs } from '../../../shared/engine/recordings.ts';
import { ControlBlock } from '../control-block.ts';
import { IngestThread } from '../ingest-thread.ts';
import { MediaFault } from '../media-fault.ts';
import type { ExportOrder } from './export-recording.ts';
import type { FromExporter } from './exporter-worker.ts';

type Exported = Extract<FromExporter, { type: 'exported' }>['result'];

/** The host hands them in one by one; only those that it gave up may still be under way. */
const mostWaiting = 8;
export interface ExportLimits {
  readonly exportMs: number;
  /** One that is given up ends with its next packet; where the disk does not answer that is waited for so long. */
  readonly graceMs: number;
}

/** The main thread's side of exports: one at a time, each for a limited time and on a thread of its own, the others in line. */
export class ExporterIngest {
  readonly #workerFile: string | URL;
  readonly #limits: ExportLimits;
  #line: Promise<unknown> = Promise.resolve();
  #thread: IngestThread | null = null;
  #waiting = 0;
  #closed = false;

  constructor(workerFile: string | URL, limits: ExportLimits = { exportMs: exportLimitMs, graceMs: 2_000 }) {
    this.#workerFile = workerFile;
    this.#limits = limits;
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
      const { exportMs, graceMs } = this.#limits;
      let tookTooLong = false;
      const fail = (fault: MediaFault): void => {
        reject(tookTooLong ? tooLong(exportMs) : fault);
      };
      const thread = new IngestThread(this.#workerFile, { name: 'exporter', order }, new ControlBlock(), () => {
        for (const message of thread.hear() as FromExporter[]) {
          if (message.type === 'exported') resolve(message.result);
          else fail(new MediaFault(message.kind, message.reason));
        }
        if (!thread.ended) return;
        clearTimeout(timer);
        if (this.#thread === thread) this.#thread = null;
        fail(new MediaFault('undecodable', thread.error ?? 'The export was ended.'));
      });
      this.#thread = thread;
      const timer = setTimeout(() => {
        tookTooLong = true;
        // Never by force: a thread that waits for a disk ends the process when the read comes back to it.
        void thread.stop(graceMs, { awaitsReads: true }).then(() => {
          reject(tooLong(exportMs));
        });
      }, exportMs);
    });
  }
}

const tooLong = (limitMs: number): MediaFault =>
  new MediaFault(
    'timed-out',
    `The export took longer than ${String(Math.round(limitMs / 60_000))} minutes and was given up; nothing of it is left. Export a shorter stretch, or onto a faster disk.`,
  );
