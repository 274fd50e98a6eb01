import { SvelteMap } from 'svelte/reactivity';
import type { CameraRecording } from '../../shared/domain/recording.ts';
import type { ApplicationState } from './application.svelte.ts';

const askEveryMs = 5_000;

/** What each camera's recording does right now; asked for while somebody looks. */
export class RecordingStates {
  readonly #app: Pick<ApplicationState, 'call'>;
  readonly #states = new SvelteMap<string, CameraRecording>();

  constructor(app: Pick<ApplicationState, 'call'>) {
    this.#app = app;
  }

  /** Null: it is not recorded, or not known yet. */
  of(cameraId: string): CameraRecording | null {
    return this.#states.get(cameraId) ?? null;
  }

  start(): () => void {
    void this.#ask();
    const timer = setInterval(() => {
      if (!document.hidden) void this.#ask();
    }, askEveryMs);
    return () => {
      clearInterval(timer);
    };
  }

  async #ask(): Promise<void> {
    const answer = await this.#app.call('recordings.status', undefined);
    if (!answer.ok) return;
    const { cameras } = answer.value;
    for (const id of this.#states.keys()) if (!cameras.some(({ cameraId }) => cameraId === id)) this.#states.delete(id);
    for (const one of cameras) {
      const before = this.#states.get(one.cameraId);
      if (before === undefined || !isShownAlike(before, one)) this.#states.set(one.cameraId, one);
    }
  }
}

/** What grows with every file is told elsewhere. */
const isShownAlike = (a: CameraRecording, b: CameraRecording): boolean =>
  a.state === b.state && a.reason === b.reason && a.mode === b.mode && a.smallBecause === b.smallBecause;
