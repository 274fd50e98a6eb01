import type { StoredItem } from '../../store/operations.ts';
import type { FedItem } from './fed-item.ts';

/** Items handed to the engine ahead of its decoder: pictures are small steps, a video is a long one. */
const AHEAD_ITEMS = 96;
const AHEAD_VIDEOS = 2;
/** Items that wait for nothing but their commit. */
const MOST_ITEMS = 2_000;

/** The items of one run that the engine has, or whose last results are not committed yet; by the key of their feeding. */
export class ItemsInFlight {
  readonly #byKey = new Map<string, FedItem>();
  /** Left the engine before their end: what they have is committed with the next flush, then they are forgotten. */
  readonly #leftovers: FedItem[] = [];
  /** Ids of items that left the engine before their end and come back. */
  readonly #comingBack = new Set<number>();

  get(key: string): FedItem | undefined {
    return this.#byKey.get(key);
  }

  add(key: string, fed: FedItem): void {
    this.#byKey.set(key, fed);
  }

  keys(): Iterable<string> {
    return this.#byKey.keys();
  }

  entries(): readonly (readonly [string, FedItem])[] {
    return [...this.#byKey];
  }

  get isEmpty(): boolean {
    return this.#byKey.size === 0 && this.#leftovers.length === 0;
  }

  /** Whether the engine should be given one more. */
  get hasRoom(): boolean {
    let items = 0;
    let videos = 0;
    for (const fed of this.#byKey.values()) {
      if (fed.isSettled) continue; // waits for its commit only
      items += 1;
      videos += fed.item.kind === 'video' ? 1 : 0;
    }
    return items < AHEAD_ITEMS && videos < AHEAD_VIDEOS && this.#byKey.size < MOST_ITEMS;
  }

  /** The engine has announced everything that there is of them. */
  get areDecoded(): boolean {
    for (const fed of this.#byKey.values()) if (!fed.isDecoded) return false;
    return true;
  }

  /** What is being looked at, for the operator: name and position. */
  get current(): { path: string; kind: 'picture' | 'video'; positionMs: number } | null {
    for (const fed of this.#byKey.values()) {
      return { path: fed.item.path, kind: fed.item.kind, positionMs: fed.positionMs };
    }
    return null;
  }

  /** It leaves before its end and is fed again later, from its cursor. */
  interrupt(key: string, fed: FedItem): StoredItem {
    fed.abandon();
    this.#byKey.delete(key);
    this.#leftovers.push(fed);
    this.#comingBack.add(fed.item.id);
    return { ...fed.item, expectedFrames: fed.expectedFrames };
  }

  /** Whether the item was interrupted in this run; asked once, when it is fed again. */
  comesBack(itemId: number): boolean {
    return this.#comingBack.delete(itemId);
  }

  /** It could not be fed again yet. */
  stillComesBack(itemId: number): void {
    this.#comingBack.add(itemId);
  }

  /** All that may have something to commit. Leftovers are forgotten with it. */
  toCommit(): readonly FedItem[] {
    return [...this.#leftovers.splice(0), ...this.#byKey.values()];
  }

  /** Takes out those whose end is committed. */
  takeClosed(): readonly (readonly [string, FedItem])[] {
    const closed = this.entries().filter(([, fed]) => fed.isClosed);
    for (const [key] of closed) this.#byKey.delete(key);
    return closed;
  }
}
