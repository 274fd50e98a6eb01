import type { CallInput } from '../../shared/contract/calls.ts';
import type { CapacityAnswer } from '../../shared/domain/plan.ts';
import type { ErrorValue } from '../../shared/errors.ts';
import type { ApplicationState } from './application.svelte.ts';

/** One question of capacity with its newest answer. */
export class CapacityState {
  readonly #app: ApplicationState;
  #answer = $state.raw<CapacityAnswer | null>(null);
  #error = $state.raw<ErrorValue | null>(null);
  #isAsking = $state(false);
  #asked = 0;

  constructor(app: ApplicationState) {
    this.#app = app;
  }

  /** Of the question before while a new one is on its way. */
  get answer(): CapacityAnswer | null {
    return this.#answer;
  }
  get error(): ErrorValue | null {
    return this.#error;
  }
  get isAsking(): boolean {
    return this.#isAsking;
  }

  async ask(question: CallInput<'plan.capacity'>): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    this.#isAsking = true;
    const answer = await this.#app.call('plan.capacity', question);
    if (asked !== this.#asked) return;
    this.#isAsking = false;
    this.#answer = answer.ok ? answer.value : null;
    this.#error = answer.ok ? null : answer.error;
  }
}
