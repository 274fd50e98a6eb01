import type { CameraTimes } from './camera-times.ts';

/** Cameras that are away together try again over so long, and not all at once. */
const HERD_MS = 2_000;
/** A try that took long is followed by the next one soon, but never at once. */
const SHORTEST_MS = 500;

export interface LastTry {
  /** How long the connection delivered frames; 0: it never did. */
  readonly livedMs: number;
  /** How long it took to fail, where it never did. */
  readonly triedMs: number;
  /** How long the camera has been away. */
  readonly awayMs: number;
  /** Other cameras are away as well. */
  readonly herd: boolean;
}

/**
 * How long to wait before a camera is tried again: tries begin 1, 2, 4, 8, 10 s after each other, from five minutes on up
 * to 60 s, with ±20 % jitter, so that there are about six in a minute and who returns is there again within 15 s.
 */
export class ReconnectBackoff {
  readonly #random: () => number;
  readonly #times: CameraTimes;
  #attempts = 0;

  constructor(random: () => number, times: CameraTimes) {
    this.#random = random;
    this.#times = times;
  }

  next({ livedMs, triedMs, awayMs, herd }: LastTry): number {
    const { firstRetryMs, longestRetryMs, quickForMs, quickRetryMs, steadyMs } = this.#times;
    if (livedMs >= steadyMs) this.#attempts = 0;
    const isQuick = awayMs < quickForMs;
    const doubled = firstRetryMs * 2 ** this.#attempts;
    if (!isQuick || doubled < quickRetryMs) this.#attempts += 1;
    const everyMs = Math.min(isQuick ? quickRetryMs : longestRetryMs, doubled) * (0.8 + 0.4 * this.#random());
    // Longer distances are spread widely enough by their jitter.
    const spreadMs = herd && doubled < quickRetryMs ? HERD_MS * this.#random() : 0;
    return Math.round(Math.max(SHORTEST_MS, everyMs - triedMs) + spreadMs);
  }
}
