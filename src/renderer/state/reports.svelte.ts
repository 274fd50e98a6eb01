import type { ReportFormat, ReportPreview, ReportRecord, ReportScope } from '../../shared/domain/report.ts';
import type { ErrorValue, Result } from '../../shared/errors.ts';
import type { ApplicationState } from './application.svelte.ts';
import { AskedAgain } from './asked-again.svelte.ts';

/** Reports are also written by commands and other windows. */
const refreshPastMs = 30_000;

export const wholeScope: ReportScope = { jobId: null, cameraId: null, sinceMs: null, untilMs: null };

/** The report being made: its scope, its preview (the report itself without all of its rows), and the past ones. */
export class ReportsState {
  readonly #app: ApplicationState;
  #scope = $state.raw<ReportScope>(wholeScope);
  #preview = $state.raw<ReportPreview | null>(null);
  #error = $state.raw<ErrorValue | null>(null);
  #isLoading = $state(false);
  readonly past: AskedAgain<readonly ReportRecord[]>;
  #latest = $state.raw<ReportRecord | null>(null);
  #asked = 0;

  constructor(app: ApplicationState) {
    this.#app = app;
    this.past = new AskedAgain(() => app.call('reports.list', undefined), refreshPastMs);
  }

  get scope(): ReportScope {
    return this.#scope;
  }
  /** Of the scope before while the new one is loading (see `isLoading`). */
  get preview(): ReportPreview | null {
    return this.#preview;
  }
  get error(): ErrorValue | null {
    return this.#error;
  }
  get isLoading(): boolean {
    return this.#isLoading;
  }
  /** What this view exported last. */
  get latest(): ReportRecord | null {
    return this.#latest;
  }

  async show(scope: ReportScope): Promise<void> {
    this.#scope = scope;
    this.#latest = null;
    await this.refresh();
  }

  async refresh(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    this.#isLoading = true;
    const answer = await this.#app.call('reports.preview', this.#scope);
    if (asked !== this.#asked) return;
    this.#isLoading = false;
    this.#preview = answer.ok ? answer.value : null;
    this.#error = answer.ok ? null : answer.error;
  }

  async export(format: ReportFormat, file: string | null): Promise<Result<ReportRecord>> {
    const answer = await this.#app.call('reports.export', { scope: this.#scope, format, file });
    if (answer.ok) {
      this.#latest = answer.value;
      await this.past.refresh();
    }
    return answer;
  }
}
