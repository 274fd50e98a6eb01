import type { MessagePort } from 'node:worker_threads';
import type { DecoderInUse } from '../../shared/domain/decoding.ts';
import type { FailureKind } from '../../shared/domain/job.ts';
import type {
  CameraHealth,
  EngineReplies,
  EngineRequest,
  MeasuredPicture,
  MediaInfo,
  ToEngine,
} from '../../shared/engine/protocol.ts';
import type { Jpeg } from './jpeg-encoder.ts';
import type { FromPlayer, ToPlayer } from './playback/player-messages.ts';
import type { PlayerSettings } from './playback/player-worker.ts';
import type { ExportOrder } from './recording/export-recording.ts';
import type { FromExporter } from './recording/exporter-worker.ts';
import type { FromMender, ToMender } from './recording/mender-worker.ts';
import type { FromRecorder, TapOrder, ToRecorder } from './recording/recorder-messages.ts';
import type { StreamedPackets } from './streaming/stream-messages.ts';

export type OpenCamera = Extract<ToEngine, { type: 'open-camera' }>;
export type FeedItem = Extract<ToEngine, { type: 'feed-item' }>;
export type ProbeRequest = Extract<EngineRequest, { type: 'probe' }>;
/** A look at what is not open, on a thread of its own. */
export type LookRequest = Extract<
  EngineRequest,
  { type: 'probe' | 'discover-cameras' | 'onvif-streams' | 'try-decoder' }
>;
export type FeedPicture = Extract<ToEngine, { type: 'feed-picture' }>;

/** What a worker is started with. The port is its only way to speak: the main thread reads it synchronously. */
export interface WorkerStart {
  readonly role: WorkerRole;
  readonly port: MessagePort;
  readonly control: SharedArrayBuffer;
}

export type WorkerRole =
  | { readonly name: 'camera'; readonly camera: OpenCamera; readonly maxPixels: number }
  | {
      readonly name: 'archive';
      readonly maxPixels: number;
      /** Of `DecodeTurns`, and the thread's seat there. */
      readonly turns: SharedArrayBuffer;
      readonly seat: number;
    }
  | { readonly name: 'pictures'; readonly maxPixels: number }
  | { readonly name: 'stills'; readonly maxPixels: number }
  | {
      readonly name: 'look';
      readonly request: LookRequest;
      /** When it has to have answered; its thread takes a while to start. */
      readonly endMonoMs: number;
      readonly maxPixels: number;
    }
  | { readonly name: 'recorder' }
  | { readonly name: 'mender' }
  | { readonly name: 'exporter'; readonly order: ExportOrder }
  | { readonly name: 'player'; readonly settings: PlayerSettings };

/** Given-back frame buffers: transferred, to be filled again. */
export interface BuffersBack {
  readonly type: 'buffers';
  readonly buffers: readonly ArrayBuffer[];
}

/** One decoded, letterboxed frame: the first width × height × 3 bytes of the buffer, which is transferred. */
export interface FrameArrival {
  readonly type: 'frame';
  /** Which feeding of an item or picture it belongs to; 0 for a camera. */
  readonly feed: number;
  readonly frame: number;
  readonly timeMs: number;
  readonly capturedMonoMs: number;
  readonly capturedAtMs: number;
  /** Cameras only: as in `Ticket`. */
  readonly heldMs?: number;
  readonly buffer: ArrayBuffer;
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  readonly offsetX: number;
  readonly offsetY: number;
  readonly sourceWidth: number;
  readonly sourceHeight: number;
  /** Share of the picture that changed since the previous kept frame, 0..1; null for a picture. */
  readonly motion: number | null;
  /** Cameras only: the same picture for people. */
  readonly preview: Jpeg | null;
}

/** A frame in which nothing has changed since frame `sameAs`. */
export interface UnchangedArrival {
  readonly type: 'unchanged';
  /** As in `FrameArrival`. */
  readonly feed: number;
  readonly frame: number;
  readonly sameAs: number;
  readonly timeMs: number;
  readonly capturedMonoMs: number;
  readonly capturedAtMs: number;
  readonly sourceWidth: number;
  readonly sourceHeight: number;
  readonly motion: number;
}

