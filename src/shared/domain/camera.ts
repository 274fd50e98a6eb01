import { z } from 'zod';
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
export const cameraSchemes = ['rtsp', 'rtsps', 'http', 'https', 'file', 'test'] as const;

export const cameraSettingsSchema = z.strictObject({
  name: z.string().trim().min(1).max(60),
  url: z.string().trim().min(1).max(2048),
  enabled: z.boolean().default(true),
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
});
export type CameraSettings = z.infer<typeof cameraSettingsSchema>;

export interface Camera extends CameraSettings {
  readonly id: string;
  readonly createdAtMs: number;
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

/** What one camera did since it was opened, and how it is now. */
export interface CameraStatus {
  readonly cameraId: string;
  readonly state: CameraState;
  readonly offline: OfflineReason | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly codec: string | null;
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
