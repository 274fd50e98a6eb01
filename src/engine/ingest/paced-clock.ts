import type { Clock } from '../../core/ports.ts';
import type { Pause } from './live-source.ts';

/** A source that falls further behind than this was stalled (a suspended machine): its clock starts anew. */
const longestLagMs = 2000;

/**
 * Plays media at its own pace: a picture is due at start + media time, and that moment is its capture time, so a slow
 * decoder shows as latency.
 */
export class PacedClock {
  readonly #clock: Clock;
  readonly #pause: Pause;
  #startMonoMs: number | null = null;

  constructor(clock: Clock, pause: Pause) {
    this.#clock = clock;
    this.#pause = pause;
  }

  /** Waits until the picture at `mediaMs` is due. @returns that moment. */
  due(mediaMs: number): number {
    const nowMs = this.#clock.monoMs();
    this.#startMonoMs ??= nowMs - mediaMs;
    if (nowMs - (this.#startMonoMs + mediaMs) > longestLagMs) this.#startMonoMs = nowMs - mediaMs;
    const dueMs = this.#startMonoMs + mediaMs;
    if (dueMs > nowMs) this.#pause(dueMs);
    return dueMs;
  }
}