// Camera
export type ToCameraWorker =
  | BuffersBack
  | {
      readonly type: 'watch';
      readonly on: boolean;
      readonly maxFps: number;
      /** Null: that of the order to open. */
      readonly maxWidth: number | null;
    }
  | HearersMessage;
/** For who hears of the camera's packets. */
export type HearersMessage =
  | { readonly type: 'stream'; readonly on: boolean }
  | { readonly type: 'record'; readonly tap: TapOrder }
  | { readonly type: 'record-until'; readonly forMs: number }
  /** What is under way ends; another `record` may follow. */
  | { readonly type: 'record-end' };
export type FromCameraWorker =
  | FrameArrival
  | UnchangedArrival
  | {
      readonly type: 'opened';
      readonly width: number;
      readonly height: number;
      readonly codec: string;
      readonly fps: number | null;
      readonly decoder: DecoderInUse | null;
      readonly transport: string | null;
    }
  /** Something else decodes it now than was told last. */
  | { readonly type: 'decoder'; readonly decoder: DecoderInUse }
  | ({ readonly type: 'health' } & CameraHealth)
  | ({ readonly type: 'figures' } & MeasuredPicture)
  /** Frames found no buffer: when they were captured. How many they are is in the control block. Said once until that has been read. */
  | { readonly type: 'lost'; readonly capturedAtMs: readonly number[] }
  | { readonly type: 'picture'; readonly capturedAtMs: number; readonly preview: Jpeg }
  | { readonly type: 'packets'; readonly packets: StreamedPackets }
  | { readonly type: 'ended'; readonly reason: string };

// Archive
export type ToArchiveWorker =
  | BuffersBack
  | { readonly type: 'feed'; readonly feed: number; readonly item: FeedItem }
  | { readonly type: 'drop'; readonly feed: number };
export type FromArchiveWorker =
  | FrameArrival
  | UnchangedArrival
  | { readonly type: 'item-started'; readonly feed: number }
  | {
      readonly type: 'item-opened';
      readonly feed: number;
      readonly width: number;
      readonly height: number;
      readonly expectedFrames: number | null;
    }
  | { readonly type: 'item-ended'; readonly feed: number; readonly endFrame: number }
  | { readonly type: 'item-dropped'; readonly feed: number }
  | { readonly type: 'item-failed'; readonly feed: number; readonly kind: FailureKind; readonly reason: string };

// Pictures from memory
export type ToPicturesWorker =
  BuffersBack | { readonly type: 'feed'; readonly feed: number; readonly picture: FeedPicture };
export type FromPicturesWorker =
  | FrameArrival
  | { readonly type: 'picture-failed'; readonly feed: number; readonly kind: FailureKind; readonly reason: string };

// Stills
export type StillRequest =
  | { readonly type: 'inspect'; readonly path: string }
  | { readonly type: 'still'; readonly path: string; readonly timeMs: number | null; readonly maxWidth: number };
export type ToStillsWorker =
  { readonly type: 'ask'; readonly requestId: number; readonly request: StillRequest } | { readonly type: 'stop' };
export type FromStillsWorker =
  | { readonly type: 'info'; readonly requestId: number; readonly info: MediaInfo }
  | { readonly type: 'jpeg'; readonly requestId: number; readonly jpeg: Uint8Array<ArrayBuffer> }
  | { readonly type: 'refused'; readonly requestId: number; readonly kind: FailureKind; readonly reason: string };

// A look
export type FromLookWorker =
  | { readonly type: 'looked'; readonly value: EngineReplies[LookRequest['type']] }
  | { readonly type: 'look-failed'; readonly kind: FailureKind; readonly reason: string };

export type FromWorker =
  | FromLookWorker
  | FromCameraWorker
  | FromArchiveWorker
  | FromPicturesWorker
  | FromStillsWorker
  | FromRecorder
  | FromExporter
  | FromMender
  | FromPlayer;
export type ToWorker =
  ToCameraWorker | ToArchiveWorker | ToPicturesWorker | ToStillsWorker | ToRecorder | ToMender | ToPlayer;
