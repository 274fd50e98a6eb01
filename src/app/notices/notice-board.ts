import type { Clock } from '../../core/ports.ts';
import type { Notice, NoticeLevel } from '../../shared/domain/system.ts';
import type { StoreClient } from '../../store/operations.ts';
import type { EventBus } from '../event-bus.ts';

const MAX_UNSTORED = 50;

/**
 * Lines an operator must not miss. One cause is one topic and has at most one open notice: a cause that repeats while
 * its notice is open says nothing new. Cleared by the code that raised it, once the cause is gone.
 */
export class NoticeBoard {
  readonly #store: StoreClient;
  readonly #clock: Clock;
  readonly #bus: EventBus;
  #open: readonly Notice[] = [];
  /** Newest first; their ids are negative. The store is full or gone: that is when an operator must be told most. */
  #unstored: readonly Notice[] = [];
  #lastUnstored = 0;
  /** Keeps raise and clear of one topic in order. */
  #queue: Promise<void> = Promise.resolve();

  constructor(store: StoreClient, clock: Clock, bus: EventBus) {
    this.#store = store;
    this.#clock = clock;
    this.#bus = bus;
  }

  get notices(): readonly Notice[] {
    return this.#unstored.length === 0 ? this.#open : [...this.#unstored, ...this.#open];
  }

  async load(): Promise<void> {
    this.#open = await this.#store.call('notices.list', undefined);
  }

  /** Never rejects: what the store does not take is shown for as long as this process lives. */
  raise(level: NoticeLevel, topic: string, text: string): Promise<void> {
    return this.#enqueue(async () => {
      const same = this.notices.some((notice) => notice.topic === topic && notice.clearedAtMs === null);
      if (!same) await this.#add(level, topic, text);
    }).catch(() => undefined);
  }

  /** For a happening that is over as soon as it is told (a resumed job): shown, but nothing to wait for. Never rejects. */
  tell(level: NoticeLevel, topic: string, text: string): Promise<void> {
    return this.#enqueue(() => this.#add(level, topic, text)).catch(() => undefined);
  }

  /** Never rejects. A notice that the store could not clear stays open; it can be dismissed. */
  clear(topic: string): Promise<void> {
    return this.#enqueue(async () => {
      this.#unstored = this.#unstored.filter((notice) => notice.topic !== topic);
      await this.#store.call('notices.clear', { topic, atMs: this.#clock.epochMs() });
    }).catch(() => undefined);
  }

  dismiss(id: number): Promise<void> {
    return this.#enqueue(async () => {
      const unstored = this.#unstored.filter((notice) => notice.id !== id);
      const wasUnstored = unstored.length < this.#unstored.length;
      this.#unstored = unstored;
      if (wasUnstored) return;
      await this.#store.call('notices.dismiss', { id, atMs: this.#clock.epochMs() });
    });
  }

  async #add(level: NoticeLevel, topic: string, text: string): Promise<void> {
    const atMs = this.#clock.epochMs();
    await this.#store.call('notices.add', { atMs, level, topic, text }).catch(() => {
      const others = this.#unstored.filter((notice) => notice.topic !== topic);
      const id = -++this.#lastUnstored;
      this.#unstored = [{ id, atMs, level, topic, text, clearedAtMs: null }, ...others].slice(0, MAX_UNSTORED);
    });
  }

  #enqueue(change: () => Promise<void>): Promise<void> {
    const next = this.#queue.then(async () => {
      try {
        await change();
        await this.load().catch(() => undefined);
      } finally {
        this.#bus.emit('notices.changed', this.notices);
      }
    });
    this.#queue = next.catch(() => undefined);
    return next;
  }
}
