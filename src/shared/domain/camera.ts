import { z } from 'zod';
import type { CameraTrouble } from './camera-health.ts';
import { decodeModes, type DecoderInUse } from './decoding.ts';
import { tierNames } from './model.ts';
import { recordingModes } from './recording.ts';

/** Why a captured frame was not analysed. captured = analysed + the sum over these, exactly. */
export const dropReasons = [
  'queue-full', // a newer frame of the same camera pushed it out
  'too-late', // its deadline could not be met any more when it was its turn
  'no-buffer', // the camera's frame buffers were all in use
  'engine-lost', // the engine went away with it
  'stopped', // the camera was closed while it waited
  'shed-quiet', // under overload: nothing moved in it, so it gave way to frames in which something does
  'shed-rate', // under overload: the camera's rate is halved
] as const;
export type DropReason = (typeof dropReasons)[number];
export type DropCounts = Readonly<Partial<Record<DropReason, number>>>;

export const cameraWeights = ['critical', 'normal', 'low'] as const;

/** The schemes a camera URL may have. Anything else is refused before it reaches a decoder. */
export const cameraSchemes = ['rtsp', 'rtsps', 'http', 'https', 'usb', 'file', 'test'] as const;

/** How RTSP is carried; `auto`: TCP, and UDP where the camera refuses that. */
export const cameraTransports = ['auto', 'tcp', 'udp'] as const;
export type CameraTransport = (typeof cameraTransports)[number];

export const cameraSettingsSchema = z.strictObject({
  name: z.string().trim().min(1).max(60),
  /** Of the stream that is analysed and shown on the wall. */
  url: z.string().trim().min(1).max(2048),
  /** Of its large stream, opened for the enlarged tile and for recording only; null: the one stream is for everything. */
  largeUrl: z.string().trim().min(1).max(2048).nullable().default(null),
  enabled: z.boolean().default(true),
  transport: z.enum(cameraTransports).default('auto'),
  /** Cameras of one name here belong together: a site, a gate, a floor. Empty: none. */
  group: z.string().trim().max(60).default(''),
  /** An operator has agreed that it is a web server on this machine. */
  allowLoopback: z.boolean().default(false),
  /** Frames a second that are analysed; the picture itself may move faster. */
  analysisFps: z.number().min(0.1).max(60).default(5),
  /** Promised time from capture to result. */
  sloMs: z.number().min(10).max(60_000).default(200),
  weight: z.enum(cameraWeights).default('normal'),
  modelId: z.string().min(1).max(200).default('nanodet-g'),
  tier: z.enum(tierNames).default('normal'),
  /** Frames in which nothing changed are not run: they take the result of the frame before, and say so. */
  motionGate: z.boolean().default(false),
  /** What of its packets is written. */
  recording: z.enum(recordingModes).default('off'),
  /** Footage older than this goes; null: it stays for as long as there is room. */
  keepDays: z.number().min(0.01).max(3650).nullable().default(null),
  /** Frames that were not analysed live are analysed afterwards from the footage, in the time that cameras leave free. */
  repair: z.boolean().default(true),
  /** Whether hardware may decode its pictures. */
  hardwareDecode: z.enum(decodeModes).default('auto'),
});
export type CameraSettings = z.infer<typeof cameraSettingsSchema>;

/** What lets one into a camera. Never part of its settings: it is stored encrypted, and answered by no call. */
export const cameraLoginSchema = z.strictObject({
  user: z.string().max(100),
  password: z.string().max(100),
});
export type CameraLogin = z.infer<typeof cameraLoginSchema>;

/** How logins are kept: in the system's keychain, or under a key file in the data folder, which is weaker. */
export const secretsProtections = ['system', 'key-file'] as const;
export type SecretsProtection = (typeof secretsProtections)[number];

export interface Camera extends CameraSettings {
  readonly id: string;
  readonly createdAtMs: number;
  /** `locked`: kept by another host of this data folder, whose keychain cannot be read here. Left out: none. */
  readonly login?: 'none' | 'kept' | 'locked';
}

export interface LatencyMs {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Why a camera is not live, in the operator's words. `retryInMs` is what happens next by itself. */
export interface OfflineReason {
  readonly sinceMs: number;
  readonly reason: string;
  readonly retryInMs: number | null;
}

export type CameraState = 'opening' | 'live' | 'offline' | 'disabled';

/** A camera in one state, [fromMs, toMs). Between two stretches it was switched off, or nobody looked. */
export interface CameraStretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly state: 'live' | 'frozen' | 'offline';
  /** Why it was offline, in words: the newest reason. */
  readonly reason: string | null;
}

/** How a camera's large stream is. */
export interface LargeStreamStatus {
  /** `closed`: nobody needs it. `offline`: the small one stands in for it. */
  readonly state: 'closed' | 'opening' | 'live' | 'offline';
  /** Why it is offline, in words; null otherwise. */
  readonly reason: string | null;
  /** Of the last time it was open; null: not yet. */
  readonly width: number | null;
  readonly height: number | null;
  readonly codec: string | null;
}

/** What one camera did since it was opened, and how it is now. */
export interface CameraStatus {
  readonly cameraId: string;
  readonly state: CameraState;
  readonly offline: OfflineReason | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly codec: string | null;
  /** What decodes it, and why; null: not known yet. */
  readonly decoder: DecoderInUse | null;
  /** How a camera is read: tcp, udp, http or usb; null for files and patterns. */
  readonly transport: string | null;
  /** It has sent exactly the same picture since then; null: it has not. */
  readonly frozenSinceMs: number | null;
  /** It is live, but does not see what it should; null: as far as is known it does. */
  readonly health: CameraTrouble | null;
  /** How far its clock is ahead of this machine's, less the shortest transit; null: it tells no time. */
  readonly clockOffsetMs: number | null;
  /** Null: it has none. */
  readonly large: LargeStreamStatus | null;
  /** What latency counts from: the arrival of a picture, or the time at which a file or pattern is due. */
  readonly latencyFrom: 'arrival' | 'due';
  /** Frames a second the source delivers and the analysis is given, over the last seconds. */
  readonly sourceFps: number | null;
  readonly analysedFps: number | null;
  readonly captured: number;
  readonly analysed: number;
  /** Of the analysed: frames in which nothing had changed, so that the result of the frame before holds. */
  readonly inherited: number;
  readonly dropped: DropCounts;
  readonly waiting: number;
  /** Capture to result, over the last 5 minutes (at most 4,096 frames); null before the first result. */
  readonly latencyMs: LatencyMs | null;
  readonly sloMs: number;
  /** Age of the newest committed result; null before the first. */
  readonly freshnessMs: number | null;
  /** Share of captured frames that missed the SLO since opening (a drop is a miss), and the share allowed. */
  readonly missShare: number;
  readonly missBudget: number;
  /** At least 95 % of captured frames have a result within the SLO, and something was captured. */
  readonly sloMet: boolean;
}
