/** How much a new measure counts: an engine that gets slower is known within about ten calls. */
const newShare = 0.2;
/** Of its deadline that a picture may be predicted to wait: the rest is for calls that take longer than most. */
const waitShare = 0.8;

/**
 * How fast pictures leave the queue while there is one, whatever the device does besides. A full queue is served at the
 * edge of its deadlines, where every second call ends a moment too late: so pictures that would wait that long are
 * refused when they come, and those that are let in are answered.
 */
export class PicturePace {
  #msPerPicture: number | null = null;
  #lastMonoMs = Number.NEGATIVE_INFINITY;
  #lastStartMonoMs = Number.NEGATIVE_INFINITY;

  /** A call of `pictures` that began at `startedMonoMs` has ended. Told for each of its pictures; the first one counts. */
  ended(pictures: number, startedMonoMs: number, admittedMonoMs: number, nowMonoMs: number): void {
    if (startedMonoMs === this.#lastStartMonoMs) return;
    this.#lastStartMonoMs = startedMonoMs;
    // Whoever waited through the last call's end found a queue; the others say only what a call takes.
    const sinceMonoMs = admittedMonoMs < this.#lastMonoMs ? this.#lastMonoMs : startedMonoMs;
    this.#lastMonoMs = nowMonoMs;
    const measured = Math.max(0, nowMonoMs - sinceMonoMs) / pictures;
    this.#msPerPicture =
      this.#msPerPicture === null ? measured : this.#msPerPicture + newShare * (measured - this.#msPerPicture);
  }

  /** How long one more would wait behind `waiting`; 0 before anything is known. */
  waitMs(waiting: number): number {
    return waiting * (this.#msPerPicture ?? 0);
  }

  /** Whether one more can probably be answered in time. */
  allows(waiting: number, deadlineMs: number): boolean {
    return this.waitMs(waiting) <= waitShare * deadlineMs;
  }
}
