import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { NightshiftError, type ErrorValue } from '../shared/errors.ts';
import type { OperationName, StoreClient, StoreOperations } from './operations.ts';
import { packInput } from './packed-rows.ts';
import type { FromStoreWorker, StoreWorkerData, ToStoreWorker } from './wire.ts';

export interface StoreOptions {
  /** A data folder: owned exclusively as long as the store is open, made where it does not exist. */
  readonly dataDir?: string;
  /** Or one database file, without ownership: for tests and tools. */
  readonly file?: string;
  /** The worker's entry: built code hands in out/main/store.cjs, tests src/store/worker.ts. */
  readonly workerFile: string | URL;
  /** Another build of better-sqlite3's native part; undefined: its own. */
  readonly sqliteBinding?: string | undefined;
  readonly log?: { warn(message: string, fields?: Readonly<Record<string, unknown>>): void };
  /** An operation that takes longer than this inside the worker is logged with its name. */
  readonly slowMs?: number;
}

/** How busy the store is: calls the worker has, and calls that wait for one of those to end. */
export interface StoreLoad {
  readonly inFlight: number;
  readonly waiting: number;
  /** The most calls that waited at once since the store was opened. */
  readonly mostWaiting: number;
  readonly slow: number;
  /** Calls turned away because too many waited. */
  readonly refused: number;
}

export type OpenedStore = StoreClient & {
  readonly load: () => StoreLoad;
  /** Called once, when the worker ends without having been asked to. */
  readonly onLost: (listener: (error: NightshiftError) => void) => void;
};

/** The name of the database inside a data folder. */
export const databaseName = 'nightshift.db';

/**
 * Calls the worker may have at once. One transaction at a time is all it can do; the rest keeps it from waiting for us.
 * When it is full, callers wait in order, which slows down whoever produces the work.
 */
export const maxInFlight = 64;
/** Callers that wait; beyond, something is broken and says so instead of eating memory. */
export const maxWaiting = 10_000;
/** What a checkpoint on a slow disk may take before the thread is ended without it (SQLite then recovers the WAL). */
const closeTimeoutMs = 10_000;

interface Pending {
  readonly name: OperationName;
  readonly input: unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: NightshiftError) => void;
}

/** Opens the store in a thread of its own. Rejects with what kept it from opening: `owned-elsewhere`, `storage`, … */
export async function openStore(options: StoreOptions): Promise<OpenedStore> {
  const { dataDir, workerFile, sqliteBinding, log, slowMs = 250 } = options;
  const file = options.file ?? (dataDir === undefined ? undefined : join(dataDir, databaseName));
  if (file === undefined) throw new NightshiftError({ kind: 'internal', message: 'A store needs a folder or a file.' });
  const data: StoreWorkerData = { file, ownedDir: dataDir ?? null, nativeBinding: sqliteBinding ?? null };
  const worker = new Worker(workerFile, { workerData: data, name: 'nightshift-store' });
  await opened(worker, file);
  return new Connection(worker, file, slowMs, log);
}

function opened(worker: Worker, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error: ErrorValue | null): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      if (error === null) resolve();
      else reject(new NightshiftError(error));
    };
    const onMessage = (message: FromStoreWorker): void => settle(message.type === 'refused' ? message.error : null);
    const onError = (error: Error): void => settle(lost(file, error.message));
    const onExit = (): void => settle(lost(file, 'it ended while it opened'));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
}

const lost = (file: string, why: string): ErrorValue => ({
  kind: 'storage',
  message: `The store's worker is gone: ${why}.`,
  where: file,
  hint: 'What was committed is safe. Restart Nightshift.',
});

class Connection implements OpenedStore {
  readonly #worker: Worker;
  readonly #file: string;
  readonly #slowMs: number;
  readonly #log: StoreOptions['log'];
  readonly #inFlight = new Map<number, Pending>();
  readonly #exited: Promise<void>;
  readonly #lostListeners: ((error: NightshiftError) => void)[] = [];
  #waiting: Pending[] = [];
  #mostWaiting = 0;
  #slow = 0;
  #refused = 0;
  #lastCallId = 0;
  /** Why no call can be made any more; null while open. */
  #ended: ErrorValue | null = null;
  #closed: Promise<void> | null = null;
  #whenIdle: (() => void) | null = null;

