import type { LaneName, LaneStats } from '../../shared/domain/lanes.ts';

/** What one lane did, over the last ten seconds in tenths and since the engine came up. The clock is handed in. */
export interface LaneRecord {
  readonly lane: LaneName;
  readonly sinceMonoMs: number;
  batches: number;
  frames: number;
  dropped: number;
  lastBatch: number | null;
  readonly batchSizes: Map<number, number>;
  readonly tenths: Tenth[];
  /** Newest waits from admission to run, a ring. */
  readonly waits: { readonly ms: Float64Array; readonly atMonoMs: Float64Array; next: number };
}

interface Tenth {
  /** Running number of this tenth of a second; a slot of the ring is stale when it shows another one. */
  number: number;
  frames: number;
  places: number;
  busyMs: number;
}

const tenthMs = 100;
const windowTenths = 100;
const keptWaits = 2_048;

export function createLaneRecord(lane: LaneName, nowMonoMs: number): LaneRecord {
  return {
    lane,
    sinceMonoMs: nowMonoMs,
    batches: 0,
    frames: 0,
    dropped: 0,
    lastBatch: null,
    batchSizes: new Map(),
    tenths: Array.from({ length: windowTenths }, () => ({ number: -1, frames: 0, places: 0, busyMs: 0 })),
    waits: { ms: new Float64Array(keptWaits), atMonoMs: new Float64Array(keptWaits).fill(-Infinity), next: 0 },
  };
}

export function recordWait(record: LaneRecord, waitedMs: number, nowMonoMs: number): void {
  const { waits } = record;
  waits.ms[waits.next] = waitedMs;
  waits.atMonoMs[waits.next] = nowMonoMs;
  waits.next = (waits.next + 1) % keptWaits;
}

export function recordBatch(
  record: LaneRecord,
  batch: { readonly frames: number; readonly places: number; readonly startedMonoMs: number },
  endedMonoMs: number,
): void {
  record.batches += 1;
  record.frames += batch.frames;
  record.lastBatch = batch.frames;
  record.batchSizes.set(batch.frames, (record.batchSizes.get(batch.frames) ?? 0) + 1);
  const end = tenthAt(record, endedMonoMs);
  end.frames += batch.frames;
  end.places += batch.places;
  // A long run is spread over the tenths that it filled.
  const from = Math.max(batch.startedMonoMs, endedMonoMs - windowTenths * tenthMs);
  for (let startMs = from; startMs < endedMonoMs;) {
    const tenthEndMs = (Math.floor(startMs / tenthMs) + 1) * tenthMs;
    const untilMs = Math.min(tenthEndMs, endedMonoMs);
    tenthAt(record, startMs).busyMs += untilMs - startMs;
    startMs = untilMs;
  }
}

export function laneStats(record: LaneRecord, waiting: number, nowMonoMs: number): LaneStats {
  const { frames, places, busyMs } = sums(record, nowMonoMs, windowTenths);
  // A young engine is not made to look slow.
  const windowMs = Math.min(windowTenths * tenthMs, Math.max(tenthMs, nowMonoMs - record.sinceMonoMs));
  return {
    lane: record.lane,
    waiting,
    batches: record.batches,
    frames: record.frames,
    dropped: record.dropped,
    framesPerSecond: frames / (windowMs / 1000),
    slotShare: Math.min(1, busyMs / windowMs),
    batchFill: places === 0 ? null : frames / places,
    lastBatch: record.lastBatch,
    waitMs: waitQuantiles(record, nowMonoMs - windowMs),
    batchSizes: Object.fromEntries([...record.batchSizes].sort(([a], [b]) => a - b).map(([k, n]) => [String(k), n])),
  };
}

/** Share of the last second (the last ten tenths, with the one that is filling) that the slot worked for this lane. */
export function lastSecondShare(record: LaneRecord, nowMonoMs: number): number {
  return Math.min(1, sums(record, nowMonoMs, 10).busyMs / 1000);
}

/** Over the last `count` tenths, the one that is filling included. */
function sums(record: LaneRecord, nowMonoMs: number, count: number): Omit<Tenth, 'number'> {
  const newest = Math.floor(nowMonoMs / tenthMs);
  const total = { frames: 0, places: 0, busyMs: 0 };
  for (const tenth of record.tenths) {
    if (tenth.number <= newest - count || tenth.number > newest) continue;
    total.frames += tenth.frames;
    total.places += tenth.places;
    total.busyMs += tenth.busyMs;
  }
  return total;
}

function tenthAt(record: LaneRecord, monoMs: number): Tenth {
  const number = Math.floor(monoMs / tenthMs);
  const tenth = record.tenths[number % record.tenths.length] as Tenth;
  if (tenth.number !== number) Object.assign(tenth, { number, frames: 0, places: 0, busyMs: 0 });
  return tenth;
}

function waitQuantiles({ waits }: LaneRecord, sinceMonoMs: number): LaneStats['waitMs'] {
  const recent = waits.ms.filter((_, index) => (waits.atMonoMs[index] as number) >= sinceMonoMs).sort();
  if (recent.length === 0) return null;
  const at = (q: number) => recent[Math.ceil(q * recent.length) - 1] as number;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
