import {
  changedWall,
  emptyWall,
  wholeWall,
  type ScreenView,
  type Wall,
  type WallChange,
} from '../../shared/domain/wall.ts';
import type { ErrorValue } from '../../shared/errors.ts';
import type { Api } from '../api.ts';

/** How the wall is arranged, in this window: shown at once, kept by the host, told to the other windows. */
export class WallState {
  readonly #api: Api;
  readonly #screen: string;
  readonly #failed: (error: ErrorValue) => void;
  #wall = $state.raw<Wall>(emptyWall);
  /** Changes on their way: what the host tells meanwhile is older than what is shown. */
  #underWay = 0;

  constructor(api: Api, screen: string, failed: (error: ErrorValue) => void) {
    this.#api = api;
    this.#screen = screen;
    this.#failed = failed;
  }

  get order(): readonly string[] {
    return this.#wall.order;
  }

  get view(): ScreenView {
    return this.#wall.screens[this.#screen] ?? wholeWall;
  }

  /** Another layout or group begins at its first page. */
  show(change: Partial<ScreenView>): Promise<void> {
    const view = { ...this.view, page: 0, ...change };
    return this.#change({ screen: { name: this.#screen, view } });
  }

  arrange(order: readonly string[]): Promise<void> {
    return this.#change({ order });
  }

  start(): () => void {
    const undo = [
      this.#api.onEvent((message) => {
        if (message.event === 'wall.changed' && this.#underWay === 0) this.#wall = message.payload;
      }),
      this.#api.onConnection(({ state }) => {
        if (state === 'open') void this.#load();
      }),
    ];
    return () => {
      for (const stop of undo) stop();
    };
  }

  async #load(): Promise<void> {
    const answer = await this.#api.call('wall.get', undefined);
    if (answer.ok && this.#underWay === 0) this.#wall = answer.value;
  }

  async #change(change: WallChange): Promise<void> {
    const before = this.#wall;
    this.#wall = changedWall(before, change);
    this.#underWay += 1;
    const answer = await this.#api.call('wall.save', change);
    this.#underWay -= 1;
    if (!answer.ok) this.#failed(answer.error);
    if (this.#underWay > 0) return;
    if (answer.ok) this.#wall = answer.value;
    else await this.#load();
  }
}
