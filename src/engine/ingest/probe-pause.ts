import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../core/ports.ts';
import { machineClock } from './clock.ts';

/** A pass that took no longer than this has read nothing: it did not wait for a packet. */
const idlePassMs = 2;
const longestMs = 200;

/**
 * Between two looks at a stream of which not enough has come: none after one that has read something, and longer and longer
 * ones after those that return at once, as they do for ever when a stream has ended before its first picture. Its watch
 * ends it then.
 */
export class ProbePause {
  readonly #clock: Clock;
  readonly #wait: (ms: number, signal: AbortSignal) => Promise<void>;
  #lastMonoMs: number;
  #pauseMs = 0;

  constructor(clock: Clock = machineClock, wait = waitFor) {
    this.#clock = clock;
    this.#wait = wait;
    this.#lastMonoMs = clock.monoMs();
  }

  /** After a pass. @throws the signal's reason */
  async after(signal: AbortSignal): Promise<void> {
    const tookMs = this.#clock.monoMs() - this.#lastMonoMs;
    this.#pauseMs = tookMs > idlePassMs ? 0 : Math.min(longestMs, Math.max(1, 2 * this.#pauseMs));
    if (this.#pauseMs > 0) await this.#wait(this.#pauseMs, signal);
    signal.throwIfAborted();
    this.#lastMonoMs = this.#clock.monoMs();
  }
}

/** Ends with the signal too, without throwing. */
const waitFor = async (ms: number, signal: AbortSignal): Promise<void> => {
  await delay(ms, undefined, { signal }).catch(() => undefined);
};
