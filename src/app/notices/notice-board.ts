import type { Clock } from '../../core/ports.ts';
import type { Notice, NoticeLevel } from '../../shared/domain/system.ts';
import type { StoreClient } from '../../store/operations.ts';
import type { EventBus } from '../event-bus.ts';

/**
 * Lines an operator must not miss. One cause is one topic and has at most one open notice: a cause that repeats while
 * its notice is open says nothing new. Cleared by the code that raised it, once the cause is gone.
 */
export class NoticeBoard {
  readonly #store: StoreClient;
  readonly #clock: Clock;
  readonly #bus: EventBus;
  #open: readonly Notice[] = [];
  /** Keeps raise and clear of one topic in order. */
  #queue: Promise<void> = Promise.resolve();

  constructor(store: StoreClient, clock: Clock, bus: EventBus) {
    this.#store = store;
    this.#clock = clock;
    this.#bus = bus;
  }

  get notices(): readonly Notice[] {
    return this.#open;
  }

  async load(): Promise<void> {
    this.#open = await this.#store.call('notices.list', undefined);
  }

  raise(level: NoticeLevel, topic: string, text: string): Promise<void> {
    return this.#enqueue(async () => {
      const same = this.#open.some((notice) => notice.topic === topic && notice.clearedAtMs === null);
      if (same) return;
      await this.#store.call('notices.add', { atMs: this.#clock.epochMs(), level, topic, text });
    });
  }

  /** For a happening that is over as soon as it is told (a resumed job): shown, but nothing to wait for. */
  tell(level: NoticeLevel, topic: string, text: string): Promise<void> {
    return this.#enqueue(async () => {
      await this.#store.call('notices.add', { atMs: this.#clock.epochMs(), level, topic, text });
    });
  }

  clear(topic: string): Promise<void> {
    return this.#enqueue(async () => {
      await this.#store.call('notices.clear', { topic, atMs: this.#clock.epochMs() });
    });
  }

  dismiss(id: number): Promise<void> {
    return this.#enqueue(async () => {
      await this.#store.call('notices.dismiss', { id, atMs: this.#clock.epochMs() });
    });
  }

  #enqueue(change: () => Promise<void>): Promise<void> {
    const next = this.#queue.then(async () => {
      await change();
      await this.load();
      this.#bus.emit('notices.changed', this.#open);
    });
    this.#queue = next.catch(() => undefined);
    return next;
  }
}
