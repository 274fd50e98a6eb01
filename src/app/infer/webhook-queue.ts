import type { Log } from '../ports.ts';
import type { PostWebhook } from './webhook.ts';

const mostAtOnce = 4;
/** After the first try, with up to half as much again, so that many that failed together do not come back together. */
const retryAfterMs = [1_000, 5_000, 25_000] as const;

interface Delivery {
  readonly id: string;
  readonly url: string;
  readonly body: string;
  tries: number;
}

export interface WebhookQueueOptions {
  readonly post: PostWebhook;
  readonly random: () => number;
  readonly log: Log;
  /** The end of it: delivered, or given up after the last try. */
  readonly ended: (id: string, delivered: boolean) => void;
}

/** Webhooks on their way: four at a time, each tried four times. What is in it is bounded by whoever adds. */
export class WebhookQueue {
  readonly #options: WebhookQueueOptions;
  readonly #waiting: Delivery[] = [];
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #working = 0;
  #closed = false;

  constructor(options: WebhookQueueOptions) {
    this.#options = options;
  }

  add(id: string, url: string, body: string): void {
    this.#waiting.push({ id, url, body, tries: 0 });
    this.#next();
  }

  /** Not delivered, not in work. */
  get size(): number {
    return this.#waiting.length + this.#working + this.#timers.size;
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #next(): void {
    while (!this.#closed && this.#working < mostAtOnce) {
      const delivery = this.#waiting.shift();
      if (delivery === undefined) return;
      this.#working += 1;
      void this.#deliver(delivery).finally(() => {
        this.#working -= 1;
        this.#next();
      });
    }
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { post, random, log, ended } = this.#options;
    const posted = await post(delivery.url, delivery.body);
    if (this.#closed) return; // it is due again at the next start
    if (posted.ok) {
      ended(delivery.id, true);
      return;
    }
    const delayMs = retryAfterMs[delivery.tries];
    delivery.tries += 1;
    log.warn('a webhook was not taken', { review: delivery.id, tries: delivery.tries, reason: posted.reason });
    if (delayMs === undefined) {
      ended(delivery.id, false);
      return;
    }
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.#waiting.push(delivery);
        this.#next();
      },
      delayMs * (1 + random() / 2),
    );
    this.#timers.add(timer);
  }
}
