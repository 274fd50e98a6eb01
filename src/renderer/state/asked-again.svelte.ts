import type { ErrorValue, Result } from '../../shared/errors.ts';

/**
 * The newest answer to a question that is asked again every few seconds while somebody looks. A refusal leaves the answer
 * before it in place: `error` says why it is old, `answeredAtMs` since when.
 */
export class AskedAgain<T> {
  readonly #ask: () => Promise<Result<T>>;
  readonly #everyMs: number;
  #answer = $state.raw<T | null>(null);
  #error = $state.raw<ErrorValue | null>(null);
  #answeredAtMs = $state<number | null>(null);
  #asked = 0;
  #told = 0;

  constructor(ask: () => Promise<Result<T>>, everyMs: number) {
    this.#ask = ask;
    this.#everyMs = everyMs;
  }

  /** Null: none came yet. */
  get answer(): T | null {
    return this.#answer;
  }
  /** Why the newest question was not answered; null: it was. */
  get error(): ErrorValue | null {
    return this.#error;
  }
  get answeredAtMs(): number | null {
    return this.#answeredAtMs;
  }

  /** Asks now. An answer that comes behind that of a later question is left out. */
  async refresh(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const answer = await this.#ask();
    if (asked < this.#told) return;
    this.#told = asked;
    this.#error = answer.ok ? null : answer.error;
    if (!answer.ok) return;
    this.#answer = answer.value;
    this.#answeredAtMs = Date.now();
  }

  /** Asks now and again until its undo is called. */
  start(): () => void {
    void this.refresh();
    const timer = setInterval(() => {
      // A slow answer is waited for: questions do not pile up.
      if (this.#told === this.#asked) void this.refresh();
    }, this.#everyMs);
    return () => {
      clearInterval(timer);
    };
  }
}
