import type { Frame } from 'node-av/lib';
import { FrameScaler, planeOf } from './frame-scaler.ts';

/** The picture is looked at through this many cells; a person who is far away fills one or two. */
export const meansColumns = 64;
const columns = meansColumns;
const rows = 48;
const cells = columns * rows;

/**
 * A cell has changed when its mean brightness differs by more than this (of 255). The mean over a cell's pixels takes
 * sensor noise of several levels down to a fraction of one; what coding leaves behind in a still scene stays below it.
 */
const tolerance = 6;

/**
 * How much of a picture has changed, by frame differencing on block means: both pictures are averaged down to a small
 * grid of brightness, and cells that differ by more than the noise are counted. This is the difference detector of
 * NoScope (Kang et al., VLDB 2017) with a block threshold in place of its one mean square error, because one small object
 * must count as much in a large picture as in a small one.
 *
 * It remembers two pictures: the previous one, for how much moves now, and the last one that was run, so that a change
 * which comes slowly is seen once it has added up.
 */
export class MotionMeter {
  readonly #scaler = FrameScaler.toMeans(columns, rows);
  #now = new Uint8Array(cells);
  #previous = new Uint8Array(cells);
  readonly #run = new Uint8Array(cells);
  #measured = 0;
  #hasRun = false;

  /** @returns the share of the picture that changed since the previous one, 0..1; 1 for the first one. */
  measure(frame: Frame): number {
    [this.#now, this.#previous] = [this.#previous, this.#now];
    const { bytes, strideBytes } = planeOf(this.#scaler.scale(frame));
    for (let row = 0; row < rows; row++) {
      const from = row * strideBytes;
      this.#now.set(bytes.subarray(from, from + columns), row * columns);
    }
    return this.#measured++ === 0 ? 1 : changedCells(this.#now, this.#previous) / cells;
  }

  /** Brightness of the measured picture, 48 rows of `meansColumns` block means; valid until the next is measured. */
  get means(): Uint8Array {
    return this.#now;
  }

  /** Nothing in the measured picture differs from the last one that was run. */
  get isAsRun(): boolean {
    return this.#hasRun && changedCells(this.#now, this.#run) === 0;
  }

  /** The measured picture is going to be run. */
  remember(): void {
    this.#run.set(this.#now);
    this.#hasRun = true;
  }

  /** The next picture is to be run whatever it shows. */
  forget(): void {
    this.#hasRun = false;
  }

  close(): void {
    this.#scaler.close();
  }
}

function changedCells(a: Uint8Array, b: Uint8Array): number {
  let changed = 0;
  for (let cell = 0; cell < cells; cell++) if (Math.abs(a[cell]! - b[cell]!) > tolerance) changed++;
  return changed;
}
