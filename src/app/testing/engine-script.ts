import type { Detection } from '../../shared/domain/detection.ts';
import type { FailureKind } from '../../shared/domain/job.ts';
import type { LaneName } from '../../shared/domain/lanes.ts';
import type { InputSize } from '../../shared/domain/model.ts';
import type { ProbedStream, ToEngine } from '../../shared/engine/protocol.ts';
import type { EngineExit } from '../ports.ts';

export type OpenCamera = Extract<ToEngine, { type: 'open-camera' }>;

/** What a frame shows: the path of its file or the id of its camera, and its number. */
export interface ShownFrame {
  readonly source: string;
  readonly frame: number;
}

/** What becomes of a call. */
export type RunFate =
  | 'answered'
  /** Answered, and the same answer once more. */
  | 'answered-twice'
  /** An answer to a batch that was never asked for comes first. */
  | 'answered-after-garbage'
  | 'failed'
  | 'hangs'
  | EngineExit;

/** How the scripted engines behave; every part has a plain default. A pure function of its arguments, or a test's own state. */
export interface EngineScript {
  protocol?: number;
  /** The child never says `ready`. */
  silent?: boolean;
  ignoresStop?: boolean;
  residentBytes?: number | null;
  /** Processor time that the engine has used, in core-ms; left out: it cannot be read. */
  processorMs?: () => number | null;
  runMs: (lane: LaneName, batch: number) => number;
  detections: (frame: ShownFrame) => readonly Detection[];
  /** Frames of a file from its first to its last. */
  frames: (path: string) => number;
  run: (lane: LaneName, frames: readonly ShownFrame[]) => RunFate;
  /** Why the model is refused; null: it is taken. */
  refuses: (modelId: string) => string | null;
  warm: (lane: LaneName, batch: number, input: InputSize) => 'answered' | 'hangs' | EngineExit;
  /** With the motion gate: nothing changed in the frame since the last one that was run. */
  unchanged: (frame: ShownFrame) => boolean;
  /** Of the pictures of a file. */
  size: (path: string) => { readonly width: number; readonly height: number };
  item: (path: string) => { readonly kind: FailureKind; readonly reason: string } | null;
  /** Of a picture from memory, by what follows its format's first bytes. */
  picture: (text: string) => { readonly kind: FailureKind; readonly reason: string } | null;
  /** `opens`: delivers at its analysis rate; `silent`: opens and delivers nothing; text: ends with that reason. */
  camera: (open: OpenCamera, attempt: number) => 'opens' | 'silent' | { readonly reason: string };
  snapshot: (cameraId: string, capturedAtMs: number) => Uint8Array | null;
  /** What is found at an address; text: nothing, for that reason. */
  probe: (url: string) => Omit<ProbedStream, 'jpeg'> | string;
}

/** What the pictures of scripted engines begin with. */
export const jpegStart = [0xff, 0xd8, 0xff] as const;
/** What scripted engines take for a picture that shows `text`. */
export const scriptedPicture = (text: string): Uint8Array =>
  new Uint8Array([...jpegStart, ...new TextEncoder().encode(text)]);

export const tinyJpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xd9]);

export const plainScript: EngineScript = {
  runMs: (_lane, batch) => 4 + 2 * batch,
  detections: ({ source, frame }) => [{ classIndex: 0, score: 0.9, box: [(source.length + frame) % 50, 10, 40, 80] }],
  frames: (path) => (path.endsWith('.mp4') ? 10 : 1),
  run: () => 'answered',
  refuses: () => null,
  warm: () => 'answered',
  unchanged: () => false,
  size: () => ({ width: 640, height: 480 }),
  item: () => null,
  picture: () => null,
  camera: () => 'opens',
  snapshot: () => tinyJpeg,
  probe: () => ({
    ...{ width: 640, height: 480, codec: 'h264', fps: 25 },
    ...{ transport: 'tcp', decodeMs: 2, decodeCoreMsPerSecond: 50 },
  }),
};
