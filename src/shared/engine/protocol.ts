import type { StreamBatch } from '../contract/stream.ts';
import type { CameraTransport, DropReason } from '../domain/camera.ts';
import type { DecoderInUse } from '../domain/decoding.ts';
import type { Detection } from '../domain/detection.ts';
import type { FailureKind } from '../domain/job.ts';
import type { LaneName } from '../domain/lanes.ts';
import type { InputSize } from '../domain/model.ts';
import type { FrameSampling, VideoSpan } from '../domain/video-sampling.ts';
import type { AddressRules } from '../network-address.ts';
import type { CameraHealth, CameraWatchSettings, MeasuredPicture } from './camera-watch.ts';
import type { DecodeOrder } from './decoding.ts';
import type { PlayCommand, PlayProgress, RecordingNews, RecordingOrder, RecordingPiece } from './recordings.ts';
import type { ArchiveItemKind, EngineFault, EngineReplies, EngineRequest } from './requests.ts';

export type * from './camera-watch.ts';
export type * from './decoding.ts';
export type * from './recordings.ts';
export type * from './requests.ts';

/**
 * Control plane ↔ engine (one child per device). No pixels in these messages but JPEGs for people: frames stay in the
 * engine and are referred to by `frameId`. All `…MonoMs` times are the machine's monotonic clock
 * (`process.hrtime`), which every process of one machine shares; `…AtMs` are epoch milliseconds.
 */
export const engineProtocolVersion = 1;

/** A frame's claim on the device. The bytes wait in the engine until it is run or discarded. */
export interface Ticket {
  readonly frameId: number;
  readonly lane: LaneName;
  /** Camera id (live) or item key (archive). */
  readonly source: string;
  /** Live: running number since the camera was opened. Archive: frame k of the item (see design: k / fps). */
  readonly frame: number;
  /** Position in the video; 0 for a picture; running media time for a camera. */
  readonly timeMs: number;
  readonly capturedMonoMs: number;
  readonly capturedAtMs: number;
  readonly sourceWidth: number;
  readonly sourceHeight: number;
  /** Share of the picture that changed since the source's previous kept frame, 0..1; null: not measured. */
  readonly motion: number | null;
  /**
   * For so long after it was captured nobody here could have it (H.264 and H.265 of RTSP: until the next one began).
   * Latency counts it, a deadline does not: nothing that is done here can make up for it. Left out: not at all.
   */
  readonly heldMs?: number;
  /** Of a picture that was handed in with a deadline of its own; left out: its source's promise counts. */
  readonly deadlineMonoMs?: number;
}

/**
 * A frame of a source with the motion gate in which nothing changed since frame `sameAs`, the last one that became a
 * ticket: it has no bytes, is never run, and takes that frame's result. Told after the tickets that came before it.
 */
export interface UnchangedFrame extends Omit<Ticket, 'frameId' | 'deadlineMonoMs'> {
  readonly sameAs: number;
}

/** Frames of a camera that never became tickets; counted, never silent. */
export interface LostFrames {
  readonly source: string;
  readonly reason: DropReason;
  readonly count: number;
  /** When they were captured, as far as it has been heard by now: it may come with a later message than their count. */
  readonly capturedAtMs?: readonly number[];
}

/** How outputs become detections. */
export interface PostProcessing {
  readonly score: number;
  readonly iou: number;
  /** Class indices that are reported; null = all. */
  readonly classes: readonly number[] | null;
}

export interface FrameResult {
  readonly frameId: number;
  /** Sorted by class index, then x, y, width, height: the same picture gives the same list in any batch. */
  readonly detections: readonly Detection[];
  /** Live only, in the same order: boxes below the score that is reported. For tracking; never stored or shown. */
  readonly faint?: readonly Detection[];
}

/** Moments of a video of which the picture is wanted, in ms since its first picture, in ascending order. */
export interface WantedMoments {
  readonly timesMs: readonly number[];
  /** A picture that is further away is none of the moment. */
  readonly toleranceMs: number;
}

