/** Exact quantiles of a stretch of a load test: every latency is kept until the stretch is over. */
export class LatencyTally {
  #latenciesMs: number[] = [];
  #inTime = 0;

  add(latencyMs: number, sloMs: number): void {
    this.#latenciesMs.push(latencyMs);
    if (latencyMs <= sloMs) this.#inTime += 1;
  }

  get results(): number {
    return this.#latenciesMs.length;
  }

  /** Results within the promise. */
  get inTime(): number {
    return this.#inTime;
  }

  /** Nearest-rank quantiles; null without a result. */
  quantiles(): { readonly p50: number; readonly p95: number; readonly p99: number } | null {
    if (this.#latenciesMs.length === 0) return null;
    const sorted = this.#latenciesMs.sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] as number;
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }

  clear(): void {
    this.#latenciesMs = [];
    this.#inTime = 0;
  }
}
