import type { Clock } from '../ports.ts';

/** A clock that moves only when it is told to, and never back. */
export interface ManualClock extends Clock {
  advanceTo(monoMs: number): void;
}

export function manualClock(startMonoMs = 0, startEpochMs = 1_700_000_000_000): ManualClock {
  let now = startMonoMs;
  return {
    monoMs: () => now,
    epochMs: () => startEpochMs + (now - startMonoMs),
    advanceTo(monoMs) {
      if (monoMs < now) throw new Error(`the clock cannot go back from ${now} to ${monoMs}`);
      now = monoMs;
    },
  };
}
