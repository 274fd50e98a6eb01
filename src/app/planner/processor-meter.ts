import {
  createProcessorWindow,
  lookAtProcessor,
  type ProcessorPace,
  type ProcessorSight,
} from '../../core/planner/processor-window.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';

/**
 * The processor time of all of the program: its engine's, read from outside, and its own. A look is taken in with the
 * next one, because the system answers later; where it tells nothing, nothing is learned.
 */
export class ProcessorMeter {
  readonly #engine: Pick<EngineHost, 'processorMs'>;
  readonly #ownMs: () => number;
  readonly #window = createProcessorWindow();
  #sight: ProcessorSight | null = null;
  #asking = false;

  constructor(engine: Pick<EngineHost, 'processorMs'>, ownMs: () => number) {
    this.#engine = engine;
    this.#ownMs = ownMs;
  }

  /** Once a second; answers what a window showed that the look before this one ended. */
  look(now: Omit<ProcessorSight, 'coreMs'>): ProcessorPace | null {
    const sight = this.#sight;
    this.#sight = null;
    this.#ask(now);
    // Of another company: what began meanwhile is not in it.
    return sight === null || sight.beside !== now.beside ? null : lookAtProcessor(this.#window, sight);
  }

  #ask(now: Omit<ProcessorSight, 'coreMs'>): void {
    if (this.#asking) return;
    this.#asking = true;
    void this.#engine.processorMs().then((engineMs) => {
      this.#asking = false;
      this.#sight = engineMs === null ? null : { ...now, coreMs: engineMs + this.#ownMs() };
    });
  }
}