  constructor(worker: Worker, file: string, slowMs: number, log: StoreOptions['log']) {
    this.#worker = worker;
    this.#file = file;
    this.#slowMs = slowMs;
    this.#log = log;
    worker.on('message', (message: FromStoreWorker) => this.#hear(message));
    worker.on('error', (error: Error) => this.#lose(error.message));
    this.#exited = new Promise((resolve) => {
      worker.on('exit', (code) => {
        this.#lose(`it ended with code ${code}`);
        resolve();
      });
    });
  }

  readonly call = <K extends OperationName>(name: K, input: StoreOperations[K]['in']) =>
    new Promise<StoreOperations[K]['out']>((resolve, reject) => {
      if (this.#ended !== null) return reject(new NightshiftError(this.#ended));
      const pending: Pending = { name, input, resolve: resolve as (value: unknown) => void, reject };
      if (this.#inFlight.size < maxInFlight) return this.#post(pending);
      if (this.#waiting.length >= maxWaiting) {
        this.#refused++;
        return reject(
          new NightshiftError({
            kind: 'storage',
            message: `The store cannot keep up: ${maxWaiting} calls wait.`,
            where: this.#file,
            hint: 'Check whether the disk of the data folder is unusually slow.',
          }),
        );
      }
      this.#waiting.push(pending);
      this.#mostWaiting = Math.max(this.#mostWaiting, this.#waiting.length);
    });

  readonly close = (): Promise<void> => (this.#closed ??= this.#close());

  readonly load = (): StoreLoad => ({
    inFlight: this.#inFlight.size,
    waiting: this.#waiting.length,
    mostWaiting: this.#mostWaiting,
    slow: this.#slow,
    refused: this.#refused,
  });

  readonly onLost = (listener: (error: NightshiftError) => void): void => {
    this.#lostListeners.push(listener);
  };

  async #close(): Promise<void> {
    if (this.#ended !== null) return;
    this.#ended = { kind: 'storage', message: 'The store is closed.', where: this.#file };
    if (this.#inFlight.size > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    const timer = setTimeout(() => {
      this.#log?.warn('the store did not close in time and was ended', { file: this.#file, afterMs: closeTimeoutMs });
      void this.#worker.terminate();
    }, closeTimeoutMs);
    this.#send({ type: 'close' });
    await this.#exited;
    clearTimeout(timer);
  }

  #post(pending: Pending): void {
    const callId = ++this.#lastCallId;
    try {
      const { input, transfer } = packInput(pending.name, pending.input as StoreOperations[OperationName]['in']);
      this.#send({ type: 'call', callId, name: pending.name, input }, transfer);
      this.#inFlight.set(callId, pending);
    } catch (caught) {
      const message = `${pending.name}: its input cannot be sent: ${caught instanceof Error ? caught.message : String(caught)}`;
      pending.reject(new NightshiftError({ kind: 'internal', message }, { cause: caught }));
    }
  }

  #postWaiting(): void {
    while (this.#inFlight.size < maxInFlight) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#post(next);
    }
  }

  #hear(message: FromStoreWorker): void {
    if (message.type !== 'answer' && message.type !== 'failure') return;
    const pending = this.#inFlight.get(message.callId);
    if (pending === undefined) return;
    this.#inFlight.delete(message.callId);
    if (message.tookMs > this.#slowMs) {
      this.#slow++;
      this.#log?.warn('slow store operation', { operation: pending.name, tookMs: Math.round(message.tookMs) });
    }
    this.#postWaiting();
    if (message.type === 'answer') pending.resolve(message.value);
    else pending.reject(new NightshiftError(message.error));
    if (this.#inFlight.size === 0) this.#whenIdle?.();
  }

  #send(message: ToStoreWorker, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #lose(why: string): void {
    const pending = [...this.#inFlight.values(), ...this.#waiting];
    this.#inFlight.clear();
    this.#waiting = [];
    const asked = this.#closed !== null;
    const error = lost(this.#file, why);
    if (!asked && this.#ended === null) {
      this.#ended = error;
      for (const listener of this.#lostListeners) listener(new NightshiftError(error));
    }
    for (const { reject } of pending) reject(new NightshiftError(error));
    this.#whenIdle?.();
  }
}
