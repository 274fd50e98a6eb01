import type { Clock } from '../../core/ports.ts';
import type { FailureKind } from '../../shared/domain/job.ts';
import type { StoreClient, StoredItem } from '../../store/operations.ts';
import { ItemRetries } from './item-retries.ts';

const PAGE_ITEMS = 200;

/**
 * What is to be fed next: items that come back, those whose retry is due, then the ledger from its beginning. While the
 * ledger is being written its end is no end: what is added stands behind.
 */
export class ItemSource {
  readonly #store: StoreClient;
  readonly #jobId: string;
  readonly #retries: ItemRetries;
  #again: StoredItem[] = [];
  #lastItemId = 0;
  #ledgerWhole = false;
  #ledgerDry = false;

  /** `retryDue`: `next` has something that it did not have before. */
  constructor(store: StoreClient, jobId: string, clock: Clock, random: () => number, retryDue: () => void) {
    this.#store = store;
    this.#jobId = jobId;
    this.#retries = new ItemRetries(clock, random, retryDue);
  }

  /** Null: nothing can be fed now. */
  async next(): Promise<StoredItem | null> {
    const again = this.#again.shift() ?? this.#retries.take();
    if (again !== undefined) return again;
    if (this.#ledgerDry) return null;
    const isWhole = this.#ledgerWhole;
    const page = await this.#store.call('items.page', {
      jobId: this.#jobId,
      states: ['pending'],
      afterId: this.#lastItemId,
      limit: PAGE_ITEMS,
    });
    const last = page[page.length - 1];
    if (last === undefined) {
      this.#ledgerDry = isWhole;
      return null;
    }
    this.#lastItemId = last.id;
    this.#again.push(...page);
    return this.#again.shift() ?? null;
  }

  /** Nothing is added to the ledger any more. */
  ledgerIsWhole(): void {
    this.#ledgerWhole = true;
  }

  /** They go before everything else. */
  putBack(items: readonly StoredItem[]): void {
    this.#again = [...items, ...this.#again];
  }

  /** False: this kind of failure is permanent, or it was tried often enough. */
  retryLater(item: StoredItem, kind: FailureKind): boolean {
    return this.#retries.add(item, kind);
  }

  /** The ledger is at its end, and no item comes back. */
  get isEmpty(): boolean {
    return this.#ledgerDry && this.#again.length === 0 && this.#retries.isEmpty;
  }

  close(): void {
    this.#retries.close();
  }
}
