import { join } from 'node:path';
import { openStore, type OpenedStore } from '../../src/store/client.ts';
import type { ReviewFilter } from '../../src/shared/contract/calls.ts';
import { median } from '../statistics/quantile.ts';
import { storeWorkerFile } from './store-cell.ts';
import { commitRows, makeItems, rowsFrom } from './store-rows.ts';

const boxesPerFrame = 4;
const framesPerCommit = 2_500;
const framesPerItem = 10_000;
const timesEach = 5;

const everything = { jobId: null, cameraId: null, sinceMs: null, untilMs: null };
const anyDetection: ReviewFilter = {
  kind: 'all',
  cameraIds: [],
  jobIds: [],
  labels: [],
  minScore: 0,
  sinceMs: null,
  untilMs: null,
  reviewed: 'any',
};

/** What a report or the dashboard asks the store, over a store with so many detections. */
export class QueryCell {
  readonly #store: OpenedStore;
  readonly rows: number;

  private constructor(store: OpenedStore, rows: number) {
    this.#store = store;
    this.rows = rows;
  }

  /** Writes the rows through the product's own operation; about 300,000 a second. */
  static async fill(folder: string, rows: number, progress: (share: number) => void): Promise<QueryCell> {
    const store = await openStore({ dataDir: join(folder, 'query'), workerFile: storeWorkerFile });
    const frames = Math.ceil(rows / boxesPerFrame);
    const items = await makeItems(store, Math.ceil(frames / framesPerItem));
    let written = 0;
    for (const item of items) {
      for (let first = 0; first < framesPerItem && written < frames; first += framesPerCommit) {
        await commitRows(store, item, rowsFrom(first, framesPerCommit, boxesPerFrame));
        written += framesPerCommit;
        progress(Math.min(1, written / frames));
      }
    }
    const { detections } = await store.call('store.status', undefined);
    return new QueryCell(store, detections);
  }

  /** Median time of each query, from the call to its answer in the control plane. */
  async measure(): Promise<Readonly<Record<string, number>>> {
    const queries: Readonly<Record<string, () => Promise<unknown>>> = {
      totals: () => this.#store.call('report.totals', everything),
      density: () => this.#store.call('report.density', everything),
      coverage: () => this.#store.call('report.coverage', { scope: everything, offset: 0, limit: 100 }),
      rows: () => this.#store.call('report.rows', { scope: everything, after: null, limit: 100 }),
      review: () => this.#store.call('review.list', { filter: anyDetection, offset: 0, limit: 100 }),
    };
    const found: Record<string, number> = {};
    for (const [name, query] of Object.entries(queries)) {
      const times: number[] = [];
      for (let time = 0; time < timesEach; time++) {
        const startMs = performance.now();
        await query();
        times.push(performance.now() - startMs);
      }
      found[name] = median(times);
    }
    return found;
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
