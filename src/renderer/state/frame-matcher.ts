/**
 * Puts boxes on the picture they belong to. Pictures and results of a camera come on two channels and in any order
 * between them (each channel keeps its own); both carry the capture time. An analysed picture waits until its result
 * is known: the result of the same time, or a later one (then its own frame was dropped), or `holdMs` have passed.
 * Pictures are drawn in order, so those behind a waiting one wait with it. Pictures between analysed ones keep the boxes
 * of the last result, moved on by their speed (`movedBoxes`).
 */
export interface MatchedPicture {
  readonly capturedAtMs: number;
  readonly analysed: boolean;
  readonly arrivedAtMs: number;
}
export interface MatchedResult {
  readonly capturedAtMs: number;
}
export interface Drawing<P, R> {
  readonly picture: P;
  /** The newest result that is not later than the picture. */
  readonly result: R | null;
}

export class FrameMatcher<P extends MatchedPicture, R extends MatchedResult> {
  readonly #holdMs: number;
  readonly #maxWaiting: number;
  readonly #waiting: P[] = [];
  readonly #results: R[] = [];

  constructor({ holdMs = 250, maxWaiting = 3 } = {}) {
    this.#holdMs = holdMs;
    this.#maxWaiting = maxWaiting;
  }

  /** Room for another picture: the sign to let the next one come. */
  get hasRoom(): boolean {
    return this.#waiting.length < this.#maxWaiting;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Answers the picture that had to make room: the oldest, since the newest matters most. */
  addPicture(picture: P): P | null {
    this.#waiting.push(picture);
    return this.#waiting.length > this.#maxWaiting ? (this.#waiting.shift() ?? null) : null;
  }

  addResult(result: R): void {
    this.#results.push(result);
    // Enough for the results that can overtake a full queue of pictures; older ones have been drawn.
    if (this.#results.length > 16) this.#results.shift();
  }

  /**
   * The next picture whose turn it is, or null: nothing waits, or the first one still waits for its result.
   * @param delayMs every picture is held back for so long (`PlayoutDelay`).
   */
  take(nowMs: number, delayMs = 0): Drawing<P, R> | null {
    const picture = this.#waiting[0];
    if (picture === undefined || nowMs - picture.arrivedAtMs < delayMs) return null;
    const newest = this.#results.at(-1);
    const settled = newest !== undefined && newest.capturedAtMs >= picture.capturedAtMs;
    if (picture.analysed && !settled && nowMs - picture.arrivedAtMs < this.#holdMs) return null;
    this.#waiting.shift();
    return { picture, result: this.#results.findLast((r) => r.capturedAtMs <= picture.capturedAtMs) ?? null };
  }

  /** Forgets everything and answers the pictures that were waiting, so that their owner can free them. */
  clear(): readonly P[] {
    this.#results.length = 0;
    return this.#waiting.splice(0);
  }
}
