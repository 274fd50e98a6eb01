const FIRST_MS = 1_000;
const LAST_MS = 60_000;
/** A camera that stayed live this long starts its backoff anew. */
const STEADY_MS = 30_000;

/** Delays between two tries of one camera: 1, 2, 4 … 60 s with ±20 % jitter, so that many cameras do not return at once. */
export class ReconnectBackoff {
  readonly #random: () => number;
  #attempts = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** `livedMs`: how long the last connection delivered frames. */
  next(livedMs: number): number {
    if (livedMs >= STEADY_MS) this.#attempts = 0;
    const delay = Math.min(LAST_MS, FIRST_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    return Math.round(delay * (0.8 + 0.4 * this.#random()));
  }
}
