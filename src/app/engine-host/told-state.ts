import type { EngineState } from '../../shared/domain/system.ts';

/** What is told of the engine. While something is tried out that models wait for, that is told instead of what the engine does. */
export class ToldState {
  readonly #epochMs: () => number;
  readonly #tell: (state: EngineState) => void;
  #state: EngineState;
  /** What will be told once the trial is over; null: there is none. */
  #behindTrial: Pick<EngineState, 'state' | 'detail'> | null = null;

  constructor(first: EngineState, epochMs: () => number, tell: (state: EngineState) => void) {
    this.#state = first;
    this.#epochMs = epochMs;
    this.#tell = tell;
  }

  get now(): EngineState {
    return this.#state;
  }

  change(change: Partial<EngineState>): void {
    const sinceMs =
      change.state !== undefined && change.state !== this.#state.state ? this.#epochMs() : this.#state.sinceMs;
    this.#state = { ...this.#state, ...change, sinceMs };
    this.#tell(this.#state);
  }

  /** Measured again and again: told with the next change. */
  noteMemory(residentBytes: number): void {
    this.#state = { ...this.#state, residentBytes };
  }

  /** What the engine does from now on. */
  does(state: 'warming' | 'ready', detail: string): void {
    if (this.#behindTrial !== null) this.#behindTrial = { state, detail };
    else this.change({ state, detail });
  }

  /** The same where it may be known already. */
  describe(state: 'warming' | 'ready', detail: string): void {
    if (this.#behindTrial === null && this.#state.state === state && this.#state.detail === detail) return;
    this.does(state, detail);
  }

  /** Null: the trial is over. `isReady`: an engine is there that could be told of. */
  trial(detail: string | null, isReady: boolean): void {
    const behind = this.#behindTrial ?? { state: this.#state.state, detail: this.#state.detail };
    this.#behindTrial = detail === null ? null : behind;
    if (isReady) this.change(detail === null ? behind : { state: 'warming', detail });
  }

  /** The engine is gone, and what it did with it. */
  forgetTrial(): void {
    this.#behindTrial = null;
  }
}
