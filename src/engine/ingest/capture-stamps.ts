import type { Clock } from '../../core/ports.ts';

export interface CaptureStamp {
  readonly capturedMonoMs: number;
  /** Whole milliseconds, each greater than the last: it names the frame among its camera's. */
  readonly capturedAtMs: number;
}

/** Gives the frames of one camera their capture times. */
export class CaptureStamps {
  readonly #clock: Clock;
  #lastAtMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The wall time that belongs to a moment of the monotonic clock. */
  stamp(capturedMonoMs: number): CaptureStamp {
    const ageMs = this.#clock.monoMs() - capturedMonoMs;
    this.#lastAtMs = Math.max(this.#lastAtMs + 1, Math.round(this.#clock.epochMs() - ageMs));
    return { capturedMonoMs, capturedAtMs: this.#lastAtMs };
  }
}
