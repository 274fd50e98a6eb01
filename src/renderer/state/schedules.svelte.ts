import type { ScheduleView } from '../../shared/domain/schedule.ts';
import type { ErrorValue } from '../../shared/errors.ts';
import type { ApplicationState } from './application.svelte.ts';
import { AskedAgain } from './asked-again.svelte.ts';

const refreshMs = 15_000;

/** The schedules, as they were asked for or told last. */
export class SchedulesState {
  readonly #app: Pick<ApplicationState, 'call' | 'onEvent'>;
  readonly #asked: AskedAgain<readonly ScheduleView[]>;
  #heard = $state.raw<{ readonly atMs: number; readonly schedules: readonly ScheduleView[] } | null>(null);

  constructor(app: Pick<ApplicationState, 'call' | 'onEvent'>) {
    this.#app = app;
    this.#asked = new AskedAgain(() => app.call('schedules.list', undefined), refreshMs);
  }

  /** Oldest first; null: not known yet. */
  get all(): readonly ScheduleView[] | null {
    const { answer, answeredAtMs } = this.#asked;
    const heard = this.#heard;
    return heard !== null && heard.atMs >= (answeredAtMs ?? 0) ? heard.schedules : answer;
  }
  get error(): ErrorValue | null {
    return this.#asked.error;
  }
  get answeredAtMs(): number | null {
    return this.#asked.answeredAtMs;
  }

  refresh(): Promise<void> {
    return this.#asked.refresh();
  }

  start(): () => void {
    const undo = [
      this.#app.onEvent((message) => {
        if (message.event === 'schedules.changed') this.#heard = { atMs: Date.now(), schedules: message.payload };
      }),
      this.#asked.start(),
    ];
    return () => {
      for (const stop of undo) stop();
    };
  }
}
