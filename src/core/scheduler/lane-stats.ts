import { batchLadder, type LaneName, type LaneStats } from '../../shared/domain/lanes.ts';

/** What one lane did, over the last ten seconds in tenths and since the engine came up. The clock is handed in. */
export interface LaneRecord {
  readonly lane: LaneName;
  readonly sinceMonoMs: number;
  batches: number;
  frames: number;
  dropped: number;
  lastBatch: number | null;
  /** Batch size → batches. */
  readonly batchSizes: Float64Array;
  readonly tenths: Tenths;
  /** Newest waits from admission to run, a ring. */
  readonly waits: { readonly ms: Float64Array; readonly atMonoMs: Float64Array; next: number };
}

/** A ring of tenths of a second, in columns. */
interface Tenths {
  /** Running number of the tenth; a place of the ring is stale when it shows another one. */
  readonly number: Float64Array;
  readonly frames: Float64Array;
  readonly places: Float64Array;
  readonly busyMs: Float64Array;
  /** The tenth that is filling, and its place in the ring. */
  filling: number;
  place: number;
}

interface Sums {
  frames: number;
  places: number;
  busyMs: number;
}

const largestBatch = batchLadder[batchLadder.length - 1] as number;
const tenthMs = 100;
const windowTenths = 100;
/** A power of two. */
const keptWaits = 2_048;

export function createLaneRecord(lane: LaneName, nowMonoMs: number): LaneRecord {
  return {
    lane,
    sinceMonoMs: nowMonoMs,
    batches: 0,
    frames: 0,
    dropped: 0,
    lastBatch: null,
    batchSizes: new Float64Array(largestBatch + 1),
    tenths: {
      number: new Float64Array(windowTenths).fill(-1),
      frames: new Float64Array(windowTenths),
      places: new Float64Array(windowTenths),
      busyMs: new Float64Array(windowTenths),
      filling: -1,
      place: 0,
    },
    waits: { ms: new Float64Array(keptWaits), atMonoMs: new Float64Array(keptWaits).fill(-Infinity), next: 0 },
  };
}

export function recordWait(record: LaneRecord, waitedMs: number, nowMonoMs: number): void {
  const { waits } = record;
  waits.ms[waits.next] = waitedMs;
  waits.atMonoMs[waits.next] = nowMonoMs;
  waits.next = (waits.next + 1) & (keptWaits - 1);
}

export function recordBatch(
  record: LaneRecord,
  frames: number,
  places: number,
  startedMonoMs: number,
  endedMonoMs: number,
): void {
  const { tenths, batchSizes } = record;
  record.batches += 1;
  record.frames += frames;
  record.lastBatch = frames;
  batchSizes[frames] = (batchSizes[frames] as number) + 1;
  const number = Math.floor(endedMonoMs / tenthMs);
  if (number !== tenths.filling) {
    tenths.place = placeOf(tenths, number);
    tenths.filling = number;
  }
  const end = tenths.place;
  tenths.frames[end] = (tenths.frames[end] as number) + frames;
  tenths.places[end] = (tenths.places[end] as number) + places;
  if (startedMonoMs >= number * tenthMs)
    tenths.busyMs[end] = (tenths.busyMs[end] as number) + endedMonoMs - startedMonoMs;
  else spreadBusy(tenths, startedMonoMs, endedMonoMs);
}

/** A run that is longer than its last tenth is spread over all that it filled. */
function spreadBusy(tenths: Tenths, startedMonoMs: number, endedMonoMs: number): void {
  const from = Math.max(startedMonoMs, endedMonoMs - windowTenths * tenthMs);
  for (let startMs = from; startMs < endedMonoMs;) {
    const number = Math.floor(startMs / tenthMs);
    const untilMs = Math.min((number + 1) * tenthMs, endedMonoMs);
    const place = placeOf(tenths, number);
    tenths.busyMs[place] = (tenths.busyMs[place] as number) + untilMs - startMs;
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
    batchSizes: Object.fromEntries([...record.batchSizes.entries()].filter(([, batches]) => batches > 0)),
  };
}

/** Share of the last second (the last ten tenths, with the one that is filling) that the slot worked for this lane. */
export function lastSecondShare(record: LaneRecord, nowMonoMs: number): number {
  return Math.min(1, sums(record, nowMonoMs, 10).busyMs / 1000);
}

/** Over the last `count` tenths, the one that is filling included. */
function sums({ tenths }: LaneRecord, nowMonoMs: number, count: number): Sums {
  const newest = Math.floor(nowMonoMs / tenthMs);
  const total = { frames: 0, places: 0, busyMs: 0 };
  for (let place = 0; place < windowTenths; place += 1) {
    const number = tenths.number[place] as number;
    if (number <= newest - count || number > newest) continue;
    total.frames += tenths.frames[place] as number;
    total.places += tenths.places[place] as number;
    total.busyMs += tenths.busyMs[place] as number;
  }
  return total;
}

function placeOf(tenths: Tenths, number: number): number {
  const place = number % windowTenths;
  if (tenths.number[place] !== number) {
    tenths.number[place] = number;
    tenths.frames[place] = tenths.places[place] = tenths.busyMs[place] = 0;
  }
  return place;
}

function waitQuantiles({ waits }: LaneRecord, sinceMonoMs: number): LaneStats['waitMs'] {
  const recent = waits.ms.filter((_, index) => (waits.atMonoMs[index] as number) >= sinceMonoMs).sort();
  if (recent.length === 0) return null;
  const at = (q: number) => recent[Math.ceil(q * recent.length) - 1] as number;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
