import type { WorkShape } from '../../core/scheduler/work-shape.ts';
import { laneSizes } from './ladder.ts';

/** Of the time that the archive has run, and of what is known to be left of it, so much may go into warming wider sizes. */
const shareOfRun = 0.1;
/** Ahead of that share, a size must save so many times what its warm-up costs: what it saves is a prediction. */
const repaidTimes = 2;
/** A smaller gain a picture is noise, as in the cost model. */
const leastGain = 0.03;

interface Spending {
  ranMs: number;
  ranFrames: number;
  warmedMs: number;
}

export interface WarmUpWorthOptions {
  /** Median of a size that is warm; null where it is not. */
  readonly runMs: (shape: WorkShape, batch: number) => number | null;
  /** Median of a size as far as it is known, also of an engine or a process before this one. */
  readonly knownMs: (shape: WorkShape, batch: number) => number | null;
  /** At most so many pictures of all scans are left; null: nobody knows. */
  readonly left: () => number | null;
}

/**
 * Whether a wider archive size is worth its warm-up now. A short scan must not pay for sizes that it will hardly use, a
 * long one is to have them: so either the pictures that are left repay it, or it stays within a tenth of what has run.
 */
export class WarmUpWorth {
  readonly #options: WarmUpWorthOptions;
  /** By model and input: what one size of pictures ran for warms nothing of another. */
  readonly #spent = new Map<string, Spending>();

  constructor(options: WarmUpWorthOptions) {
    this.#options = options;
  }

  ran({ costKey }: WorkShape, frames: number, slotMs: number): void {
    const spending = this.#of(costKey);
    spending.ranMs += slotMs;
    spending.ranFrames += frames;
  }

  warmed({ costKey }: WorkShape, slotMs: number): void {
    this.#of(costKey).warmedMs += slotMs;
  }

  /** One run of a size that is to be warmed, as far as it can be told, in ms; null: nothing of the shape was ever run. */
  expectedMs(shape: WorkShape, batch: number): number | null {
    const known = this.#options.knownMs(shape, batch);
    if (known !== null) return known;
    const narrower = laneSizes('archive').filter((size) => size < batch);
    for (const size of narrower.reverse()) {
      const runMs = this.#options.runMs(shape, size);
      if (runMs !== null) return (runMs * batch) / size;
    }
    return null;
  }

  /** `costMs`: all of its warm-up that is still to come. */
  isWorthIt(shape: WorkShape, batch: number, costMs: number): boolean {
    const { ranMs, ranFrames, warmedMs } = this.#of(shape.costKey);
    const pictureMs = this.#bestPictureMs(shape);
    if (pictureMs === null) return true; // without its smallest size nothing runs at all
    const left = this.#options.left();
    const gainMs = pictureMs - this.#pictureMsAt(shape, batch);
    // Where nobody knows what is left, as much is expected as there was.
    if (gainMs > leastGain * pictureMs && gainMs * (left ?? ranFrames) >= repaidTimes * costMs) return true;
    if (left !== null && costMs > shareOfRun * left * pictureMs) return false;
    return warmedMs + costMs <= shareOfRun * ranMs;
  }

  #bestPictureMs(shape: WorkShape): number | null {
    let best: number | null = null;
    for (const size of laneSizes('archive')) {
      const runMs = this.#options.runMs(shape, size);
      if (runMs !== null) best = Math.min(best ?? Infinity, runMs / size);
    }
    return best;
  }

  /**
   * As known, else by the two sizes before it: with a fixed part in every call, each doubling saves half of what the one
   * before it saved. Infinite where neither is known: nothing is to be gained for sure.
   */
  #pictureMsAt(shape: WorkShape, batch: number): number {
    const { knownMs } = this.#options;
    const known = knownMs(shape, batch);
    if (known !== null) return known / batch;
    const [half, quarter] = [knownMs(shape, batch / 2), batch < 4 ? null : knownMs(shape, batch / 4)];
    if (half === null || quarter === null) return Infinity;
    const halfMs = half / (batch / 2);
    return halfMs - (quarter / (batch / 4) - halfMs) / 2;
  }

  #of(costKey: string): Spending {
    let spending = this.#spent.get(costKey);
    if (spending === undefined) {
      spending = { ranMs: 0, ranFrames: 0, warmedMs: 0 };
      this.#spent.set(costKey, spending);
    }
    return spending;
  }
}
