import type { App as ElectronApp } from 'electron';
import type { Log } from '../app/ports.ts';

/** What a shutdown may take before the process ends regardless; results are committed at once, so nothing is lost. */
const limitMs = 5000;

export interface Shutdown {
  /** Registers the undo of something that was started. */
  readonly undoLater: (step: () => void | Promise<void>) => void;
  /** Undoes everything, newest first, and ends with `process.exitCode`. A second one while it runs changes nothing. */
  readonly end: () => void;
}

/** One end for every way to quit (menu, last window, signal). A step that hangs is cut off, and that is said. */
export function shutdownOf(app: ElectronApp, log: Log): Shutdown {
  const steps: (() => void | Promise<void>)[] = [];
  let isEnding = false;

  const undoAll = async (): Promise<void> => {
    for (const step of steps.splice(0).reverse()) {
      try {
        await step();
      } catch (caught) {
        log.error('shutdown step failed', { message: String(caught) });
      }
    }
  };

  const end = (): void => {
    if (isEnding) return;
    isEnding = true;
    const cutOff = setTimeout(() => {
      log.error('shutdown took too long', { limitMs });
      app.exit(1);
    }, limitMs);
    void undoAll().then(() => {
      clearTimeout(cutOff);
      app.exit(Number(process.exitCode ?? 0));
    });
  };

  app.on('before-quit', (event) => {
    event.preventDefault();
    end();
  });
  return {
    undoLater: (step) => {
      steps.push(step);
    },
    end,
  };
}
