import type { EngineScript } from './engine-script.ts';

/** An engine that is busy for `busyMs` with the first run of the accurate tier, and hears nothing meanwhile. */
export function busyWithAccurate(busyMs: number): Partial<EngineScript> {
  let [isBusy, wasBusy] = [false, false];
  return {
    warm: (_lane, _batch, { width }) => {
      isBusy = width === 640 && !wasBusy;
      wasBusy ||= isBusy;
      return 'answered';
    },
    runMs: (_lane, batch) => {
      const runMs = isBusy ? busyMs : 2 + 2 * batch;
      isBusy = false;
      return runMs;
    },
  };
}
