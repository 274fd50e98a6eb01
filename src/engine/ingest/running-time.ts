/** A jump of the camera's clock by more than this is not time that passed. */
const longestStepMs = 10_000;
/** As far as the camera's clock and the arrivals may come apart: a network that holds pictures back and lets them go. */
const longestDriftMs = 10_000;

/**
 * The running media time of a live source: by the camera's time stamps while these go on like time does, by the arrival
 * of its pictures where they are missing, stand still, jump, or run at another speed. Never goes back.
 */
export class RunningTime {
  #timeMs = 0;
  #last: { readonly stampMs: number | null; readonly monoMs: number } | null = null;
  #startMonoMs = 0;

  /** @param stampMs the camera's time stamp; null: it has none. @returns the time since the first picture. */
  next(stampMs: number | null, monoMs: number): number {
    const last = this.#last;
    this.#last = { stampMs, monoMs };
    if (last === null) {
      this.#startMonoMs = monoMs;
      return 0;
    }
    const arrivedMs = Math.max(0, monoMs - last.monoMs);
    const stampedMs = stampMs === null || last.stampMs === null ? null : stampMs - last.stampMs;
    this.#timeMs += stampedMs !== null && this.#isTime(stampedMs, monoMs) ? stampedMs : arrivedMs;
    return this.#timeMs;
  }

  #isTime(stampedMs: number, monoMs: number): boolean {
    if (stampedMs <= 0 || stampedMs > longestStepMs) return false;
    return Math.abs(this.#timeMs + stampedMs - (monoMs - this.#startMonoMs)) <= longestDriftMs;
  }
}
