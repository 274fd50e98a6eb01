import type { CameraTimes } from './camera-times.ts';

/** Cameras that are away together try again over so long, and not all at once. */
const HERD_MS = 2_000;

/**
 * Delays between two tries of one camera: 1, 2, 4, 8 s, after five minutes 16 … 60 s, each with ±20 % jitter, and more
 * where others are away too.
 */
export class ReconnectBackoff {
  readonly #random: () => number;
  readonly #times: CameraTimes;
  #attempts = 0;

  constructor(random: () => number, times: CameraTimes) {
    this.#random = random;
    this.#times = times;
  }

  /**
   * @param livedMs how long the last connection delivered frames.
   * @param awayMs how long the camera has been away.
   * @param herd other cameras are away as well.
   */
  next({
    livedMs,
    awayMs,
    herd,
  }: {
    readonly livedMs: number;
    readonly awayMs: number;
    readonly herd: boolean;
  }): number {
    const { firstRetryMs, longestRetryMs, quickForMs, quickRetryMs, steadyMs } = this.#times;
    if (livedMs >= steadyMs) this.#attempts = 0;
    const delay = Math.min(longestRetryMs, firstRetryMs * 2 ** this.#attempts);
    if (delay < quickRetryMs || awayMs >= quickForMs) this.#attempts += 1;
    return Math.round(delay * (0.8 + 0.4 * this.#random()) + (herd ? HERD_MS * this.#random() : 0));
  }
}
