import type { Finding } from '../../shared/domain/plan.ts';
import type { ErrorValue } from '../../shared/errors.ts';
import type { ApplicationState } from './application.svelte.ts';

const refreshMs = 10_000;

/** The findings of now, looked for again every few seconds while somebody looks. */
export class SelfCheckState {
  readonly #app: ApplicationState;
  #findings = $state.raw<readonly Finding[] | null>(null);
  #error = $state.raw<ErrorValue | null>(null);
  #checkedAtMs = $state<number | null>(null);

  constructor(app: ApplicationState) {
    this.#app = app;
  }

  get findings(): readonly Finding[] | null {
    return this.#findings;
  }
  get error(): ErrorValue | null {
    return this.#error;
  }
  get checkedAtMs(): number | null {
    return this.#checkedAtMs;
  }

  async refresh(): Promise<void> {
    const answer = await this.#app.call('system.selfCheck', undefined);
    this.#error = answer.ok ? null : answer.error;
    if (!answer.ok) return;
    this.#findings = answer.value;
    this.#checkedAtMs = Date.now();
  }

  start(): () => void {
    void this.refresh();
    const timer = setInterval(() => {
      void this.refresh();
    }, refreshMs);
    return () => {
      clearInterval(timer);
    };
  }
}
