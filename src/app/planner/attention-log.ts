import { z } from 'zod';
import { lookedAt, type Attention } from '../../core/planner/attention.ts';
import type { StoreClient } from '../../store/operations.ts';

const KEY = 'planner-attention';
const SAVE_MS = 60_000;
const attentionSchema = z.object({
  onSinceMs: z.number(),
  lookedAtMs: z.number().nullable(),
  waitedMs: z.number().nullable(),
});

/** When people last looked at what each camera gives; kept over restarts, written once a minute at most. */
export class AttentionLog {
  readonly #store: StoreClient;
  readonly #cameras = new Map<string, Attention>();
  #savedAtMs = 0;
  #changed = false;

  constructor(store: StoreClient) {
    this.#store = store;
  }

  async load(): Promise<void> {
    const text = await this.#store.call('settings.get', { key: KEY });
    if (text === null) return;
    const parsed = z.record(z.string(), attentionSchema).safeParse(JSON.parse(text));
    if (parsed.success) for (const [id, attention] of Object.entries(parsed.data)) this.#cameras.set(id, attention);
  }

  of(cameraId: string): Attention | null {
    return this.#cameras.get(cameraId) ?? null;
  }

  /** Once a second: which cameras are on, and which of them somebody watches. */
  async look(on: readonly { readonly id: string; readonly isWatched: boolean }[], nowMs: number): Promise<void> {
    const ids = new Set(on.map(({ id }) => id));
    for (const id of this.#cameras.keys()) if (!ids.has(id)) this.#changed = this.#cameras.delete(id) || this.#changed;
    for (const { id, isWatched } of on) {
      if (!this.#cameras.has(id)) this.#set(id, { onSinceMs: nowMs, lookedAtMs: null, waitedMs: null });
      if (isWatched) this.read([id], nowMs);
    }
    if (this.#changed && nowMs - this.#savedAtMs >= SAVE_MS) await this.save(nowMs);
  }

  /** Somebody reads what these cameras found. */
  read(cameraIds: Iterable<string>, nowMs: number): void {
    for (const id of cameraIds) {
      const before = this.#cameras.get(id);
      if (before !== undefined) this.#set(id, lookedAt(before, nowMs));
    }
  }

  readAll(nowMs: number): void {
    this.read([...this.#cameras.keys()], nowMs);
  }

  /** What cannot be stored makes a finding come later, and nothing worse. */
  async save(nowMs: number): Promise<void> {
    this.#savedAtMs = nowMs;
    this.#changed = false;
    const value = JSON.stringify(Object.fromEntries(this.#cameras));
    await this.#store.call('settings.set', { key: KEY, value }).catch(() => undefined);
  }

  #set(id: string, attention: Attention): void {
    this.#cameras.set(id, attention);
    this.#changed = true;
  }
}
