/** When a frame is expected, seen from now. */
export interface ExpectedArrival {
  /** Below 0: overdue. */
  readonly inMs: number;
  /** Standard deviation of that. */
  readonly sigmaMs: number;
  /** Chance that it never comes, or at another time: what ends the waiting for it. */
  readonly otherwise: number;
}

const savedSteps = 4;

/**
 * Probability that a standard normal variable is above `z`, to 1e-5 (Abramowitz and Stegun, Handbook of Mathematical
 * Functions, 26.2.17).
 */
export function normalTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series = t * (0.3193815 + t * (-0.3565638 + t * (1.781478 + t * (-1.821256 + t * 1.330274))));
  const tail = 0.3989423 * Math.exp((-z * z) / 2) * series;
  return z >= 0 ? tail : 1 - tail;
}

/** Probability that the frame comes within `spanMs` from now, given that it has not come yet. */
export function comesWithin({ inMs, sigmaMs, otherwise }: ExpectedArrival, spanMs: number): number {
  if (spanMs <= 0) return 0;
  const notYet = (1 - otherwise) * normalTail(-inMs / sigmaMs) + otherwise;
  const notThen = (1 - otherwise) * normalTail((spanMs - inMs) / sigmaMs) + otherwise;
  return Math.max(0, 1 - notThen / notYet);
}

/** Frames that are expected within `spanMs` from now: each would wait for what runs until then. */
export function expectedWithin(arrivals: readonly ExpectedArrival[], spanMs: number): number {
  let frames = 0;
  for (const arrival of arrivals) frames += comesWithin(arrival, spanMs);
  return frames;
}

/** How much of the next `spanMs` the slot would stand idle if it waited for the first frame; in the mean. */
export function idleWithinMs(arrivals: readonly ExpectedArrival[], spanMs: number): number {
  let share = 0;
  for (let step = 0; step < savedSteps; step += 1) {
    const partMs = ((step + 0.5) / savedSteps) * spanMs;
    let noneYet = 1;
    for (const arrival of arrivals) noneYet *= 1 - comesWithin(arrival, partMs);
    share += noneYet / savedSteps;
  }
  return share * spanMs;
}
