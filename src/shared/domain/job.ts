import { z } from 'zod';
import { tierNames } from './model.ts';
import type { CameraRepair } from './repair.ts';
import { frameSamplingSchema, videoSpanSchema } from './video-sampling.ts';

export const jobStates = ['queued', 'enumerating', 'running', 'paused', 'done', 'failed', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];

/** Of files inside the scanned folders: see `PathFilter`. */
const pathPatternsSchema = z.array(z.string().trim().min(1).max(500)).max(100).default([]);

const scannedPathSchema = z.string().min(1).max(4096);

export const jobSpecSchema = z
  .strictObject({
    /** Absolute paths of folders, pictures or videos; with `*`, `?`, `[…]` or `{…}` in one: of the files that fit it. */
    paths: z.array(scannedPathSchema).max(1000).default([]),
    /** Absolute paths of lists of files, each with an id if it has one: see `readItemList`. */
    lists: z.array(scannedPathSchema).max(20).default([]),
    recursive: z.boolean().default(true),
    /** In folders only files that fit one of these; none: all. */
    include: pathPatternsSchema,
    /** And none that fits one of these, nor what is in a folder that does. */
    exclude: pathPatternsSchema,
    name: z.string().trim().min(1).max(80).optional(),
    modelId: z.string().min(1).max(200).default('nanodet-g'),
    tier: z.enum(tierNames).default('normal'),
    /** Analysed frames a second of a video. */
    fps: z.number().min(0.01).max(120).default(5),
    /** Of a video, in place of `fps`; null: by that. */
    sampling: frameSamplingSchema.nullable().default(null),
    /** Only this part of every video; null: the whole. */
    span: videoSpanSchema.nullable().default(null),
    batch: z.union([z.literal('auto'), z.int().min(1).max(128)]).default('auto'),
    classes: z.array(z.string().min(1)).min(1).max(1000).nullable().default(null),
    score: z.number().min(0.01).max(1).nullable().default(null),
    /** Video frames in which nothing changed are not run: they take the result of the frame before, and say so. */
    motionGate: z.boolean().default(false),
    /** Share of the archive's turns that this job gets beside others. */
    weight: z.int().min(1).max(10).default(1),
    /** Names the job; the same id again goes on with it. Left out: made from the other settings, so that the same scan is the same job. */
    id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'an id has small letters, digits, dots, dashes and underscores')
      .optional(),
  })
  .refine(({ paths, lists }) => paths.length + lists.length > 0, {
    message: 'something to scan is needed',
    path: ['paths'],
  });
export type JobSpec = z.infer<typeof jobSpecSchema>;
export type JobSpecInput = z.input<typeof jobSpecSchema>;

export const itemStates = ['pending', 'done', 'failed', 'quarantined', 'missing'] as const;
export type ItemState = (typeof itemStates)[number];

/** Why an item failed. The first group is permanent: trying again unchanged cannot help. */
export const failureKinds = [
  'empty',
  'unsupported',
  'undecodable',
  'too-large',
  'crashes-engine',
  'missing', // was there when the job was made
  'unreadable', // permission, I/O error, share gone: tried again with backoff first
  'timed-out',
] as const;
export type FailureKind = (typeof failureKinds)[number];

export interface ItemFailure {
  readonly path: string;
  readonly kind: FailureKind;
  readonly reason: string;
}

export interface ItemCounts {
  readonly total: number;
  readonly done: number;
  /** Done before this run began: nothing had to be analysed again. */
  readonly skipped: number;
  readonly failed: number;
}

export interface JobSummary {
  readonly id: string;
  readonly name: string;
  readonly state: JobState;
  readonly spec: JobSpec;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly items: ItemCounts;
  /** Files found so far while they are still being listed; null: the listing is over, or has not begun. */
  readonly listing: number | null;
  /** Frames and detections committed over the job's whole life, and frames of this run. */
  readonly frames: number;
  readonly detections: number;
  readonly framesThisRun: number;
  /** Of this run's frames: those in which nothing had changed, so that they were not run. */
  readonly inheritedThisRun: number;
  /** 0..1 over the frames that are known; null while files are being listed. */
  readonly progress: number | null;
  readonly imagesPerSecond: number | null;
  /** Until its end, with what jobs beside it take now and leave later. */
  readonly etaMs: number | null;
  /** The largest archive batch in use now, and the knee of the measured cost curve. */
  readonly batch: { readonly chosen: number | null; readonly knee: number | null };
  /** Pictures run / places run. */
  readonly batchFill: number | null;
  /** What is being looked at: `yard-10.mp4 · 00:12:31`. */
  readonly current: string | null;
  /** Milliseconds this run has worked (pauses left out). */
  readonly runMs: number;
  /** Of this run: items that failed, items or calls that timed out, and tries that were repeated. */
  readonly errors: { readonly failed: number; readonly timedOut: number; readonly retried: number };
  /** The job's own sentence when it is paused or failed. */
  readonly reason: string | null;
  /** Of a job that waits for others to end: 1 is the next to run. */
  readonly queuePlace: number | null;
  /** Where this run took the job up again, and how many frames it has committed that were committed before (0, or a bug). */
  readonly resumed: { readonly atProgress: number; readonly atMs: number; readonly framesTwice: number } | null;
  /** Of work that makes a camera's record complete: its items are frames. Left out: it is a scan. */
  readonly repair?: CameraRepair;
}

export interface JobDetail extends JobSummary {
  readonly failures: readonly ItemFailure[];
  /** One point every few seconds, at most 240: for the speed chart. */
  readonly history: readonly { readonly atMs: number; readonly imagesPerSecond: number; readonly batch: number }[];
}
