import { z } from 'zod';
import type { ErrorValue } from '../errors.ts';
import { cameraLoginSchema, cameraTransports, cameraWeights, type Camera } from './camera.ts';
import { decodeModes } from './decoding.ts';
import { tierNames } from './model.ts';

/** What can be changed for many cameras at once; left out: it stays as each has it. */
export const cameraBulkChangeSchema = z.strictObject({
  enabled: z.boolean().optional(),
  weight: z.enum(cameraWeights).optional(),
  tier: z.enum(tierNames).optional(),
  analysisFps: z.number().min(0.1).max(60).optional(),
  sloMs: z.number().min(10).max(60_000).optional(),
  motionGate: z.boolean().optional(),
  hardwareDecode: z.enum(decodeModes).optional(),
  group: z.string().trim().max(60).optional(),
  /**
   * `pair`: both streams, by the form of the camera's address: the small one is analysed, the large one recorded and enlarged.
   * `none`: one stream for everything.
   */
  streams: z.enum(['pair', 'none']).optional(),
});
export type CameraBulkChange = z.infer<typeof cameraBulkChangeSchema>;

/** Each camera that was asked for is in one of the two. */
export interface CamerasChanged {
  readonly changed: readonly Camera[];
  readonly failed: readonly { readonly id: string; readonly error: ErrorValue }[];
}

export const cameraProbeQuestionSchema = z.strictObject({
  url: z.string().trim().min(1).max(2048),
  /** Counts more than what stands in the URL. */
  login: cameraLoginSchema.nullable().optional(),
  /** A camera that is there already: without a login of its own the question uses the one that is kept. */
  cameraId: z.string().min(1).max(200).optional(),
  /** Of its other stream; left out: it is guessed from the form of the address. */
  largeUrl: z.string().trim().min(1).max(2048).optional(),
  transport: z.enum(cameraTransports).default('auto'),
  allowLoopback: z.boolean().default(false),
});
export type CameraProbeQuestion = z.infer<typeof cameraProbeQuestionSchema>;

/** What an address delivers. */
export interface CameraProbeStream {
  /** As it may be shown. */
  readonly url: string;
  readonly width: number;
  readonly height: number;
  readonly codec: string;
  readonly fps: number | null;
  readonly transport: string | null;
  /** Core-ms for every second of video; null where it cannot be measured. */
  readonly decodeCoreMsPerSecond: number | null;
  /** The same in words. */
  readonly decodeCost: string;
  /** A JPEG, base64. */
  readonly picture: string;
}

export interface CameraProbe {
  readonly stream: CameraProbeStream;
  /** The camera's other stream: that which was asked for, or one that was guessed and answered. */
  readonly other: CameraProbeStream | null;
  /** What is wrong with the other stream that was asked for; null: nothing. */
  readonly otherProblem: string | null;
}

export const onvifQuestionSchema = z.strictObject({
  /** Of the camera's device service. */
  address: z.string().trim().min(1).max(2048),
  login: cameraLoginSchema.nullable(),
  allowLoopback: z.boolean().default(false),
});
export type OnvifQuestion = z.infer<typeof onvifQuestionSchema>;
