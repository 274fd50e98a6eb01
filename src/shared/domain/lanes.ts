export const laneNames = ['live', 'archive'] as const;
export type LaneName = (typeof laneNames)[number];

/** Batch sizes a slot may run; each is warmed before a lane may use it. */
export const batchLadder = [1, 2, 4, 8, 16, 32, 64, 128] as const;

export const schedulingModes = ['strict', 'balanced', 'throughput'] as const;
export type SchedulingMode = (typeof schedulingModes)[number];

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
  readonly live: LaneStats;
  readonly archive: LaneStats;
  /** Share of the last second the slot worked for each lane. */
  readonly slot: { readonly live: number; readonly archive: number };
  readonly knee: number | null;
  readonly costs: readonly LadderCost[];
  /** The latest decision in words. */
  readonly why: string;
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
