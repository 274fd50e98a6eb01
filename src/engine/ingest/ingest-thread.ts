import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import type { ControlBlock } from './control-block.ts';
import type { FromWorker, ToWorker, WorkerRole, WorkerStart } from './messages.ts';

/**
 * The main thread's end of one ingest worker: its thread, its port and the control block. What the worker says is
 * gathered in order and read by `hear`, which also works while the event loop does not turn.
 */
export class IngestThread {
  readonly control: ControlBlock;
  readonly #port: MessagePort;
  readonly #worker: Worker;
  readonly #exit: Promise<void>;
  #heard: FromWorker[] = [];
  #error: string | null = null;
  #ended = false;

  /** @param onArrival called from the event loop when there is something to hear, or when the thread has ended. */
  constructor(workerFile: string | URL, role: WorkerRole, control: ControlBlock, onArrival: () => void) {
    this.control = control;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const start: WorkerStart = { role, port: port2, control: control.buffer };
    this.#worker = new Worker(workerFile, {
      name: `ingest-${role.name}`,
      workerData: start,
      transferList: [port2],
      execArgv: [],
    });
    this.#port.on('message', (message: FromWorker) => {
      this.#heard.push(message);
      onArrival();
    });
    this.#worker.on('error', (error: unknown) => {
      this.#error = error instanceof Error ? error.message : String(error);
    });
    this.#exit = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#readPort();
        this.#ended = true;
        this.#port.close();
        onArrival();
        resolve();
      });
    });
  }

  /** The thread is gone; `hear` gives the last of what it said. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Resolves once the thread is gone. */
  get gone(): Promise<void> {
    return this.#exit;
  }

  /** What it died of, where it did not end by itself. */
  get error(): string | null {
    return this.#error;
  }

  say(message: ToWorker, transfer: readonly (ArrayBuffer | MessagePort)[] = []): void {
    if (this.#ended) return;
    this.#port.postMessage(message, [...transfer]);
    this.control.wake();
  }

  /** Everything said since the last time, in order, without waiting. */
  hear(): FromWorker[] {
    this.#readPort();
    const heard = this.#heard;
    this.#heard = [];
    return heard;
  }

  /**
   * Ends the thread: by the stop flag, and by force after the time limit. A thread inside a native read ends when that
   * read does; it is not waited for. Force is not for threads that read without blocking (`awaitsReads`): node-av ends
   * the process when a read comes back to a thread that was terminated, and they hear the flag in any case.
   */
  async stop(timeoutMs: number, { awaitsReads = false } = {}): Promise<void> {
    if (this.#ended) return;
    this.control.stop();
    if ((await settlesWithin(this.#exit, timeoutMs)) || awaitsReads) return;
    void this.#worker.terminate();
    await settlesWithin(this.#exit, terminationMs);
  }

  #readPort(): void {
    if (this.#ended) return;
    for (let next = receiveMessageOnPort(this.#port); next !== undefined; next = receiveMessageOnPort(this.#port)) {
      this.#heard.push(next.message as FromWorker);
    }
  }
}

/** JavaScript ends at once when it is told to; only a native call takes longer. */
const terminationMs = 250;

async function settlesWithin(promise: Promise<void>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => {
      resolve(false);
    }, timeoutMs);
  });
  try {
    return await Promise.race([promise.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}
