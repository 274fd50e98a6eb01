const WINDOW_MS = 60_000;
const QUICK_RESTARTS = 3;

/**
 * How long to wait before the next engine: the first losses of a minute cost nothing (a live gap counts in seconds),
 * then 2, 4, 8 … 30 s, so that an engine that cannot start does not keep the machine busy with failing.
 */
export class RestartPolicy {
  #recent: number[] = [];

  /** Notes a loss at `nowMonoMs` and returns the delay in ms. */
  next(nowMonoMs: number): number {
    this.#recent = this.#recent.filter((at) => nowMonoMs - at < WINDOW_MS);
    this.#recent.push(nowMonoMs);
    const beyond = this.#recent.length - QUICK_RESTARTS;
    return beyond <= 0 ? 100 : Math.min(30_000, 1000 * 2 ** beyond);
  }
}
