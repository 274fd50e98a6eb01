import { z } from 'zod';

export const laneNames = ['live', 'archive'] as const;
export type LaneName = (typeof laneNames)[number];

/** Batch sizes a slot may run; each is warmed before a lane may use it. */
export const batchLadder = [1, 2, 4, 8, 16, 32, 64, 128] as const;

export const schedulingModes = ['strict', 'balanced', 'throughput'] as const;
export type SchedulingMode = (typeof schedulingModes)[number];

/** What an operator may set for the slot. Every `auto` is chosen from the cost model, with its reason shown. */
export const laneSettingsSchema = z.strictObject({
  mode: z.enum(schedulingModes).default('strict'),
  /** Share of slot time that the archive gets even when cameras would take all of it; 0: live absolute. */
  archiveFloorShare: z.number().min(0).max(0.5).default(0.05),
  /** How long a live frame may be held back for company; 0: never. */
  liveWindowMs: z.union([z.literal('auto'), z.number().min(0).max(50)]).default('auto'),
  liveBatch: z.union([z.literal('auto'), z.int().min(1).max(16)]).default('auto'),
  /** For jobs that leave it to the machine. */
  archiveBatch: z.union([z.literal('auto'), z.int().min(1).max(128)]).default('auto'),
  /** Scans that run at once, sharing the archive's time by weight; others wait. */
  archiveJobs: z.int().min(1).max(4).default(2),
  /** More than one executor: never, or when the backlog asks for it, up to so many. */
  instances: z
    .strictObject({ scale: z.enum(['off', 'auto']), most: z.int().min(1).max(8) })
    .default({ scale: 'off', most: 2 }),
  /** The picture API's own micro-batch; a window of 0 runs each request alone. */
  api: z
    .strictObject({ windowMs: z.number().min(0).max(50), batch: z.int().min(1).max(16) })
    .default({ windowMs: 25, batch: 16 }),
});
export type LaneSettings = z.infer<typeof laneSettingsSchema>;
export const defaultLaneSettings: LaneSettings = laneSettingsSchema.parse({});

/** What gives way when cameras ask for more than there is, in this order. */
export const shedSteps = ['archive-to-floor', 'quiet-skipped', 'rate-halved', 'oldest-out', 'early-drop'] as const;
export type ShedStep = (typeof shedSteps)[number];

export interface LaneStats {
  readonly lane: LaneName;
  /** Tickets waiting now. */
  readonly waiting: number;
  /** Since the engine came up. */
  readonly batches: number;
  readonly frames: number;
  readonly dropped: number;
  /** Frames a second, share of slot time (0..1), pictures run / places run: over the last 10 s. */
  readonly framesPerSecond: number;
  readonly slotShare: number;
  readonly batchFill: number | null;
  readonly lastBatch: number | null;
  readonly waitMs: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
  /** Batches by size since the engine came up, e.g. `{ "1": 120, "8": 4 }`. */
  readonly batchSizes: Readonly<Record<string, number>>;
}

/** Once a second to every view: the promise made visible. */
export interface LanesSnapshot {
  readonly atMs: number;
  readonly mode: SchedulingMode;
  readonly settings: LaneSettings;
  readonly live: LaneStats;
  readonly archive: LaneStats;
  /** Share of the last second the slot worked for each lane. */
  readonly slot: { readonly live: number; readonly archive: number };
  readonly knee: number | null;
  readonly costs: readonly LadderCost[];
  /** The latest decision in words. */
  readonly why: string;
  /** Why `auto` uses the batch it uses, by lane, with the measured numbers. */
  readonly choice: Readonly<Record<LaneName, string>>;
  /** Frames that gave way since the engine came up, by step (`archive-to-floor`: how often it was entered), and the steps in force. */
  readonly shed: Readonly<Record<ShedStep, number>>;
  readonly shedding: readonly ShedStep[];
  /** The measuring of the ladder that is under way. */
  readonly calibration: Calibration | null;
  /** How the one before it ended; null: there was none since the application was started. */
  readonly calibrated: CalibrationEnd | null;
  /** Executors: how many there are and why, and the newest changes with their reasons, newest last. */
  readonly instances: {
    readonly now: number;
    readonly why: string;
    readonly changes: readonly { readonly atMs: number; readonly count: number; readonly why: string }[];
  };
}

/** A visible, interruptible step: every ladder size of one model and input, run often enough to be believed. */
export interface Calibration {
  readonly modelId: string;
  readonly input: string;
  readonly done: number;
  readonly steps: number;
  readonly batch: number;
  readonly startedAtMs: number;
  /** Why the next run has to wait, in words; null: it does not. */
  readonly waitsFor: string | null;
}

export interface CalibrationEnd extends Pick<Calibration, 'modelId' | 'input' | 'done' | 'steps'> {
  readonly end: 'done' | 'stopped' | 'failed';
  readonly atMs: number;
  /** Why it failed, in words; null where it did not. */
  readonly reason: string | null;
}

/** One measured step of the ladder. */
export interface LadderCost {
  readonly modelId: string;
  readonly input: string;
  readonly lane: LaneName;
  readonly batch: number;
  readonly q50Ms: number;
  readonly q95Ms: number;
  readonly samples: number;
}
