/** Of the newest results, so many count. */
const remembered = 20;
/** Pictures that are remembered: 250 ms of sixty a second, and more of slower ones. */
const rememberedPictures = 64;
/** A result belongs to a picture that was captured no more than this before it. */
const nearMs = 150;
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

  /** A picture has come, before its result or after it; of a camera's large stream none has a result of its own. */
  pictureCame(capturedAtMs: number, nowMs: number): void {
    this.#arrivals.set(capturedAtMs, nowMs);
    for (const oldest of this.#arrivals.keys()) {
      if (this.#arrivals.size <= rememberedPictures) break;
      this.#arrivals.delete(oldest);
    }
  }

  resultCame(capturedAtMs: number, nowMs: number): void {
    const arrivedMs = this.#arrivals.get(capturedAtMs) ?? this.#nearestBefore(capturedAtMs);
    if (arrivedMs === null) return;
    this.#waits.push(nowMs - arrivedMs);
    if (this.#waits.length > remembered) this.#waits.shift();
  }

  /** When the newest picture came that was captured a moment before; null: there is none. */
  #nearestBefore(capturedAtMs: number): number | null {
    let found: number | null = null;
    for (const [pictureMs, arrivedMs] of this.#arrivals) {
      if (pictureMs <= capturedAtMs && capturedAtMs - pictureMs <= nearMs) found = arrivedMs;
    }
    return found;
  }
}
