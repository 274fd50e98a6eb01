import type { Handlers } from '../shared/contract/calls.ts';
import type { EventMessage } from '../shared/contract/events.ts';
import type { MediaRequest } from '../shared/contract/media.ts';
import type { QueueStatus } from '../shared/domain/system.ts';
import type { PictureApi } from './infer/picture-api.ts';

/** A picture for a viewer: whole JPEG. */
export interface Still {
  readonly jpeg: Uint8Array;
  /** False while the thing may still change (an open event's best picture). */
  readonly immutable: boolean;
}

/** One viewer of live pictures and packets (a window, a WebSocket). */
export interface MediaViewer {
  request(message: MediaRequest): void;
  close(): void;
}

/** Answers how full its queues are whenever somebody looks. */
export type QueueSource = () => readonly QueueStatus[];

/**
 * The running application without a host: what `composeApp` returns. A host adds a transport (IPC, HTTP) and a window.
 */
export interface App {
  readonly handlers: Handlers;
  /** Returns its own undo. A throwing listener is logged and does not disturb the others. */
  subscribe(listener: (message: EventMessage) => void): () => void;
  /** `deliver` gets whole messages of shared/contract/media.ts and stream.ts, no more than it answers. */
  openViewer(deliver: (message: Uint8Array<ArrayBuffer>) => void): MediaViewer;
  /** Null: there is no such picture (any more). `width` is one of `stillWidths`. */
  still(kind: 'event' | 'detection', id: string, width: number): Promise<Still | null>;
  /** Pictures from programs. */
  readonly pictures: PictureApi;
  /** A host's own queues appear in the system's status from now on. Returns its own undo. */
  addQueueSource(source: QueueSource): () => void;
  /** No camera is opened at a port on which the host listens. Returns its own undo. */
  listensOn(port: number): () => void;
  /** Ends in order: cameras, jobs at a commit, engine, store. Resolves within about 5 s. */
  close(): Promise<void>;
}
