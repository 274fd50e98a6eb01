import type { ShedStep } from '../../shared/domain/lanes.ts';
import type { ShedRecord } from '../../shared/domain/timeline.ts';

/** Newest records in memory; older ones are in the store alone. */
const mostKept = 4_096;
/** Records that wait for the store; if it takes none, the oldest are given up. */
const mostPending = 10_000;

interface Entry {
  readonly atMs: number;
  readonly step: ShedStep;
  readonly camera: string | null;
  frames: number;
  why: string;
  /** The store has been told; what is added from now on is a record of its own. */
  told: boolean;
}

/** What gave way, joined to one record a step, camera and second; kept for a while, and handed to the store. */
export class ShedLog {
  #kept: Entry[] = [];
  #pending: Entry[] = [];
  #fromMs = Infinity;
  #givenUp = 0;

  /** Epoch ms from which on every record of this process is here; infinite: there was none. */
  get fromMs(): number {
    return this.#fromMs;
  }

  get pending(): { readonly waiting: number; readonly bound: number; readonly givenUp: number } {
    return { waiting: this.#pending.length, bound: mostPending, givenUp: this.#givenUp };
  }

  add({ atMs, step, camera, frames, why }: ShedRecord): void {
    const second = Math.floor(atMs / 1000);
    // Records of one second stand at the end, a few for every camera. One without frames says that a step began or ended.
    for (let index = this.#pending.length - 1; index >= 0 && frames > 0; index -= 1) {
      const entry = this.#pending[index] as Entry;
      if (Math.floor(entry.atMs / 1000) !== second) break;
      if (entry.told || entry.frames === 0 || entry.step !== step || entry.camera !== camera) continue;
      entry.frames += frames;
      entry.why = why;
      return;
    }
    const entry: Entry = { atMs, step, camera, frames, why, told: false };
    this.#kept.push(entry);
    this.#wait(entry);
    this.#fromMs = Math.min(this.#fromMs, atMs);
    if (this.#kept.length <= 2 * mostKept) return;
    this.#kept = this.#kept.slice(-mostKept);
    this.#fromMs = this.#kept.reduce((first, kept) => Math.min(first, kept.atMs), Infinity);
  }

  /** In [fromMs, toMs), oldest first. */
  read(fromMs: number, toMs: number): readonly ShedRecord[] {
    return this.#kept.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).map(recordOf);
  }

  /** What the store has not been told; it is forgotten here. */
  takePending(): readonly ShedRecord[] {
    for (const entry of this.#pending) entry.told = true;
    return this.#pending.splice(0).map(recordOf);
  }

  /** The store did not take them. */
  giveBack(records: readonly ShedRecord[]): void {
    const newer = this.#pending;
    this.#pending = [];
    for (const record of records) this.#wait({ ...record, told: true });
    for (const entry of newer) this.#wait(entry);
  }

  #wait(entry: Entry): void {
    if (this.#pending.length >= mostPending) {
      this.#pending.shift();
      this.#givenUp += 1;
    }
    this.#pending.push(entry);
  }
}

const recordOf = ({ atMs, step, camera, frames, why }: Entry): ShedRecord => ({ atMs, step, camera, frames, why });
