import { changedWall, emptyWall, wallSchema, type Wall, type WallChange } from '../../shared/domain/wall.ts';
import type { StoreClient } from '../../store/operations.ts';
import type { EventBus } from '../event-bus.ts';
import { jsonOf } from '../json-of.ts';
import type { Log } from '../ports.ts';

const settingKey = 'wall';

/** How the operator has arranged the wall: one order for all windows, a layout, group and page for each. */
export class WallService {
  readonly #store: Pick<StoreClient, 'call'>;
  readonly #bus: Pick<EventBus, 'emit'>;
  readonly #log: Log;
  /** One change after the other: two windows must not overwrite each other's. */
  #changes: Promise<unknown> = Promise.resolve();

  constructor(deps: {
    readonly store: Pick<StoreClient, 'call'>;
    readonly bus: Pick<EventBus, 'emit'>;
    readonly log: Log;
  }) {
    this.#store = deps.store;
    this.#bus = deps.bus;
    this.#log = deps.log;
  }

  /** What cannot be read gives way to the usual arrangement, and that is logged. */
  async read(): Promise<Wall> {
    const saved = await this.#store.call('settings.get', { key: settingKey });
    if (saved === null) return emptyWall;
    const parsed = wallSchema.safeParse(jsonOf(saved));
    if (parsed.success) return parsed.data;
    this.#log.warn('the arrangement of the wall was not understood; the usual one is in force', {
      field: parsed.error.issues[0]?.path.join('.') ?? '',
    });
    return emptyWall;
  }

  save(change: WallChange): Promise<Wall> {
    const next = this.#changes.then(async () => {
      const wall = changedWall(await this.read(), change);
      await this.#store.call('settings.set', { key: settingKey, value: JSON.stringify(wall) });
      this.#bus.emit('wall.changed', wall);
      return wall;
    });
    this.#changes = next.catch(() => undefined);
    return next;
  }
}
