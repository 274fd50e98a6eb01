/**
 * How much risk the archive may take in strict mode. A chunk that starts before a frame is expected saves the idleness until
 * then, and may make the frame wait for longer than W. It is started where the frames it is likely to delay are at most
 * `price` for a whole chunk's worth of idleness saved.
 *
 * The price follows what is measured: up while the cameras' p95 is close to what it would be without the archive, down while
 * it is not. What it would be is known (`archive-debt.ts`). Where both cannot be had, the archive keeps nine tenths of what cameras leave: their promises have
 * guards of their own, and strict is not to mean that an archive stands still for a camera that has no rhythm to speak of.
 */
export interface RiskPrice {
  price: number;
  reviewedMonoMs: number | null;
  /** Since the last review: slot time of live runs, and of standing idle for a camera with archive frames waiting. */
  liveMs: number;
  heldMs: number;
  heldSinceMonoMs: number | null;
  /** Share of the time that cameras left that was spent so; smoothed. */
  heldShare: number;
  /** Newest latencies from ready to done: as they were, and as they would have been without the archive. Rings. */
  readonly latencyMs: Float64Array;
  readonly aloneMs: Float64Array;
  frames: number;
}

const firstPrice = 0.8;
const leastPrice = 0.25;
/** Beyond this, chunks would be started that delay a frame for certain. */
const mostPrice = 1;
const reviewEveryMs = 2_000;
/** A power of two. */
const keptFrames = 256;
/** Fewer say nothing about a 95th percentile. */
const leastFrames = 40;
const heldGain = 0.3;
const easyRatio = 1.2;
const strainedRatio = 1.3;
/** A tenth of what cameras leave may be lost; what decoding and the ends of jobs lose comes on top of this. */
const tooMuchHeld = 0.085;
const littleHeld = 0.03;
const step = 1.15;

export const createRiskPrice = (): RiskPrice => ({
  price: firstPrice,
  reviewedMonoMs: null,
  liveMs: 0,
  heldMs: 0,
  heldSinceMonoMs: null,
  heldShare: 0,
  latencyMs: new Float64Array(keptFrames),
  aloneMs: new Float64Array(keptFrames),
  frames: 0,
});

/** To be told with every decision: whether the slot now stands idle for a camera although archive frames wait. */
export function noteHeld(risk: RiskPrice, isHeld: boolean, nowMonoMs: number): void {
  if (risk.heldSinceMonoMs !== null) risk.heldMs += nowMonoMs - risk.heldSinceMonoMs;
  risk.heldSinceMonoMs = isHeld ? nowMonoMs : null;
}

/** A live run of `runMs` is over. */
export function noteLiveRun(risk: RiskPrice, runMs: number): void {
  risk.liveMs += runMs;
}

/** One of its frames: from ready to done, and as it would have been without the archive. */
export function noteLiveFrame(risk: RiskPrice, latencyMs: number, aloneMs: number): void {
  const place = risk.frames & (keptFrames - 1);
  risk.latencyMs[place] = latencyMs;
  risk.aloneMs[place] = aloneMs;
  risk.frames += 1;
}

/** To be called often, while an archive waits; looks at what was measured every two seconds. */
export function reviewPrice(risk: RiskPrice, nowMonoMs: number): void {
  risk.reviewedMonoMs ??= nowMonoMs;
  const spanMs = nowMonoMs - risk.reviewedMonoMs;
  if (spanMs < reviewEveryMs) return;
  risk.heldShare += heldGain * (risk.heldMs / Math.max(1, spanMs - risk.liveMs) - risk.heldShare);
  const ratio = p95Ratio(risk);
  if (ratio !== null) {
    if (risk.heldShare > tooMuchHeld || (ratio < easyRatio && risk.heldShare > littleHeld)) risk.price *= step;
    else if (ratio > strainedRatio) risk.price /= step;
    risk.price = Math.min(mostPrice, Math.max(leastPrice, risk.price));
  }
  risk.liveMs = risk.heldMs = 0;
  risk.reviewedMonoMs = nowMonoMs;
}

/** Live p95 now / without the archive; null while too few frames are known. */
export function p95Ratio({ frames, latencyMs, aloneMs }: RiskPrice): number | null {
  const count = Math.min(frames, keptFrames);
  if (count < leastFrames) return null;
  const p95 = (values: Float64Array): number => values.slice(0, count).sort()[Math.ceil(0.95 * count) - 1] as number;
  return p95(latencyMs) / Math.max(p95(aloneMs), 1e-3);
}
