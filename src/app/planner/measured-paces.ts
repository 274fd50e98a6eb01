import { z } from 'zod';
import { schedulingModes, type SchedulingMode } from '../../shared/domain/lanes.ts';
import type { StoreClient } from '../../store/operations.ts';

const key = 'planner-measured';

/** What was measured end to end of one model and tier on this machine. */
const measuredWorkSchema = z.object({
  endToEnd: z.object({ imagesPerSecond: z.number().positive(), measuredAtMs: z.number() }).nullable(),
  /** Archive pictures a second beside cameras / those that the cameras leave time for, by mode. */
  kept: z.partialRecord(z.enum(schedulingModes), z.number().positive()),
  announceMs: z.number().min(0).nullable(),
});
export type MeasuredWork = z.infer<typeof measuredWorkSchema>;

const nothing: MeasuredWork = { endToEnd: null, kept: {}, announceMs: null };
/** A new measurement counts as much as all before it: conditions change, and one window may be a bad one. */
const newestShare = 0.5;

/** Figures of real runs, kept over restarts. They are few: one entry a model and tier. */
export class MeasuredPaces {
  readonly #store: StoreClient;
  readonly #works = new Map<string, MeasuredWork>();

  constructor(store: StoreClient) {
    this.#store = store;
  }

  async load(): Promise<void> {
    const text = await this.#store.call('settings.get', { key });
    if (text === null) return;
    const parsed = z.record(z.string(), measuredWorkSchema).safeParse(JSON.parse(text));
    // Of another version: it is measured again.
    if (parsed.success) for (const [work, measured] of Object.entries(parsed.data)) this.#works.set(work, measured);
  }

  of(work: string): MeasuredWork {
    return this.#works.get(work) ?? nothing;
  }

  alone(work: string, imagesPerSecond: number, nowMs: number): void {
    const before = this.of(work).endToEnd?.imagesPerSecond ?? null;
    this.#set(work, { endToEnd: { imagesPerSecond: smooth(before, imagesPerSecond), measuredAtMs: nowMs } });
  }

  beside(work: string, mode: SchedulingMode, keptShare: number): void {
    const { kept } = this.of(work);
    this.#set(work, { kept: { ...kept, [mode]: smooth(kept[mode] ?? null, keptShare) } });
  }

  announced(work: string, announceMs: number): void {
    this.#set(work, { announceMs: smooth(this.of(work).announceMs, announceMs) });
  }

  /** What cannot be stored is measured again. */
  async save(): Promise<void> {
    if (this.#works.size === 0) return;
    const value = JSON.stringify(Object.fromEntries(this.#works));
    await this.#store.call('settings.set', { key, value }).catch(() => undefined);
  }

  #set(work: string, change: Partial<MeasuredWork>): void {
    this.#works.set(work, { ...this.of(work), ...change });
  }
}

const smooth = (before: number | null, measured: number): number =>
  before === null ? measured : before + newestShare * (measured - before);
