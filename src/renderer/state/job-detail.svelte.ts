import type { ItemFailure, JobDetail } from '../../shared/domain/job.ts';
import type { ErrorValue } from '../../shared/errors.ts';
import type { ApplicationState } from './application.svelte.ts';

const refreshMs = 4000;
const failuresPage = 100;

/** The opened job: its history and failures, asked for again every few seconds while it is open. */
export class JobDetailState {
  readonly #app: ApplicationState;
  readonly #id: string;
  #detail = $state.raw<JobDetail | null>(null);
  #error = $state.raw<ErrorValue | null>(null);
  #failures = $state.raw<readonly ItemFailure[]>([]);
  #failuresTotal = $state(0);
  #failuresWanted = failuresPage;

  constructor(app: ApplicationState, id: string) {
    this.#app = app;
    this.#id = id;
  }

  get detail(): JobDetail | null {
    return this.#detail;
  }
  get error(): ErrorValue | null {
    return this.#error;
  }
  get failures(): readonly ItemFailure[] {
    return this.#failures;
  }
  get failuresTotal(): number {
    return this.#failuresTotal;
  }

  async moreFailures(): Promise<void> {
    this.#failuresWanted += failuresPage;
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const answer = await this.#app.call('jobs.get', { id: this.#id });
    if (answer.ok) {
      this.#detail = answer.value;
      this.#error = null;
    } else {
      this.#error = answer.error;
    }
    await this.#refreshFailures();
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

  async #refreshFailures(): Promise<void> {
    const limit = Math.min(500, this.#failuresWanted);
    const answer = await this.#app.call('jobs.failures', { id: this.#id, offset: 0, limit });
    if (!answer.ok) return;
    this.#failures = answer.value.failures;
    this.#failuresTotal = answer.value.total;
  }
}
