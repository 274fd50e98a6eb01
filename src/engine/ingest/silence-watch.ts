/** So many of the newest distances between two pictures tell a camera's interval. */
const rememberedGaps = 8;

/**
 * Whether a live source still sends pictures: it is silent once none came for `silentMs`, or for three of its own
 * intervals where that is longer, so that a camera with one picture in ten seconds is left alone. Clock handed in.
 */
export class SilenceWatch {
  readonly #silentMs: number;
  readonly #knownIntervalMs: number | null;
  readonly #gapsMs: number[] = [];
  #lastMonoMs: number;
  #hasPicture = false;

  /** @param knownIntervalMs what the source says, or what was seen of it before; null: unknown. */
  constructor(silentMs: number, knownIntervalMs: number | null, monoMs: number) {
    this.#silentMs = silentMs;
    this.#knownIntervalMs = knownIntervalMs;
    this.#lastMonoMs = monoMs;
  }

  picture(monoMs: number): void {
    if (this.#hasPicture) {
      this.#gapsMs.push(monoMs - this.#lastMonoMs);
      if (this.#gapsMs.length > rememberedGaps) this.#gapsMs.shift();
    }
    this.#hasPicture = true;
    this.#lastMonoMs = monoMs;
  }

  /**
   * Median of the newest distances: one stall does not make a camera slow. Until there are enough of them what was known
   * before counts if it is longer, because the pictures that came while it was opened are read all at once.
   */
  get intervalMs(): number | null {
    const sorted = [...this.#gapsMs].sort((a, b) => a - b);
    const seenMs = sorted[sorted.length >> 1] ?? null;
    if (seenMs === null || sorted.length === rememberedGaps) return seenMs ?? this.#knownIntervalMs;
    return Math.max(seenMs, this.#knownIntervalMs ?? 0);
  }

  get limitMs(): number {
    return Math.max(this.#silentMs, 3 * (this.intervalMs ?? 0));
  }

  isSilent(monoMs: number): boolean {
    return monoMs - this.#lastMonoMs > this.limitMs;
  }
}
