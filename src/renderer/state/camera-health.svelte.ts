import type { CameraHealthView } from '../../shared/domain/camera-health.ts';
import type { ErrorValue } from '../../shared/errors.ts';
import type { ApplicationState } from './application.svelte.ts';

const refreshMs = 5_000;

/** What one camera sees and used to see, asked again every few seconds while somebody looks. */
export class CameraHealthState {
  readonly #app: ApplicationState;
  readonly #cameraId: string;
  #view = $state.raw<CameraHealthView | null>(null);
  #error = $state.raw<ErrorValue | null>(null);

  constructor(app: ApplicationState, cameraId: string) {
    this.#app = app;
    this.#cameraId = cameraId;
  }

  get view(): CameraHealthView | null {
    return this.#view;
  }
  get error(): ErrorValue | null {
    return this.#error;
  }

  async refresh(): Promise<void> {
    const answer = await this.#app.call('cameras.health', { cameraId: this.#cameraId });
    this.#error = answer.ok ? null : answer.error;
    if (answer.ok) this.#view = answer.value;
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
