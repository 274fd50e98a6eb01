import type { EngineScript } from './engine-script.ts';
import type { ScriptedEngine } from './scripted-engine.ts';

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

/** It has been told to begin with that run. */
export const isAtAccurate = ({ received }: ScriptedEngine): boolean =>
  received.some(
    (message) => message.type === 'request' && message.request.type === 'warm' && message.request.input.width === 640,
  );
