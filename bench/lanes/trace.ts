import type { Arrival } from '../engine/messages.ts';

export interface TraceShape {
  readonly cameras: readonly string[];
  /** Frames a second of each camera. */
  readonly fps: number;
  readonly durationMs: number;
  /** `jittered`: a rhythm with a deviation of 5 ms (at most a tenth of the period). `bursty`: see below. */
  readonly kind: 'jittered' | 'bursty';
}

/** Standard deviation of a camera's capture times around its rhythm. */
const jitterMs = 5;
/** Bursty: for this share of the time cameras send `burstFactor` times their rate, and slower in between. */
const burstShare = 0.2;
const burstFactor = 3;
const burstPeriodMs = 1_000;

/**
 * Live frames made beforehand, so that every policy meets the same ones: each camera has its own phase. Times are
 * offsets in ms from the start of the trace, in order.
 */
export function makeTrace({ cameras, fps, durationMs, kind }: TraceShape, random: () => number): Arrival[] {
  const periodMs = 1000 / fps;
  const deviationMs = Math.min(jitterMs, periodMs / 10);
  const bell = (): number => (random() + random() + random() + random() - 2) * Math.sqrt(3);
  const arrivals = cameras.flatMap((source): Arrival[] => {
    const own: Arrival[] = [];
    for (let dueMs = random() * periodMs; dueMs < durationMs;) {
      own.push({ source, dueMonoMs: Math.max(0, dueMs + deviationMs * bell()) });
      dueMs += kind === 'jittered' ? periodMs : periodMs / burstRate(dueMs);
    }
    return own;
  });
  return arrivals.sort((a, b) => a.dueMonoMs - b.dueMonoMs);
}

/** Relative rate; its mean over a burst's period is 1. All cameras burst together, as when one event crosses a site. */
function burstRate(atMs: number): number {
  const inBurst = (atMs % burstPeriodMs) / burstPeriodMs < burstShare;
  return inBurst ? burstFactor : (1 - burstShare * burstFactor) / (1 - burstShare);
}
