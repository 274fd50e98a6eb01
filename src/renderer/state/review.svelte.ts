import { SvelteMap } from 'svelte/reactivity';
import type { ReviewFilter, ReviewPage } from '../../shared/contract/calls.ts';
import type { ReviewEntry } from '../../shared/domain/review.ts';
import type { ErrorValue } from '../../shared/errors.ts';
import type { ApplicationState } from './application.svelte.ts';

export const openFilter: ReviewFilter = {
  kind: 'all',
  cameraIds: [],
  jobIds: [],
  labels: [],
  minScore: 0,
  sinceMs: null,
  untilMs: null,
  reviewed: 'any',
};

const pageSize = 100;
/** Pages kept: about 40 screens of cards around where somebody looks. */
const maxPages = 40;

/**
 * Results under a filter, by their place in the list. Pages are fetched where somebody looks and forgotten elsewhere, so
 * a million results cost what a screen of them costs. New results are announced (`news`) instead of moving the list.
 */
export class ReviewState {
  readonly #app: ApplicationState;
  #filter = $state.raw<ReviewFilter>(openFilter);
  #total = $state<number | null>(null);
  #labels = $state.raw<ReviewPage['labels']>([]);
  #error = $state.raw<ErrorValue | null>(null);
  #selected = $state<number | null>(null);
  #foundAtLoad = $state.raw({ events: 0, detections: 0 });
  readonly #pages = new SvelteMap<number, readonly ReviewEntry[]>();
  #underWay: readonly number[] = [];
  /** Answers to an older filter or an older list are thrown away. */
  #generation = 0;

  constructor(app: ApplicationState) {
    this.#app = app;
  }

  get filter(): ReviewFilter {
    return this.#filter;
  }
  /** Null before the first answer. */
  get total(): number | null {
    return this.#total;
  }
  get labels(): ReviewPage['labels'] {
    return this.#labels;
  }
  get error(): ErrorValue | null {
    return this.#error;
  }
  get selected(): number | null {
    return this.#selected;
  }
  get selectedEntry(): ReviewEntry | null {
    return this.#selected === null ? null : this.entry(this.#selected);
  }
  get isFiltered(): boolean {
    return JSON.stringify(this.#filter) !== JSON.stringify(openFilter);
  }
  /** Results found since the list was loaded, whether or not they pass the filter. */
  get news(): number {
    const { events, detections } = this.#app.found;
    return (
      (this.#filter.kind === 'detection' ? 0 : events - this.#foundAtLoad.events) +
      (this.#filter.kind === 'event' ? 0 : detections - this.#foundAtLoad.detections)
    );
  }

  /** Null: not here yet; ask with `need`. */
  entry(index: number): ReviewEntry | null {
    return this.#pages.get(Math.floor(index / pageSize))?.[index % pageSize] ?? null;
  }

  change(part: Partial<ReviewFilter>): void {
    this.#filter = { ...this.#filter, ...part };
    this.#selected = null;
    this.reload();
  }

  reset(): void {
    this.change(openFilter);
  }

  /** From the top again, with everything new. The old list stays visible until the answer is there. */
  reload(): void {
    this.#generation += 1;
    this.#underWay = [];
    this.#foundAtLoad = this.#app.found;
    void this.#load(0, true);
  }

  /** Rows [first, end) are in sight. */
  need(first: number, end: number): void {
    const firstPage = Math.floor(first / pageSize);
    const lastPage = Math.floor(Math.max(first, end - 1) / pageSize);
    for (let page = firstPage; page <= lastPage; page += 1) {
      if (!this.#pages.has(page) && !this.#underWay.includes(page)) void this.#load(page, false);
    }
    this.#forgetFarFrom(firstPage);
  }

  select(index: number | null): void {
    if (index === null || this.#total === null || this.#total === 0) {
      this.#selected = null;
      return;
    }
    this.#selected = Math.min(Math.max(0, index), this.#total - 1);
    this.need(this.#selected, this.#selected + 1);
  }

  async mark(index: number, reviewed: boolean): Promise<ErrorValue | null> {
    const entry = this.entry(index);
    if (entry?.kind !== 'event') return null;
    const answer = await this.#app.call('review.mark', { eventIds: [entry.id], reviewed });
    if (!answer.ok) return answer.error;
    const page = Math.floor(index / pageSize);
    const entries = this.#pages.get(page);
    if (entries === undefined) return null;
    this.#pages.set(
      page,
      entries.map((other) => (other.kind === 'event' && other.id === entry.id ? { ...other, reviewed } : other)),
    );
    return null;
  }

  async #load(page: number, isFresh: boolean): Promise<void> {
    const generation = this.#generation;
    this.#underWay = [...this.#underWay, page];
    const answer = await this.#app.call('review.list', {
      filter: this.#filter,
      offset: page * pageSize,
      limit: pageSize,
    });
    if (generation !== this.#generation) return;
    this.#underWay = this.#underWay.filter((other) => other !== page);
    if (!answer.ok) {
      this.#error = answer.error;
      return;
    }
    this.#error = null;
    if (isFresh) {
      this.#pages.clear();
      this.#total = answer.value.total;
      this.#labels = answer.value.labels;
    }
    this.#pages.set(page, answer.value.entries);
  }

  #forgetFarFrom(page: number): void {
    if (this.#pages.size <= maxPages) return;
    const farthest = [...this.#pages.keys()].toSorted((a, b) => Math.abs(b - page) - Math.abs(a - page));
    for (const other of farthest.slice(0, this.#pages.size - maxPages)) this.#pages.delete(other);
  }
}
