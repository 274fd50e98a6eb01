import { createContext } from 'svelte';
import type { Camera } from '../../shared/domain/camera.ts';
import type { ScheduleView } from '../../shared/domain/schedule.ts';
import type { Api } from '../api.ts';
import { tellFailure } from './actions.ts';
import { ApplicationState } from './application.svelte.ts';
import { Clock } from './clock.svelte.ts';
import { LivePictures } from './live-pictures.ts';
import { LiveStreams } from './live-streams.ts';
import { Preferences } from './preferences.svelte.ts';
import { Route } from './route.svelte.ts';
import { screenOf } from './screens.ts';
import { Shortcuts } from './shortcuts.svelte.ts';
import { UndoableActs } from './undo.svelte.ts';
import { WallState } from './wall.svelte.ts';

export type DialogRequest =
  | { readonly kind: 'scan' }
  | { readonly kind: 'schedule'; readonly schedule: ScheduleView }
  /** Null: a new camera. */
  | { readonly kind: 'camera'; readonly camera: Camera | null }
  /** Several at once. */
  | { readonly kind: 'cameras'; readonly cameras: readonly Camera[] }
  | { readonly kind: 'camera-health'; readonly camera: Camera }
  | { readonly kind: 'commands' }
  | { readonly kind: 'shortcuts' };

/** Everything the views of one window share; made once in main.ts, handed down as context. */
export class Shell {
  readonly app: ApplicationState;
  readonly pictures: LivePictures;
  readonly streams: LiveStreams;
  readonly wall: WallState;
  /** Which of the application's windows this is. */
  readonly screen = screenOf(location.search);
  readonly clock = new Clock();
  readonly route = new Route();
  readonly preferences = new Preferences();
  readonly shortcuts = new Shortcuts();
  readonly acts = new UndoableActs();
  #dialog = $state.raw<DialogRequest | null>(null);

  constructor(api: Api) {
    this.app = new ApplicationState(api);
    this.pictures = new LivePictures(api);
    this.streams = new LiveStreams(api);
    this.wall = new WallState(api, this.screen, tellFailure);
  }

  get dialog(): DialogRequest | null {
    return this.#dialog;
  }

  open(dialog: DialogRequest): void {
    this.#dialog = dialog;
  }

  closeDialog(): void {
    this.#dialog = null;
  }

  start(): () => void {
    const undo = [
      this.preferences.start(),
      this.route.start(),
      this.clock.start(),
      this.app.start(),
      this.pictures.start(),
      this.streams.start(),
      this.wall.start(),
      this.shortcuts.start(),
      this.acts.start(),
    ];
    return () => {
      for (const stop of undo.toReversed()) stop();
    };
  }
}

export const [getShell, setShell] = createContext<Shell>();
