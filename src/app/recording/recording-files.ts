import { readdir, rmdir, statfs, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DiskSpace } from '../../core/recording/retention.ts';
import { startOfSegment } from '../../core/recording/segment-names.ts';
import type { EngineReplies } from '../../shared/engine/protocol.ts';
import type { StoreClient } from '../../store/operations.ts';
import type { Log } from '../ports.ts';

export interface RecordingFilesDeps {
  readonly store: StoreClient;
  /** Asks the engine to cut an unfinished file behind its last whole fragment. */
  readonly mend: (path: string) => Promise<EngineReplies['mend-recording']>;
  readonly log: Log;
  readonly folder: string;
}

/** The files below the recordings folder and their rows, kept the same over crashes. */
export class RecordingFiles {
  readonly #deps: RecordingFilesDeps;

  constructor(deps: RecordingFilesDeps) {
    this.#deps = deps;
  }

  /** Where a row's file lies. */
  path(file: string): string {
    return join(this.#deps.folder, ...file.split('/'));
  }

  /** Null where the system does not say. */
  async disk(): Promise<DiskSpace | null> {
    const { folder } = this.#deps;
    const stats = await statfs(folder).catch(() => statfs(dirname(folder)).catch(() => null));
    return stats === null ? null : { freeBytes: stats.bavail * stats.bsize, totalBytes: stats.blocks * stats.bsize };
  }

  /**
   * Ends what nobody ended: files that were being written get the length that can be played, begun deletions are
   * finished. `isOpen`: is being written by this process.
   */
  async recover(isOpen: (file: string) => boolean): Promise<{ mended: number; removed: number }> {
    const { store, log } = this.#deps;
    let mended = 0;
    const leaving: number[] = [];
    for (const { id, cameraId, file, startMs, state } of await store.call('recordings.unfinished', undefined)) {
      if (isOpen(file)) continue;
      if (state === 'leaving') {
        if (await this.#unlink(file)) leaving.push(id);
      } else if (await this.#mend({ cameraId, file, startMs })) mended += 1;
    }
    if (leaving.length > 0) await store.call('recordings.forget', { ids: leaving, reason: 'deleted' });
    if (mended + leaving.length > 0) log.info('recordings recovered', { mended, removed: leaving.length });
    return { mended, removed: leaving.length };
  }

  /**
   * Takes in files that have no row: one that was begun in the moment of a crash, or all after a lost database. Files
   * from `beforeMs` on are left alone: one may be written that nobody has told of yet, and mending would cut or remove it.
   */
  async adopt(isOpen: (file: string) => boolean, beforeMs: number): Promise<number> {
    const { store, log } = this.#deps;
    let adopted = 0;
    for (const cameraId of await names(this.#deps.folder)) {
      for (const day of await names(join(this.#deps.folder, cameraId))) {
        const prefix = `${cameraId}/${day}/`;
        const found = (await names(join(this.#deps.folder, cameraId, day))).filter((name) => name.endsWith('.mp4'));
        if (found.length === 0) continue;
        const known = new Set(await store.call('recordings.filesIn', { prefix }));
        for (const name of found) {
          const file = `${prefix}${name}`;
          const startMs = startOfSegment(`${day}/${name}`);
          if (startMs === null || startMs >= beforeMs || known.has(file) || isOpen(file)) continue;
          if (await this.#mend({ cameraId, file, startMs })) adopted += 1;
        }
      }
    }
    if (adopted > 0) log.warn('recordings without a row were taken in', { files: adopted });
    return adopted;
  }

  /**
   * In an order that survives a crash: the rows are marked, the files unlinked, the rows removed. What was kept meanwhile
   * stays. @returns ids of those that are gone
   */
  async remove(segments: readonly { readonly id: number; readonly file: string }[]): Promise<readonly number[]> {
    const { store } = this.#deps;
    const leaving = new Set(await store.call('recordings.leave', { ids: segments.map(({ id }) => id) }));
    const gone: number[] = [];
    for (const { id, file } of segments) if (leaving.has(id) && (await this.#unlink(file))) gone.push(id);
    await store.call('recordings.forget', { ids: gone, reason: 'deleted' });
    for (const folder of new Set(segments.map(({ file }) => dirname(this.path(file))))) {
      await rmdir(folder).catch(() => undefined); // not empty yet
    }
    return gone;
  }

  async #mend(segment: { cameraId: string; file: string; startMs: number }): Promise<boolean> {
    const { store, mend, log } = this.#deps;
    const { cameraId, file, startMs } = segment;
    try {
      const { bytes, durationMs } = await mend(this.path(file));
      if (bytes === 0) await store.call('recordings.drop', { file });
      else await store.call('recordings.close', { cameraId, file, startMs, endMs: startMs + durationMs, bytes });
      return bytes > 0;
    } catch (caught) {
      log.warn('a recording could not be looked at', { file, reason: String(caught) });
      return false;
    }
  }

  async #unlink(file: string): Promise<boolean> {
    try {
      await unlink(this.path(file));
      return true;
    } catch (caught) {
      if ((caught as NodeJS.ErrnoException).code === 'ENOENT') return true;
      this.#deps.log.warn('a recording could not be deleted', { file, reason: String(caught) });
      return false;
    }
  }
}

const names = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