export type ToEngine =
  | {
      readonly type: 'configure';
      readonly protocol: number;
      /** Execution providers to try in order, e.g. ['cuda', 'cpu']. */
      readonly providers: readonly string[];
      readonly intraOpThreads: number;
      /** Archive frames decoded but not yet run, all items together. */
      readonly archiveWindow: number;
      /** Pictures above this many pixels are refused as too large before they are decoded. */
      readonly maxPixels: number;
    }
  | { readonly type: 'request'; readonly requestId: number; readonly request: EngineRequest }
  | {
      readonly type: 'run';
      readonly batchId: number;
      readonly modelId: string;
      readonly lane: LaneName;
      readonly input: InputSize;
      readonly frameIds: readonly number[];
      readonly post: PostProcessing;
    }
  | { readonly type: 'discard'; readonly frameIds: readonly number[] }
  | { readonly type: 'archive-window'; readonly frames: number }
  | {
      readonly type: 'open-camera';
      readonly cameraId: string;
      /** Number of this opening, told with all news of it: what comes of an earlier one is not taken for news of this. */
      readonly opening: number;
      readonly url: string;
      readonly analysisFps: number;
      /** The tier's size; with `multipleOf` > 0 each picture gets the size of it that fits (`fittedInput`). */
      readonly input: InputSize;
      readonly multipleOf: number;
      readonly padding: number;
      /** Frames in which nothing changed are announced as unchanged instead of as tickets. */
      readonly motionGate: boolean;
      /**
       * So that cameras do not capture together: waited before the first frame of a file or pattern; of a network camera, which
       * frames are taken: those nearest to so long after each whole interval of the machine's clock.
       */
      readonly staggerMs: number;
      /** Until a network camera has to answer. */
      readonly openTimeoutMs: number;
      readonly transport: CameraTransport;
      /** What its host may not turn out to be once its name is resolved; left out: what is never allowed. */
      readonly reach?: AddressRules;
      readonly watch: CameraWatchSettings;
      /** Left out: the processor decodes it. */
      readonly decode?: DecodeOrder;
      readonly preview: { readonly maxWidth: number; readonly maxFps: number };
      /** Left out: nothing is recorded. */
      readonly recording?: RecordingOrder;
      /**
       * Its packets alone are wanted, for the recorder and for viewers that decode them themselves: nothing is decoded here,
       * and what this order says of pictures does not count. It counts as opened once a packet has come.
       */
      readonly packetsOnly?: boolean;
    }
  /** From now on the open camera's packets are written, or no longer (null). */
  | { readonly type: 'record-camera'; readonly cameraId: string; readonly recording: RecordingOrder | null }
  /** Around events: written from `preRollMs` before now until this moment (epoch ms), if that is later than was asked before. */
  | { readonly type: 'record-until'; readonly cameraId: string; readonly forMs: number }
  | { readonly type: 'close-camera'; readonly cameraId: string }
  /** Previews are encoded only while somebody watches; analysed frames always get one for snapshots. */
  | {
      readonly type: 'watch-camera';
      readonly cameraId: string;
      readonly on: boolean;
      readonly maxFps: number;
      /** Left out: that of `open-camera`. */
      readonly maxWidth?: number;
    }
  /** Its packets are told as `packets` while somebody decodes them for himself. Off when a camera is opened. */
  | { readonly type: 'stream-camera'; readonly cameraId: string; readonly on: boolean }
  /** Queues an item; those of one job are decoded in this order, those of several jobs beside each other. */
  | {
      readonly type: 'feed-item';
      readonly item: string;
      readonly jobId: string;
      /** The job's share of decoding beside other jobs, where there is not enough for all. */
      readonly weight: number;
      readonly path: string;
      readonly kind: ArchiveItemKind;
      readonly fps: number;
      /** Of a video, in place of `fps`. */
      readonly sampling?: FrameSampling;
      /** Only this part of a video; left out: the whole. */
      readonly span?: VideoSpan;
      /** With the motion gate: the first of a group (`groupStart`), so that the gate decides as in a whole pass. */
      readonly startFrame: number;
      /** As for `open-camera`. */
      readonly input: InputSize;
      readonly multipleOf: number;
      readonly padding: number;
      /** As for `open-camera`; pictures have none. */
      readonly motionGate: boolean;
      /**
       * A recorded video of which single moments are wanted: frame k is the picture nearest to moment k, and moments without
       * one are left out. Takes the place of `fps`; damaged pictures are passed over.
       */
      readonly wanted?: WantedMoments;
    }
  /**
   * A picture from memory, decoded as an item's file would be, on a thread of its own. Answered by its ticket or by
   * `picture-failed`; past its deadline it is not decoded any more.
   */
  | {
      readonly type: 'feed-picture';
      readonly lane: LaneName;
      readonly source: string;
      readonly frame: number;
      /** A whole JPEG, PNG or WebP. */
      readonly bytes: Uint8Array;
      /** As for `open-camera`. */
      readonly input: InputSize;
      readonly multipleOf: number;
      readonly padding: number;
      /** When it was received; it becomes the ticket's. */
      readonly capturedMonoMs: number;
      readonly capturedAtMs: number;
      /** Null: it has no end. */
      readonly deadlineMonoMs: number | null;
    }
  /** Opens a player where there is none of that name; its pictures come under the name as those of a camera do. */
  | {
      readonly type: 'play-recording';
      readonly session: string;
      /** What can be played, in order of time; left out: as before. */
      readonly pieces?: readonly RecordingPiece[];
      readonly command: PlayCommand | null;
    }
  | { readonly type: 'stop-playing'; readonly session: string }
  /** Drops the item from the queue or stops decoding it; its waiting frames are discarded; answered by `item-ended`. */
  | { readonly type: 'drop-item'; readonly item: string }
  | { readonly type: 'stop' };

