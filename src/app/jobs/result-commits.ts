import type { ItemProgress, SourceCommit, StoreClient } from '../../store/operations.ts';
import type { FedItem } from './fed-item.ts';
import type { ItemsInFlight } from './items-in-flight.ts';
import type { RunMeter } from './run-meter.ts';

const FLUSH_MS = 250;
const FLUSH_ROWS = 2_000;

export interface ResultCommitsDeps {
  readonly store: StoreClient;
  readonly items: ItemsInFlight;
  readonly meter: RunMeter;
  /** The item's end is committed. */
  readonly closed: (key: string, fed: FedItem) => void;
  /** Something was committed. */
  readonly changed: () => void;
  /** A commit is over: there may be room for more items. */
  readonly over: () => void;
  /** The store did not take it. */
  readonly failed: (caught: unknown) => void;
}

/** Brings results to the store, with the cursors that cover them, in one transaction a few times a second. */
export class ResultCommits {
  readonly #deps: ResultCommitsDeps;
  #flushing: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #rowsWaiting = 0;
  #refuses = false;

  constructor(deps: ResultCommitsDeps) {
    this.#deps = deps;
  }

  /** One more result waits. */
  rowWaits(): void {
    this.#rowsWaiting += 1;
  }

  /** There is something to commit: soon, or at once where it is much. */
  soon(): void {
    if (this.#rowsWaiting >= FLUSH_ROWS) void this.flush();
    else {
      this.#timer ??= setTimeout(() => {
        this.#timer = null;
        void this.flush();
      }, FLUSH_MS);
    }
  }

  /** Resolves when the commit that is under way, or this one, is over. */
  flush(): Promise<void> {
    this.#flushing ??= this.#commit().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  /** Resolves when all that can be committed now is, or nothing can be any more. */
  async settled(): Promise<void> {
    // One that is under way may have begun before the last results came.
    await this.flush();
    await this.flush();
  }

  /**
   * Results that were taken out for a commit that failed are lost to this run. Nothing after them may be committed, or
   * an item could end with a hole in it; the next run begins at the store's cursors.
   */
  refuse(): void {
    this.#refuses = true;
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #commit(): Promise<void> {
    if (this.#refuses) return;
    const { store, items, meter, closed, changed, over, failed } = this.#deps;
    const commits: SourceCommit[] = [];
    const progress: ItemProgress[] = [];
    let frames = 0;
    let inherited = 0;
    let replayed = 0;
    for (const fed of items.toCommit()) {
      const taken = fed.takeCommit();
      if (taken === null) continue;
      if (taken.commit !== null) commits.push(taken.commit);
      progress.push(taken.progress);
      frames += taken.frames;
      inherited += taken.inherited;
      replayed += taken.replayed;
    }
    this.#rowsWaiting = Math.max(0, this.#rowsWaiting - frames - replayed);
    if (progress.length > 0) {
      try {
        const receipt = await store.call('results.commit', { commits, items: progress });
        meter.frames += receipt.newFrames;
        meter.inherited += inherited;
        meter.framesTwice += frames - receipt.newFrames;
      } catch (caught) {
        this.refuse();
        failed(caught);
        return;
      }
      for (const [key, fed] of items.takeClosed()) closed(key, fed);
      changed();
    }
    if (this.#rowsWaiting > 0) this.soon();
    over();
  }
}
