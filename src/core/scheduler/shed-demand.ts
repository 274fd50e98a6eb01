import { batchLadder } from '../../shared/domain/lanes.ts';
import { usualAt, type CostCurve } from './cost-model.ts';
import type { LiveLane, LiveStream } from './live-lane.ts';
import { isWorthTaking, type Losses } from './shed-losses.ts';

/** Frames are counted from one review to the next. */
export const reviewEveryMs = 500;
/** Above this demand, lateness is a lack of device time; below it, it is the archive's doing or that of bursts. */
export const overloadedDemand = 0.9;
/** The rank of low cameras. */
export const lightest = 2;

/** By rank: share of the device that all frames taken in would fill, each in the cheapest batch. */
export function demandByRank(live: LiveLane, sinceMs: number): [number, number, number] {
  const byRank: [number, number, number] = [0, 0, 0];
  // Cameras of one model share a curve.
  let curve: CostCurve | null = null;
  let leastMs = 0;
  for (const stream of live.bySource.values()) {
    if (stream.curve !== curve) {
      curve = stream.curve;
      leastMs = leastFrameMs(curve);
    }
    byRank[stream.rank as 0 | 1 | 2] += ((stream.heard - stream.shed) * leastMs) / sinceMs;
  }
  return byRank;
}

export function shareOf({ curve }: LiveStream, frames: number, sinceMs: number): number {
  return frames === 0 ? 0 : (frames * leastFrameMs(curve)) / sinceMs;
}

/** Of a frame in the cheapest batch; 0 while nothing is warmed. */
function leastFrameMs(curve: CostCurve): number {
  let leastMs = Number.POSITIVE_INFINITY;
  for (let index = 0; index < batchLadder.length; index += 1) {
    const runMs = usualAt(curve, index);
    if (runMs !== null) leastMs = Math.min(leastMs, runMs / (batchLadder[index] as number));
  }
  return leastMs === Number.POSITIVE_INFINITY ? 0 : leastMs;
}

export function someTellMotion(live: LiveLane): boolean {
  for (const { tellsMotion, rank } of live.bySource.values()) if (tellsMotion && rank > 0) return true;
  return false;
}

/**
 * The lightest camera at full rate that is no heavier than those that miss, of equals the one that asks for most among those for
 * which it pays; and only where it and its equals, with all heavier ones, ask for more than there is: lighter ones hardly take
 * anything from them by weight.
 */
export function nextToHalve(
  live: LiveLane,
  strainedRank: number,
  byRank: readonly [number, number, number],
  losses: Losses,
  sinceMs: number,
): { readonly stream: LiveStream; readonly halfShare: number } | null {
  const upTo = [byRank[0], byRank[0] + byRank[1], byRank[0] + byRank[1] + byRank[2]];
  let rank = -1;
  for (const stream of live.bySource.values()) {
    if (stream.isHalved || stream.rank < strainedRank || stream.heard === stream.shed) continue;
    if ((upTo[stream.rank] as number) < overloadedDemand) continue;
    rank = Math.max(rank, stream.rank);
  }
  let next: { readonly stream: LiveStream; readonly halfShare: number } | null = null;
  for (const stream of live.bySource.values()) {
    if (stream.isHalved || stream.rank !== rank) continue;
    const halfShare = shareOf(stream, stream.heard - stream.shed, sinceMs) / 2;
    if (halfShare > (next?.halfShare ?? 0) && isWorthTaking(losses, rank, halfShare)) next = { stream, halfShare };
  }
  return next;
}
