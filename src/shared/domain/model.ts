import { z } from 'zod';
import type { FrameSampling, VideoSpan } from './video-sampling.ts';

/** Width and height of the picture a model is given, in pixels. */
export const inputSizeSchema = z.strictObject({
  width: z.int().positive().max(4096),
  height: z.int().positive().max(4096),
});
export type InputSize = z.infer<typeof inputSizeSchema>;

export const tierNames = ['fast', 'normal', 'accurate'] as const;
export type TierName = (typeof tierNames)[number];

/**
 * `models/<id>/manifest.json`. Every model takes uint8 NHWC RGB (normalisation is inside the graph, so no
 * JavaScript loop ever touches a pixel) and answers in the layout of its family.
 */
export const modelManifestSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  name: z.string().min(1).max(80),
  version: z.string().min(1).max(40),
  /** A `test` model is for Nightshift's own tests: it runs when named, and lists for people leave it out. */
  purpose: z.enum(['detector', 'test']).default('detector'),
  /** How outputs are read. `yolo-head`: [batch, 4 + classes, anchors], rows cx, cy, w, h in input pixels, then scores. */
  family: z.enum(['yolo-head']),
  file: z.string().regex(/^[A-Za-z0-9._-]+\.onnx$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  input: z.strictObject({
    name: z.string().min(1),
    type: z.literal('uint8'),
    layout: z.literal('nhwc'),
    /** Grey level of the letterbox border. */
    padding: z.int().min(0).max(255),
    /** Input width and height must be multiples of this; 0 = only the sizes of `tiers`. */
    multipleOf: z.int().min(0),
  }),
  output: z.strictObject({ name: z.string().min(1) }),
  tiers: z.partialRecord(z.enum(tierNames), inputSizeSchema).refine((t) => Object.keys(t).length > 0, {
    message: 'at least one tier is needed',
  }),
  labels: z.array(z.string().min(1).max(60)).min(1).max(1000),
  /** Groups of labels inside which overlapping boxes count as one object (a parked van is not also a truck). */
  exclusiveGroups: z.array(z.array(z.string())).default([]),
  score: z.number().min(0).max(1),
  /** Labels that are reported unless a job says otherwise; empty = all. */
  defaultClasses: z.array(z.string()).default([]),
  iou: z.number().min(0).max(1),
  licence: z.string().min(1),
  provenance: z.string().min(1),
});
export type ModelManifest = z.infer<typeof modelManifestSchema>;

/** What the UI and the command line list. */
export interface ModelSummary {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly licence: string;
  readonly provenance: string;
  readonly labels: readonly string[];
  readonly tiers: readonly { readonly name: TierName; readonly size: InputSize }[];
  readonly isDefault: boolean;
}

/**
 * Everything besides the pixels and the weights that can change a result. Its hash is part of a result's key, so
 * a changed setting redoes only itself. `fps` is null for pictures, cameras and videos with a `sampling`, whose frame numbers do
 * not depend on it.
 */
export interface RecipeSettings {
  readonly tier: TierName;
  readonly input: InputSize;
  /** `aspect`: each picture in the size of the tier that fits it (`fittedInput`); `tier`: all in `input`. */
  readonly fit: 'aspect' | 'tier';
  /** Frames in which nothing changed take the result of the last one that was run. Pictures have none. */
  readonly motionGate: boolean;
  readonly fps: number | null;
  /** Of videos, in place of `fps`; left out: by that. */
  readonly sampling?: FrameSampling;
  /** The part of videos that is wanted, from which frames are numbered; left out: the whole. */
  readonly span?: VideoSpan;
  readonly score: number;
  readonly iou: number;
  readonly classes: readonly string[] | null;
  /** Raised whenever letterboxing, decoding of outputs or NMS changes what comes out. */
  readonly pipelineVersion: number;
}

export const pipelineVersion = 2;
