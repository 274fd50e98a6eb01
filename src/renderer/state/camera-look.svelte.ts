import type { CameraLogin } from '../../shared/domain/camera.ts';
import type { CameraProbe, CameraProbeQuestion } from '../../shared/domain/camera-changes.ts';
import type { ErrorValue } from '../../shared/errors.ts';
import type { ApplicationState } from './application.svelte.ts';

export type Look =
  | { readonly state: 'none' }
  | { readonly state: 'looking' }
  | { readonly state: 'failed'; readonly error: ErrorValue }
  | { readonly state: 'found'; readonly probe: CameraProbe };

/** One look at an address; the answer of an earlier one is dropped. */
export class CameraLook {
  readonly #app: ApplicationState;
  #look = $state.raw<Look>({ state: 'none' });
  #looks = 0;

  constructor(app: ApplicationState) {
    this.#app = app;
  }

  get now(): Look {
    return this.#look;
  }

  forget(): void {
    this.#looks += 1;
    this.#look = { state: 'none' };
  }

  async at(question: CameraProbeQuestion): Promise<void> {
    const look = ++this.#looks;
    this.#look = { state: 'looking' };
    const answer = await this.#app.call('cameras.probe', question);
    if (look !== this.#looks) return;
    this.#look = answer.ok ? { state: 'found', probe: answer.value } : { state: 'failed', error: answer.error };
  }
}

/** As the calls take it: null where no user was typed. */
export const loginTyped = (user: string, password: string): CameraLogin | null =>
  user.trim() === '' ? null : { user: user.trim(), password };
