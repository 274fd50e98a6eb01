import type { EventMessage, EventName, Events } from '../shared/contract/events.ts';
import type { Log } from './ports.ts';

/** The one emitter of the application. A throwing listener is logged; it never disturbs the emitter or the others. */
export class EventBus {
  readonly #listeners = new Set<(message: EventMessage) => void>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  subscribe(listener: (message: EventMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit<K extends EventName>(event: K, payload: Events[K]): void {
    const message = { event, payload } as EventMessage;
    for (const listener of [...this.#listeners]) {
      try {
        listener(message);
      } catch (caught) {
        this.#log.error('event listener failed', { event, error: String(caught) });
      }
    }
  }
}