export type FromEngine =
  | {
      readonly type: 'ready';
      readonly protocol: number;
      readonly pid: number;
      readonly cores: number;
      readonly versions: Readonly<Record<string, string>>;
    }
  | { readonly type: 'reply'; readonly requestId: number; readonly value: EngineReplies[keyof EngineReplies] }
  | { readonly type: 'refused'; readonly requestId: number; readonly fault: EngineFault }
  | { readonly type: 'tickets'; readonly tickets: readonly Ticket[]; readonly lost: readonly LostFrames[] }
  | { readonly type: 'unchanged'; readonly frames: readonly UnchangedFrame[] }
  | {
      readonly type: 'done';
      readonly batchId: number;
      /** The native call alone, and everything from the message's arrival to this answer. */
      readonly runMs: number;
      readonly slotMs: number;
      readonly results: readonly FrameResult[];
      /** Everything decoded while the call ran: one message, so that main decides with full sight. */
      readonly tickets: readonly Ticket[];
      readonly lost: readonly LostFrames[];
    }
  /** The call itself failed (not the process): the batch's frames are still held and may be run again. */
  | { readonly type: 'run-failed'; readonly batchId: number; readonly message: string }
  | {
      readonly type: 'camera-opened';
      readonly cameraId: string;
      readonly opening: number;
      readonly width: number;
      readonly height: number;
      readonly codec: string;
      readonly fps: number | null;
      /** Null: hardware is asked; a `camera-decoder` follows with the first picture. */
      readonly decoder: DecoderInUse | null;
      /** How a camera is read: tcp, udp, http or usb; null for files and patterns. */
      readonly transport: string | null;
    }
  /** Of an open camera: with the first picture, and whenever something else decodes it. */
  | {
      readonly type: 'camera-decoder';
      readonly cameraId: string;
      readonly opening: number;
      readonly decoder: DecoderInUse;
    }
  /** Of a network camera, with its first picture and whenever something of it changes. */
  | ({ readonly type: 'camera-health'; readonly cameraId: string; readonly opening: number } & CameraHealth)
  /** About once a second, also of frames in which nothing changed. */
  | ({ readonly type: 'camera-figures'; readonly cameraId: string } & MeasuredPicture)
  | { readonly type: 'recording'; readonly cameraId: string; readonly news: RecordingNews }
  | { readonly type: 'playing'; readonly session: string; readonly progress: PlayProgress }
  /** The worker has ended; the control plane decides when to open it again. */
  | {
      readonly type: 'camera-closed';
      readonly cameraId: string;
      readonly opening: number;
      readonly reason: string;
      readonly requested: boolean;
    }
  | {
      readonly type: 'picture';
      readonly cameraId: string;
      readonly capturedAtMs: number;
      readonly width: number;
      readonly height: number;
      readonly analysed: boolean;
      readonly jpeg: Uint8Array;
    }
  /** `leftOut`: packets that the engine's own queues had no room for, up to these. */
  | ({ readonly type: 'packets'; readonly leftOut: number } & StreamBatch)
  | {
      readonly type: 'item-opened';
      readonly item: string;
      readonly width: number;
      readonly height: number;
      /** Estimated from the container; exact numbers come with `item-ended`. */
      readonly expectedFrames: number | null;
    }
  /**
   * After its last ticket. `frames` = tickets of this feeding; `endFrame` = one above the last one's number (numbers may
   * be left out: see frame-choice), at least startFrame. `complete` false: dropped.
   */
  | {
      readonly type: 'item-ended';
      readonly item: string;
      readonly frames: number;
      readonly endFrame: number;
      readonly complete: boolean;
    }
  | { readonly type: 'item-failed'; readonly item: string; readonly kind: FailureKind; readonly reason: string }
  | {
      readonly type: 'picture-failed';
      readonly source: string;
      readonly frame: number;
      readonly kind: FailureKind;
      readonly reason: string;
    };

/** What becomes of a camera's source. */
export type CameraNews = Extract<
  FromEngine,
  { type: 'camera-opened' | 'camera-decoder' | 'camera-health' | 'camera-closed' }
>;

/** What becomes of an item that was fed. */
export type ItemNews = Extract<FromEngine, { type: 'item-opened' | 'item-ended' | 'item-failed' }>;
