import { z } from 'zod';
import { tierNames } from './model.ts';

/** Synthetic cameras beside an archive job, for some minutes or until the promise breaks. */
export const loadTestSpecSchema = z.strictObject({
  cameras: z.int().min(1).max(200).default(8),
  fps: z.number().min(0.1).max(60).default(5),
  sloMs: z.number().min(10).max(60_000).default(200),
  minutes: z.number().min(0.1).max(720).default(1),
  arrivals: z.enum(['steady', 'bursty']).default('steady'),
  /** Raises the rate every step until the promise breaks. */
  ramp: z.boolean().default(false),
  /** Folder or file that is scanned beside the cameras; null: none. */
  scan: z.string().min(1).max(4096).nullable().default(null),
  /** Scans it again and again, a hair above the last threshold, until the test is over: for a data folder of its own. */
  repeatScan: z.boolean().default(false),
  modelId: z.string().min(1).max(200).default('nanodet-g'),
  tier: z.enum(tierNames).default('normal'),
});
export type LoadTestSpec = z.infer<typeof loadTestSpecSchema>;

/** One minute of it (or what there was of the last one); of a ramp, one step. */
export interface LoadTestMinute {
  /** From 1. */
  readonly minute: number;
  readonly seconds: number;
  readonly cameras: number;
  readonly fps: number;
  readonly captured: number;
  readonly analysed: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
  /** Share of captured frames with a result within the promise. */
  readonly sloAttainment: number;
  readonly archivePerSecond: number;
  readonly slotShare: { readonly live: number; readonly archive: number };
  readonly hostBytes: number;
  readonly engineBytes: number | null;
  /** Delay of the control plane's event loop. */
  readonly mainLoopP99Ms: number;
}

export interface LoadTestReport {
  readonly id: string;
  readonly startedAtMs: number;
  readonly spec: LoadTestSpec;
  readonly state: 'running' | 'done' | 'stopped' | 'failed';
  readonly reason: string | null;
  readonly minutes: readonly LoadTestMinute[];
  readonly whole: Omit<LoadTestMinute, 'minute'> | null;
  /** Where a ramp ended: what gave out, in words. */
  readonly gaveOut: string | null;
  /** Written when it ended. */
  readonly files: { readonly html: string; readonly json: string } | null;
}
