import type { LaneName } from '../../shared/domain/lanes.ts';

/**
 * How much longer than predicted the runs of each lane take lately. A machine that is busy with something else stalls whatever
 * runs: a chunk as long as was predicted had not broken what its stall broke.
 */
export type Stalls = Readonly<Record<LaneName, StallRecord>>;

interface StallRecord {
  /** Slot time, and how much of it lay beyond what was predicted; older runs count for less and less. */
  slotMs: number;
  beyondMs: number;
}

/** Predictions are upper estimates already: what is longer than so many of them is a stall. */
const stallFactor = 2;
/** In slot time of the lane. */
const rememberedMs = 30_000;
const unknownMs = 2_000;
/** Stalls are the archive's own where cameras meet fewer than so many for as many of its. */
const ownShare = 1 / 3;

export const createStalls = (): Stalls => ({ live: { slotMs: 0, beyondMs: 0 }, archive: { slotMs: 0, beyondMs: 0 } });

const beyond = (tookMs: number, predictedMs: number): number => Math.max(0, tookMs - stallFactor * predictedMs);

/** A run of the lane is over. Answers whether it stalled. */
export function noteRun(stalls: Stalls, lane: LaneName, tookMs: number, predictedMs: number): boolean {
  const record = stalls[lane];
  const keep = Math.max(0, 1 - tookMs / rememberedMs);
  record.slotMs = keep * record.slotMs + tookMs;
  const beyondMs = beyond(tookMs, predictedMs);
  record.beyondMs = keep * record.beyondMs + beyondMs;
  return beyondMs > 0;
}

/** Whether chunks that stall met what any run might have met. */
export function areMachines({ live, archive }: Stalls): boolean {
  const archiveShare = archive.beyondMs / Math.max(1, archive.slotMs);
  // As long as little is known of their runs, cameras are taken to meet as many.
  const liveShare = (live.beyondMs + archiveShare * unknownMs) / (live.slotMs + unknownMs);
  return liveShare >= ownShare * archiveShare;
}
