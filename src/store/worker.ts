import { parentPort, workerData } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';
import { NightshiftError, toErrorValue } from '../shared/errors.ts';
import { openDatabase } from './open-database.ts';
import type { OperationName } from './operations.ts';
import { acquireOwnership } from './owner-lock.ts';
import { operations } from './queries/index.ts';
import { asStorageError } from './sqlite-errors.ts';
import { createStoreContext } from './store-context.ts';
import type { FromStoreWorker, StoreWorkerData, ToStoreWorker } from './wire.ts';

/**
 * Entry of the store's thread: the only one that writes. Calls are answered one after the other in the order they came,
 * so an operation never sees another half done.
 */
interface OpenStore {
  readonly answer: (name: OperationName, input: unknown) => unknown;
  /** Folds the WAL into the database, closes it and gives the folder back. */
  readonly close: () => void;
}

function open({ file, ownedDir, nativeBinding }: StoreWorkerData): OpenStore {
  const binding = nativeBinding ?? undefined;
  let release: (() => void) | undefined;
  let db: Database | undefined;
  try {
    if (ownedDir !== null) {
      const ownership = acquireOwnership(ownedDir, binding);
      if (!ownership.ok) {
        throw new NightshiftError({
          kind: 'owned-elsewhere',
          message: 'Another Nightshift has this data folder open.',
          where: ownedDir,
          hint: 'Use that one, close it, or choose another data folder.',
        });
      }
      release = ownership.release;
    }
    db = openDatabase({ file, nativeBinding: binding });
    const opened = db;
    const context = createStoreContext(opened, file);
    const prepared = new Map(
      Object.entries(operations).map(([name, prepare]) => [name, prepare(context) as (input: unknown) => unknown]),
    );
    return {
      answer: (name, input) => {
        const operation = prepared.get(name);
        if (operation === undefined) {
          throw new NightshiftError({ kind: 'internal', message: `The store has no operation ${name}.` });
        }
        return operation(input);
      },
      close: () => {
        opened.pragma('wal_checkpoint(TRUNCATE)');
        opened.close();
        release?.();
      },
    };
  } catch (caught) {
    db?.close();
    release?.();
    throw asStorageError(caught, file);
  }
}

function serve(port: NonNullable<typeof parentPort>, data: StoreWorkerData): void {
  const send = (message: FromStoreWorker): void => port.postMessage(message);
  let store: OpenStore;
  try {
    store = open(data);
  } catch (caught) {
    send({ type: 'refused', error: toErrorValue(caught) });
    return;
  }
  port.on('message', (message: ToStoreWorker) => {
    if (message.type === 'close') {
      store.close();
      port.close();
      return;
    }
    const { callId, name, input } = message;
    const startedMs = performance.now();
    try {
      const value = store.answer(name, input);
      send({ type: 'answer', callId, value, tookMs: performance.now() - startedMs });
    } catch (caught) {
      const error = toErrorValue(asStorageError(caught, data.file));
      send({ type: 'failure', callId, error, tookMs: performance.now() - startedMs });
    }
  });
  send({ type: 'opened' });
}

if (parentPort === null) throw new Error('the store worker runs in a worker thread');
serve(parentPort, workerData as StoreWorkerData);
