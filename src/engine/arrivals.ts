import type { FromEngine, LostFrames, Ticket } from '../shared/engine/protocol.ts';
import type { Ingest, IngestNews } from './ingest/ports.ts';

/** News that must not overtake the tickets that came before it. */
const endings: readonly IngestNews['type'][] = ['unchanged', 'item-ended', 'item-failed', 'camera-closed'];

/**
 * Tells the control plane what ingest has brought. Tickets are collected by `drain` and sent by whoever drained; the news
 * of the same drain goes around them: openings and pictures at once, endings only when `settle` says that the tickets are
 * on their way. So an item's end is never heard before its last ticket.
 */
export class Arrivals {
  readonly #ingest: Ingest;
  readonly #send: (message: FromEngine) => void;
  #endings: IngestNews[] = [];

  constructor(ingest: Ingest, send: (message: FromEngine) => void) {
    this.#ingest = ingest;
    this.#send = send;
    ingest.onNews((news) => {
      if (endings.includes(news.type)) this.#endings.push(news);
      else send(news);
    });
    ingest.onArrival(() => this.announce());
  }

  /** The slot is idle: what has come is told in a message of its own. */
  announce(): void {
    const { tickets, lost } = this.drain();
    if (tickets.length > 0 || lost.length > 0) this.#send({ type: 'tickets', tickets, lost });
    this.settle();
  }

  drain(): { readonly tickets: readonly Ticket[]; readonly lost: readonly LostFrames[] } {
    return this.#ingest.drain();
  }

  settle(): void {
    const settled = this.#endings;
    this.#endings = [];
    for (let index = 0; index < settled.length; index++) {
      let news = settled[index]!;
      // Neighbours go in one message.
      for (let next = settled[index + 1]; news.type === 'unchanged' && next?.type === 'unchanged';) {
        news = { type: 'unchanged', frames: [...news.frames, ...next.frames] };
        next = settled[++index + 1];
      }
      this.#send(news);
    }
  }
}
