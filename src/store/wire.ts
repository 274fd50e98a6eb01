import type { ErrorValue } from '../shared/errors.ts';
import type { OperationName } from './operations.ts';

/** What the worker is started with (`workerData`). */
export interface StoreWorkerData {
  readonly file: string;
  /** The folder to own exclusively for the worker's life; null: nobody else can have the file. */
  readonly ownedDir: string | null;
  readonly nativeBinding: string | null;
}

export type ToStoreWorker =
  | { readonly type: 'call'; readonly callId: number; readonly name: OperationName; readonly input: unknown }
  | { readonly type: 'close' };

export type FromStoreWorker =
  | { readonly type: 'opened' }
  /** Instead of `opened`; the worker ends by itself. */
  | { readonly type: 'refused'; readonly error: ErrorValue }
  | { readonly type: 'answer'; readonly callId: number; readonly value: unknown; readonly tookMs: number }
  | { readonly type: 'failure'; readonly callId: number; readonly error: ErrorValue; readonly tookMs: number };
