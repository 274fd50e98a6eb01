/**
 * A server that takes up to `batch` waiting pictures into a call of `runMs` and never waits for company. Small on purpose:
 * it knows nothing of the formulas that it is there to check.
 */
export interface BatchServerScript {
  readonly batch: number;
  readonly runMs: number;
  /** In order. */
  readonly arrivalsMs: readonly number[];
  /** Pictures that may wait; more are shed. */
  readonly queueCap?: number;
}

export interface BatchServerLog {
  readonly p95Ms: number;
  readonly longestMs: number;
  readonly shedShare: number;
  readonly busyShare: number;
}

export function simulateBatchServer({
  batch,
  runMs,
  arrivalsMs,
  queueCap = Infinity,
}: BatchServerScript): BatchServerLog {
  const waiting: number[] = [];
  const latencies: number[] = [];
  let [next, shed, freeMs, busyMs] = [0, 0, 0, 0];
  while (next < arrivalsMs.length || waiting.length > 0) {
    const startMs = Math.max(freeMs, waiting[0] ?? (arrivalsMs[next] as number));
    for (; next < arrivalsMs.length && (arrivalsMs[next] as number) <= startMs; next += 1) {
      if (waiting.length < queueCap) waiting.push(arrivalsMs[next] as number);
      else shed += 1;
    }
    freeMs = startMs + runMs;
    busyMs += runMs;
    for (const arrivedMs of waiting.splice(0, batch)) latencies.push(freeMs - arrivedMs);
  }
  latencies.sort((a, b) => a - b);
  return {
    p95Ms: latencies[Math.ceil(0.95 * latencies.length) - 1] as number,
    longestMs: latencies[latencies.length - 1] as number,
    shedShare: shed / arrivalsMs.length,
    busyShare: busyMs / freeMs,
  };
}

/** `count` pictures at even distances. */
export const steadyArrivals = (ratePerSecond: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => (index * 1000) / ratePerSecond);

/** Groups of 1 to `largest` pictures, every size as likely, at random (exponentially distributed) distances. */
export function burstyArrivals(ratePerSecond: number, count: number, largest: number, random: () => number): number[] {
  const arrivals: number[] = [];
  const meanGapMs = ((largest + 1) / 2) * (1000 / ratePerSecond);
  for (let atMs = 0; arrivals.length < count; atMs -= meanGapMs * Math.log(1 - random())) {
    const size = 1 + Math.floor(random() * largest);
    for (let index = 0; index < size; index += 1) arrivals.push(atMs);
  }
  return arrivals;
}
