import type {
  ArchiveItemKind,
  EngineReplies,
  EngineRequest,
  FromEngine,
  LostFrames,
  MediaInfo,
  Ticket,
  ToEngine,
} from '../../shared/engine/protocol.ts';

/** A look at what is not open. */
type LookRequest = Extract<EngineRequest, { type: 'probe' | 'discover-cameras' | 'onvif-streams' | 'try-decoder' }>;

type Command<T extends ToEngine['type']> = Extract<ToEngine, { type: T }>;

/** Bytes of one letterboxed frame: uint8 RGB, height × width × 3, row by row. */
export interface HeldFrame {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
  /** Where the picture lies inside the letterbox, to carry boxes back into source pixels. */
  readonly scale: number;
  readonly offsetX: number;
  readonly offsetY: number;
  readonly sourceWidth: number;
  readonly sourceHeight: number;
}

/** What ingest tells besides tickets; forwarded to the control plane as it is. */
export type IngestNews = Extract<
  FromEngine,
  {
    type:
      | 'unchanged'
      | 'camera-opened'
      | 'camera-decoder'
      | 'camera-health'
      | 'camera-figures'
      | 'camera-closed'
      | 'recording'
      | 'playing'
      | 'picture'
      | 'packets'
      | 'item-opened'
      | 'item-ended'
      | 'item-failed'
      | 'picture-failed';
  }
>;

/**
 * The main thread's side of all ingest workers: owns their threads, ports and every decoded frame. The slot reads
 * frames from here. Nothing here waits: workers are heard through `drain` (synchronously, after each native call) and
 * through the event loop when the slot is idle.
 */
export interface Ingest {
  openCamera(command: Command<'open-camera'>): void;
  closeCamera(cameraId: string): void;
  watchCamera(command: Command<'watch-camera'>): void;
  streamCamera(command: Command<'stream-camera'>): void;
  recordCamera(command: Command<'record-camera'>): void;
  recordUntil(command: Command<'record-until'>): void;
  playRecording(command: Command<'play-recording'>): void;
  stopPlaying(session: string): void;
  feedItem(command: Command<'feed-item'>): void;
  dropItem(item: string): void;
  feedPicture(command: Command<'feed-picture'>): void;
  setArchiveWindow(frames: number): void;
  /**
   * Reads every port to its end without waiting (`receiveMessageOnPort`). News goes to the listener meanwhile, in order;
   * the end of an item or camera is told in the same drain as its last tickets, so pass it on after them.
   */
  drain(): { tickets: Ticket[]; lost: LostFrames[] };
  /** Called from the event loop when a worker has said something; the listener then calls `drain`. */
  onArrival(listener: () => void): void;
  onNews(listener: (news: IngestNews) => void): void;
  /** Null: unknown or already given back. */
  frame(frameId: number): HeldFrame | null;
  /** Gives the buffers back to their worker (transferred) and the credit with them. */
  release(frameIds: readonly number[]): void;
  /** As `release`, of frames that were not run: with the motion gate, their camera's next frame comes as a ticket again. */
  discard(frameIds: readonly number[]): void;
  /** Rejects with a `MediaFault`. */
  inspect(path: string): Promise<MediaInfo>;
  /** Rejects with a `MediaFault`. */
  still(path: string, timeMs: number | null, maxWidth: number): Promise<Uint8Array>;
  /** Rejects with a `MediaFault`. */
  look<R extends LookRequest>(request: R): Promise<EngineReplies[R['type']]>;
  /** Rejects with a `MediaFault`. */
  exportRecording(
    order: Extract<EngineRequest, { type: 'export-recording' }>,
  ): Promise<EngineReplies['export-recording']>;
  /** Cuts a file that was not ended; rejects with a `MediaFault`. */
  mendRecording(path: string): Promise<EngineReplies['mend-recording']>;
  /** Preview JPEG of a recently analysed frame, or null. */
  snapshot(cameraId: string, capturedAtMs: number): Uint8Array | null;
  /** Ends every worker within `timeoutMs`; those inside a native read are terminated. */
  close(timeoutMs: number): Promise<void>;
}

export type { ArchiveItemKind };
