import type { LatencyMs } from '../../shared/domain/camera.ts';

/** The newest latencies: at most 4,096, none older than five minutes when it is read. */
export interface LatencyWindow {
  readonly latencyMs: Float64Array;
  readonly atMonoMs: Float64Array;
  count: number;
  next: number;
}

const keptSamples = 4_096;
const windowMs = 5 * 60_000;

export const createLatencyWindow = (): LatencyWindow => ({
  latencyMs: new Float64Array(keptSamples),
  atMonoMs: new Float64Array(keptSamples),
  count: 0,
  next: 0,
});

export function recordLatency(window: LatencyWindow, latencyMs: number, nowMonoMs: number): void {
  window.latencyMs[window.next] = latencyMs;
  window.atMonoMs[window.next] = nowMonoMs;
  window.next = (window.next + 1) % keptSamples;
  window.count = Math.min(keptSamples, window.count + 1);
}

/** Nearest-rank quantiles; null when nothing is in the window. Sorts: for once a second, not for every frame. */
export function latencyQuantiles(window: LatencyWindow, nowMonoMs: number): LatencyMs | null {
  const sorted = window.latencyMs
    .subarray(0, window.count)
    .filter((_, index) => nowMonoMs - (window.atMonoMs[index] as number) <= windowMs)
    .sort();
  if (sorted.length === 0) return null;
  const at = (q: number): number => sorted[Math.ceil(q * sorted.length) - 1] as number;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
