/** Of the newest results, so many count. */
const remembered = 20;
/** As long as `FrameMatcher` holds a single picture. */
const mostMs = 250;

/**
 * How long the pictures of a stream are held back, so that results are there when their pictures are shown: as long as
 * the slowest of the last results took. The same for all of them, because pictures that wait for a result and then come
 * in a burst would stutter.
 */
export class PlayoutDelay {
  readonly #arrivals = new Map<number, number>();
  readonly #waits: number[] = [];

  get delayMs(): number {
    return Math.min(mostMs, Math.max(0, ...this.#waits));
  }

  /** An analysed picture has come, before its result or after it. */
  pictureCame(capturedAtMs: number, nowMs: number): void {
    this.#arrivals.set(capturedAtMs, nowMs);
    for (const oldest of this.#arrivals.keys()) {
      if (this.#arrivals.size <= remembered) break;
      this.#arrivals.delete(oldest);
    }
  }

  resultCame(capturedAtMs: number, nowMs: number): void {
    const arrivedMs = this.#arrivals.get(capturedAtMs);
    if (arrivedMs === undefined) return;
    this.#arrivals.delete(capturedAtMs);
    this.#waits.push(nowMs - arrivedMs);
    if (this.#waits.length > remembered) this.#waits.shift();
  }
}
