import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stillWidths } from '../../shared/contract/media.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { StoreClient } from '../../store/operations.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { Still } from '../app.ts';

const CACHE_BYTES = 64 * 1024 * 1024;
const STILL_LIMIT_MS = 10_000;

/**
 * Pictures for people. A live event's best picture was written to disk while the camera showed it; an archive
 * detection's is made from the item itself when somebody looks, and kept in memory (newest 64 MiB).
 */
export class StillService {
  readonly #store: StoreClient;
  readonly #engine: EngineHost;
  readonly #folder: string;
  readonly #cache = new Map<string, Uint8Array>();
  readonly #underWay = new Map<string, Promise<Still | null>>();
  #cachedBytes = 0;

  constructor(store: StoreClient, engine: EngineHost, dataDir: string) {
    this.#store = store;
    this.#engine = engine;
    this.#folder = join(dataDir, 'snapshots');
  }

  /** The best picture of an event, whole or not at all. */
  async saveSnapshot(eventId: number, jpeg: Uint8Array): Promise<void> {
    const file = this.#snapshotFile(eventId);
    await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
    await writeFile(`${file}.part`, jpeg, { mode: 0o600 });
    await rename(`${file}.part`, file);
  }

  async still(kind: 'event' | 'detection', id: string, width: number): Promise<Still | null> {
    if (!(stillWidths as readonly number[]).includes(width)) {
      throw new NightshiftError({
        kind: 'bad-input',
        message: `Pictures come ${stillWidths.join(', ')} pixels wide.`,
        where: String(width),
      });
    }
    if (kind === 'event') return this.#snapshot(id);
    const key = `${id} ${String(width)}`;
    const cached = this.#cache.get(key);
    if (cached !== undefined) {
      this.#cache.delete(key);
      this.#cache.set(key, cached);
      return { jpeg: cached, immutable: true };
    }
    const underWay = this.#underWay.get(key) ?? this.#make(key, id, width);
    this.#underWay.set(key, underWay);
    return underWay;
  }

  async #snapshot(id: string): Promise<Still | null> {
    if (!/^\d{1,15}$/.test(id)) return null;
    const jpeg = await readFile(this.#snapshotFile(Number(id))).catch(() => null);
    if (jpeg === null) return null;
    const event = await this.#store.call('events.get', { id: Number(id) });
    return { jpeg, immutable: event?.endMs != null };
  }

  async #make(key: string, id: string, width: number): Promise<Still | null> {
    try {
      const place = await this.#store.call('review.locate', { id });
      if (place === null) return null;
      const timeMs = place.kind === 'video' ? place.timeMs : null;
      const { jpeg } = await this.#engine.request(
        { type: 'still', path: place.path, timeMs, maxWidth: width },
        STILL_LIMIT_MS,
      );
      this.#keep(key, jpeg);
      return { jpeg, immutable: true };
    } finally {
      this.#underWay.delete(key);
    }
  }

  #keep(key: string, jpeg: Uint8Array): void {
    this.#cache.set(key, jpeg);
    this.#cachedBytes += jpeg.byteLength;
    for (const [oldKey, old] of this.#cache) {
      if (this.#cachedBytes <= CACHE_BYTES) return;
      this.#cache.delete(oldKey);
      this.#cachedBytes -= old.byteLength;
    }
  }

  /** Thousands of files in one folder are slow to list: one folder a thousand events. */
  #snapshotFile(eventId: number): string {
    return join(this.#folder, String(Math.floor(eventId / 1000)), `${String(eventId)}.jpg`);
  }
}
