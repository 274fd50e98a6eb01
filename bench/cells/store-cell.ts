import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { openStore, type OpenedStore } from '../../src/store/client.ts';
import { openDatabase } from '../../src/store/open-database.ts';
import { cpuMs } from '../engine/cpu-time.ts';
import type { ResultRow } from '../../src/store/operations.ts';
import { commitRows, makeItems, rowsFrom, type StoreItem } from './store-rows.ts';

export const storeWorkerFile = new URL('../../src/store/worker.ts', import.meta.url);

const framesPerCommit = 500;
const boxesPerFrame = 4;
export const rowsPerCommit = framesPerCommit * boxesPerFrame;

export interface StoreSample {
  readonly productRowsPerSecond: number;
  readonly bareRowsPerSecond: number;
}

/**
 * How much of SQLite's own speed the store keeps: `results.commit`, message to COMMIT, 2,000 boxes a transaction,
 * against a bare better-sqlite3 loop that inserts the same rows into the same schema with the same pragmas. In turns.
 */
export class StoreCell {
  readonly #store: OpenedStore;
  readonly #bare: Database.Database;
  readonly #item: StoreItem;
  readonly #thinItem: StoreItem;
  readonly #writeBare: (rows: readonly ResultRow[]) => void;
  #frame = 0;
  #thinFrame = 0;

  private constructor(store: OpenedStore, bare: Database.Database, items: readonly [StoreItem, StoreItem]) {
    this.#store = store;
    this.#bare = bare;
    [this.#item, this.#thinItem] = items;
    const insert = bare.prepare('INSERT INTO detections VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#writeBare = bare.transaction((rows: readonly ResultRow[]) => {
      for (const { frame, detections } of rows) {
        detections.forEach(({ classIndex, score, box: [x, y, width, height] }, ordinal) => {
          const [left, top, w, h] = [x, y, width, height].map((side) => Math.round(side * 100));
          insert.run(1, frame, ordinal, classIndex, Math.round(score * 10_000), left, top, w, h, null, 0);
        });
      }
    });
  }

  static async open(folder: string): Promise<StoreCell> {
    const store = await openStore({ dataDir: join(folder, 'store'), workerFile: storeWorkerFile });
    const [item, thinItem] = await makeItems(store, 2);
    if (item === undefined || thinItem === undefined) throw new Error('the store did not make its items');
    const cell = new StoreCell(store, openDatabase({ file: join(folder, 'bare.db') }), [item, thinItem]);
    await cell.measure(4); // warms both
    return cell;
  }

  async measure(commits: number): Promise<StoreSample> {
    let [productMs, bareMs] = [0, 0];
    for (let turn = 0; turn < commits; turn++) {
      const rows = rowsFrom(this.#frame, framesPerCommit, boxesPerFrame);
      this.#frame += framesPerCommit;
      let startMs = performance.now();
      await commitRows(this.#store, this.#item, rows);
      productMs += performance.now() - startMs;
      startMs = performance.now();
      this.#writeBare(rows);
      bareMs += performance.now() - startMs;
    }
    const rate = (elapsedMs: number): number => (commits * rowsPerCommit * 1000) / elapsedMs;
    return { productRowsPerSecond: rate(productMs), bareRowsPerSecond: rate(bareMs) };
  }

  /** Processor time of the store for one analysed frame of a scan: commits of so many frames, as a job flushes them. */
  async coreMsPerFrame(framesAFlush: number, detectionsPerFrame: number): Promise<number> {
    const flushes = 8;
    const batches = Array.from({ length: flushes }, (_, index) =>
      rowsFrom(this.#thinFrame + index * framesAFlush, framesAFlush, Math.round(detectionsPerFrame)),
    );
    this.#thinFrame += flushes * framesAFlush;
    const before = cpuMs();
    for (const rows of batches) await commitRows(this.#store, this.#thinItem, rows);
    return (cpuMs() - before) / (flushes * framesAFlush);
  }

  async close(): Promise<void> {
    this.#bare.close();
    await this.#store.close();
  }
}
