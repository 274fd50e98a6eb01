import type { ItemFailure, JobDetail } from '../../shared/domain/job.ts';
import { ok, type ErrorValue, type Result } from '../../shared/errors.ts';
import type { ApplicationState } from './application.svelte.ts';
import { AskedAgain } from './asked-again.svelte.ts';

const refreshMs = 4000;
const failuresPage = 100;
/** More than anybody reads here; a report has them all. */
const mostFailures = 500;

interface Opened {
  readonly detail: JobDetail;
  readonly failures: readonly ItemFailure[];
  readonly failuresTotal: number;
}

/** The opened job: its history and failures, asked for again every few seconds while it is open. */
export class JobDetailState {
  readonly #app: ApplicationState;
  readonly #id: string;
  readonly #opened: AskedAgain<Opened>;
  #failuresWanted = failuresPage;

  constructor(app: ApplicationState, id: string) {
    this.#app = app;
    this.#id = id;
    this.#opened = new AskedAgain(() => this.#ask(), refreshMs);
  }

  /** Null: not known yet. */
  get detail(): JobDetail | null {
    return this.#opened.answer?.detail ?? null;
  }
  get error(): ErrorValue | null {
    return this.#opened.error;
  }
  get answeredAtMs(): number | null {
    return this.#opened.answeredAtMs;
  }
  get failures(): readonly ItemFailure[] {
    return this.#opened.answer?.failures ?? [];
  }
  get failuresTotal(): number {
    return this.#opened.answer?.failuresTotal ?? 0;
  }
  /** Of those that are not shown, how many are shown next. */
  get failuresMore(): number {
    return Math.min(failuresPage, Math.min(mostFailures, this.failuresTotal) - this.failures.length);
  }

  async moreFailures(): Promise<void> {
    this.#failuresWanted = Math.min(mostFailures, this.#failuresWanted + failuresPage);
    await this.refresh();
  }

  refresh(): Promise<void> {
    return this.#opened.refresh();
  }

  start(): () => void {
    return this.#opened.start();
  }

  async #ask(): Promise<Result<Opened>> {
    const list = { id: this.#id, offset: 0, limit: this.#failuresWanted };
    const [detail, failures] = await Promise.all([
      this.#app.call('jobs.get', { id: this.#id }),
      this.#app.call('jobs.failures', list),
    ]);
    if (!detail.ok) return detail;
    if (!failures.ok) return failures;
    return ok({ detail: detail.value, failures: failures.value.failures, failuresTotal: failures.value.total });
  }
}
