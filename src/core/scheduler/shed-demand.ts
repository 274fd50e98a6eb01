import { batchLadder } from '../../shared/domain/lanes.ts';
import { likelyAt, type CostCurve, type CostModel } from './cost-model.ts';
import type { LiveLane, LiveStream } from './live-lane.ts';

/** Who asks, and what it costs. */
export interface Demanded {
  readonly live: LiveLane;
  readonly costs: CostModel;
}

/** Frames are counted from one review to the next. */
export const reviewEveryMs = 500;
/** Above this demand, lateness is a lack of device time; below it, it is the archive's doing or that of bursts. */
export const overloadedDemand = 0.9;
/** The rank of low cameras. */
export const lightest = 2;

/** Share of the device that all frames taken in would fill, each in the cheapest batch. */
export function demandOf({ live, costs }: Demanded, sinceMs: number): number {
  let share = 0;
  // Cameras of one model share a curve.
  let curve: CostCurve | null = null;
  let leastMs = 0;
  for (const stream of live.bySource.values()) {
    if (stream.curve !== curve) {
      curve = stream.curve;
      leastMs = leastFrameMs(costs, curve);
    }
    share += ((stream.heard - stream.shed) * leastMs) / sinceMs;
  }
  return share;
}

export function shareOf(costs: CostModel, { curve }: LiveStream, frames: number, sinceMs: number): number {
  return frames === 0 ? 0 : (frames * leastFrameMs(costs, curve)) / sinceMs;
}

/** Of a frame in the cheapest batch; 0 while nothing is warmed. */
function leastFrameMs(costs: CostModel, curve: CostCurve): number {
  let leastMs = Number.POSITIVE_INFINITY;
  for (let index = 0; index < batchLadder.length; index += 1) {
    const runMs = likelyAt(costs, curve, index);
    if (runMs !== null) leastMs = Math.min(leastMs, runMs / (batchLadder[index] as number));
  }
  return leastMs === Number.POSITIVE_INFINITY ? 0 : leastMs;
}

export function someTellMotion(live: LiveLane): boolean {
  for (const { tellsMotion, rank } of live.bySource.values()) if (tellsMotion && rank > 0) return true;
  return false;
}

/** By rank: what its cameras and all heavier ones ask for together. Lighter ones hardly take anything from them by weight. */
export function demandUpTo({ live, costs }: Demanded): [number, number, number] {
  const upTo: [number, number, number] = [0, 0, 0];
  for (const stream of live.bySource.values()) {
    const share = shareOf(costs, stream, stream.heard - stream.shed, reviewEveryMs);
    for (let rank = stream.rank; rank <= lightest; rank += 1) upTo[rank as 0 | 1 | 2] += share;
  }
  return upTo;
}

/**
 * The lightest camera at full rate that is no heavier than those that miss, of equals the one that asks for most; and only
 * where it and its equals, with all heavier ones, ask for more than there is.
 */
export function nextToHalve(
  { live, costs }: Demanded,
  strainedRank: number,
  upTo: readonly number[],
): LiveStream | null {
  let next: LiveStream | null = null;
  let most = 0;
  for (const stream of live.bySource.values()) {
    if (stream.isHalved || stream.rank < strainedRank || (upTo[stream.rank] as number) < overloadedDemand) continue;
    const share = shareOf(costs, stream, stream.heard - stream.shed, reviewEveryMs);
    if (next !== null && (stream.rank < next.rank || (stream.rank === next.rank && share <= most))) continue;
    next = stream;
    most = share;
  }
  return next;
}
