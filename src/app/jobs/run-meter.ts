import type { Clock } from '../../core/ports.ts';

const SPEED_WINDOW_MS = 10_000;
/** A job with a small share has few calls in the window: so many of them are looked at all the same. */
const FEWEST_STEPS = 4;
const HISTORY_STEP_MS = 3_000;
const HISTORY_POINTS = 240;

export interface SpeedPoint {
  readonly atMs: number;
  readonly imagesPerSecond: number;
  readonly batch: number;
}

interface SpeedStep {
  readonly atMonoMs: number;
  readonly frames: number;
}

/** Counts of one run of a job, and its speed over the last 10 s. */
export class RunMeter {
  /** Files that were listed, and items among them that were done and are not any more. */
  found = 0;
  undone = 0;
  foundPictures = 0;
  /** Complete before this run looked at them. */
  skipped = 0;
  failed = 0;
  timedOut = 0;
  retried = 0;
  /** Committed for the first time in this run. */
  frames = 0;
  /** Of them: those in which nothing had changed, so that they were not run. */
  inherited = 0;
  /** Committed although an earlier commit had covered them: 0 unless a cursor was wrong. */
  framesTwice = 0;
  readonly #clock: Clock;
  #startedMonoMs: number | null = null;
  #ranMs = 0;
  #steps: SpeedStep[] = [];
  #history: SpeedPoint[] = [];
  #batch: number | null = null;
  #largestBatch: number | null = null;
  #analysed = 0;
  /** Run or not. */
  #counted = 0;
  #places = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Also again after `stop`: the time between counts for nothing. */
  start(): void {
    this.#steps = [];
    this.#startedMonoMs = this.#clock.monoMs();
  }

  stop(): void {
    if (this.#startedMonoMs !== null) this.#ranMs += this.#clock.monoMs() - this.#startedMonoMs;
    this.#startedMonoMs = null;
  }

  get runMs(): number {
    return this.#ranMs + (this.#startedMonoMs === null ? 0 : this.#clock.monoMs() - this.#startedMonoMs);
  }

  /** The size of the latest archive batch, and the largest of this run. */
  get batch(): number | null {
    return this.#batch;
  }

  get largestBatch(): number | null {
    return this.#largestBatch;
  }

  /** Pictures run / places run, over the run; null before the first. */
  get batchFill(): number | null {
    return this.#places === 0 ? null : Math.round((this.#analysed / this.#places) * 1000) / 1000;
  }

  get history(): readonly SpeedPoint[] {
    return this.#history;
  }

  /** One frame that took the result of an earlier one. */
  unchanged(): void {
    this.#counted += 1;
    this.#step();
  }

  /** One frame, as part of a call with `batch.frames` pictures in `batch.places` places. */
  analysed(batch: { readonly frames: number; readonly places: number }): void {
    this.#analysed += 1;
    this.#counted += 1;
    this.#places += batch.places / batch.frames;
    this.#batch = batch.frames;
    this.#largestBatch = Math.max(this.#largestBatch ?? 0, batch.frames);
    this.#step();
  }

  #step(): void {
    const now = this.#clock.monoMs();
    const last = this.#steps[this.#steps.length - 1];
    // One step a 100 ms is exact enough for a 10-s speed and bounds the list to 100.
    if (last !== undefined && now - last.atMonoMs < 100) {
      this.#steps[this.#steps.length - 1] = { atMonoMs: last.atMonoMs, frames: last.frames + 1 };
    } else {
      this.#steps.push({ atMonoMs: now, frames: 1 });
      const isOld = (step: SpeedStep | undefined): boolean =>
        step !== undefined && now - step.atMonoMs > SPEED_WINDOW_MS;
      while (this.#steps.length > FEWEST_STEPS && isOld(this.#steps[0])) this.#steps.shift();
    }
    this.#remember();
  }

  /** At most so many pictures are to be run; null where videos are among the items: how long they are is not known. */
  get picturesLeft(): number | null {
    if (this.found > this.foundPictures) return null;
    return Math.max(0, this.found - this.skipped - this.failed - this.#counted);
  }

  /** The job has another share of the device from now on: what was before says nothing of its speed. */
  sharingChanged(): void {
    this.#steps = [];
  }

  /**
   * Over the last 10 s or few calls; over the whole run once it has ended. Null before there are two calls to measure
   * between.
   */
  get imagesPerSecond(): number | null {
    if (this.#startedMonoMs === null)
      return this.#ranMs > 0 && this.#counted > 0 ? (this.#counted * 1000) / this.#ranMs : null;
    const [first] = this.#steps;
    const last = this.#steps[this.#steps.length - 1];
    if (first === undefined || last === undefined || first === last) return null;
    const betweenMs = last.atMonoMs - first.atMonoMs;
    // From call to call: the first one's frames came before. A call that is overdue counts as late, not as never.
    const dueMonoMs = last.atMonoMs + betweenMs / (this.#steps.length - 1);
    const spanMs = betweenMs + Math.max(0, this.#clock.monoMs() - dueMonoMs);
    const frames = this.#steps.reduce((sum, step) => sum + step.frames, -first.frames);
    return spanMs < 200 ? null : (frames * 1000) / spanMs;
  }

  #remember(): void {
    const atMs = this.#clock.epochMs();
    const last = this.#history[this.#history.length - 1];
    const speed = this.imagesPerSecond;
    if (speed === null || (last !== undefined && atMs - last.atMs < HISTORY_STEP_MS)) return;
    this.#history.push({ atMs, imagesPerSecond: Math.round(speed * 10) / 10, batch: this.#batch ?? 1 });
    // Half the points, twice the step: the chart always spans the whole run.
    if (this.#history.length > HISTORY_POINTS) this.#history = this.#history.filter((_, index) => index % 2 === 0);
  }
}
