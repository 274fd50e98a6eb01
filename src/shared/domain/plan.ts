import { z } from 'zod';
import type { LaneSettings } from './lanes.ts';
import { tierNames } from './model.ts';

/** What a device-hour and a kilowatt-hour cost. Watts are measured where the machine tells them, else estimated and said so. */
export const tariffSchema = z.strictObject({
  currency: z.string().trim().min(1).max(8).default('EUR'),
  perKwh: z.number().min(0).max(100).default(0.3),
  /** Rent or depreciation of the machine. */
  perDeviceHour: z.number().min(0).max(10_000).default(0),
  /** Drawn at full load; null: estimated from the device. */
  watts: z.number().min(1).max(10_000).nullable().default(null),
});
export type Tariff = z.infer<typeof tariffSchema>;

/** A cost curve given as numbers: a single picture, the fixed part of a call, and up to which batch time stays linear. */
export const batchQuestionSchema = z.strictObject({
  singleMs: z.number().positive().max(60_000),
  overheadMs: z.number().min(0).max(60_000),
  /** Beyond this batch a larger one gains nothing. */
  linearTo: z.int().min(1).max(128),
  p95Ms: z.number().positive().max(3_600_000),
  /** Pictures a second that arrive. */
  rate: z.number().positive().max(1_000_000),
});
export type BatchQuestion = z.infer<typeof batchQuestionSchema>;

/**
 * Arrival to answer: with pictures at even distances, and with groups of one picture up to a whole batch that come at
 * random moments. Null: the queue grows without end.
 */
export interface PlannedP95 {
  readonly steady: number | null;
  readonly bursty: number | null;
}

/**
 * `batch` null: none carries the rate within the promise; the figures are then those of the best one refused.
 * Otherwise the smallest batch that carries the rate within the promise, and those that were refused with their numbers. */
export interface BatchAnswer {
  readonly batch: number | null;
  readonly batchLatencyMs: number;
  readonly imagesPerSecond: number;
  readonly utilisation: number;
  readonly p95Ms: PlannedP95;
  /** Pictures that may wait and still be answered within the promise. */
  readonly queueCap: number;
  readonly controls: readonly string[];
  readonly reasoning: readonly string[];
  readonly considered: readonly {
    readonly batch: number;
    readonly batchLatencyMs: number;
    readonly imagesPerSecond: number;
    readonly utilisation: number;
    readonly p95Ms: PlannedP95;
    readonly taken: boolean;
    readonly why: string;
  }[];
}

export const capacityQuestionSchema = z.strictObject({
  modelId: z.string().min(1).max(200).default('nanodet-g'),
  tier: z.enum(tierNames).default('normal'),
  /** Null: the cameras that are switched on. */
  cameras: z
    .array(
      z.strictObject({
        name: z.string().max(60),
        fps: z.number().min(0.1).max(60),
        sloMs: z.number().min(10).max(60_000),
      }),
    )
    .max(1000)
    .nullable()
    .default(null),
  /** How long a night is. */
  nightHours: z.number().min(0.1).max(24).default(8),
});
export type CapacityQuestion = z.infer<typeof capacityQuestionSchema>;

/** What this machine can do beside its cameras, from measured costs. */
export interface CapacityAnswer {
  /** False: nothing was measured for this model and size yet; calibrate first. */
  readonly measured: boolean;
  /** The widest archive batch that was measured; wider ones are estimated by the shape of the curve. Null: none was. */
  readonly measuredTo: number | null;
  /** What of the answer is no measurement, in words; empty: all of it was measured. */
  readonly estimated: readonly string[];
  readonly input: string;
  readonly provider: string;
  readonly liveLoad: number;
  /** Pictures a second from file to result, measured while no camera was on; null: only the device's own pace is known. */
  readonly endToEnd: { readonly imagesPerSecond: number; readonly measuredAtMs: number } | null;
  readonly archivePerSecond: number;
  /** Within which `archivePerSecond` is likely to lie: wide where it leans on estimates. */
  readonly archiveRange: { readonly low: number; readonly high: number };
  readonly archivePerHour: number;
  readonly archiveTonight: number;
  /** Further cameras like the average one (5 fps, 200 ms where there is none) until the promise would break. */
  readonly moreCameras: number;
  readonly predictedLiveP95Ms: number | null;
  /** By batch: throughput alone, p95 beside the cameras, cost of 1,000 pictures. */
  readonly batches: readonly {
    readonly batch: number;
    readonly runMs: number;
    readonly imagesPerSecond: number;
    readonly liveP95Ms: number | null;
    readonly estimated: boolean;
    readonly costPer1000: number;
    readonly deviceHoursPer1000: number;
  }[];
  readonly cost: { readonly currency: string; readonly watts: number; readonly wattsEstimated: boolean };
  readonly reasoning: readonly string[];
}

export const adviceQuestionSchema = z.strictObject({
  /** From a picture to its answer. */
  latencyTargetMs: z.number().positive().max(31_536_000_000),
  /** How old the newest answer may be when somebody looks. */
  freshnessMs: z.number().positive().max(31_536_000_000),
  costMatters: z.boolean(),
  /** Of all pictures, those whose answer is urgent: 0..1. */
  urgentShare: z.number().min(0).max(1),
  /** Of the device's time when every picture runs alone: 0..1 and more. */
  utilisation: z.number().min(0).max(100),
  /** Busiest minute / average minute. */
  peakToMean: z.number().min(1).max(1000),
});
export type AdviceQuestion = z.infer<typeof adviceQuestionSchema>;

export type OperatingMode = 'batch' | 'real-time' | 'hybrid';

export interface Advice {
  readonly mode: OperatingMode;
  readonly controls: readonly string[];
  /** The rules that applied, in words with their numbers. */
  readonly because: readonly { readonly rule: string; readonly text: string }[];
  /** One sentence naming latency, freshness and cost. */
  readonly sentence: string;
  readonly settings: Partial<LaneSettings>;
}

/** One of the classic mistakes, found in what is measured now. */
export interface Finding {
  readonly id: 'tail-ignored' | 'queue-sheds' | 'batch-over-budget' | 'cold-model' | 'nobody-looks';
  readonly level: 'ok' | 'warning' | 'error';
  /** Camera, queue, model or lane that it is about; null: the whole. */
  readonly subject: string | null;
  readonly text: string;
  readonly number: number | null;
  readonly limit: number | null;
  readonly unit: string;
  /** What to do about it; null where all is well. */
  readonly fix: string | null;
}
