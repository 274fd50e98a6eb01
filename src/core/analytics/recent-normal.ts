import type { PictureFigures } from '../../shared/domain/camera-health.ts';
import { correlation, type Normal } from './health-normal.ts';

/** What was so long ago counts 37 %: long enough for a stain to stand out, short enough to follow dusk and dawn. */
const memoryMs = 240_000;
/** Known from this many pictures on. */
const warmSamples = 20;

/** What a camera's pictures looked like over the last minutes in which all was well. */
export class RecentNormal {
  #samples = 0;
  #spread = 0;
  #saturated = 0;
  #sharpness: number | null = null;
  #layoutFit = 0;
  #layoutVariance = 0;
  #layout: Float64Array | null = null;

  /** Null: not known yet. Valid until the next picture is learnt. */
  get normal(): Normal | null {
    if (this.#samples < warmSamples || this.#layout === null) return null;
    return {
      spread: this.#spread,
      saturated: this.#saturated,
      sharpness: this.#sharpness,
      layout: this.#layout,
      layoutFit: this.#layoutFit,
      layoutSway: Math.sqrt(this.#layoutVariance),
    };
  }

  /**
   * @param stepMs since the picture before it.
   * @returns how well the picture's layout fits those before it; the first one fits.
   */
  learn({ spread, saturated, sharpness, layout }: PictureFigures, stepMs: number): number {
    const known = (this.#layout ??= Float64Array.from(layout));
    const fit = correlation(layout, known);
    this.#samples += 1;
    const share = Math.max(1 / this.#samples, Math.min(1, stepMs / memoryMs));
    this.#spread += share * (spread - this.#spread);
    this.#saturated += share * (saturated - this.#saturated);
    // Both moments forget at the same pace (D. Finch, Incremental calculation of weighted mean and variance, 2009).
    const off = fit - this.#layoutFit;
    this.#layoutFit += share * off;
    this.#layoutVariance = (1 - share) * (this.#layoutVariance + share * off * off);
    this.#sharpness = towards(this.#sharpness, sharpness, share);
    for (let at = 0; at < known.length; at++) known[at] = known[at]! + share * ((layout[at] ?? 0) - known[at]!);
    return fit;
  }

  forget(): void {
    this.#samples = 0;
    this.#layout = null;
    this.#layoutVariance = 0;
    this.#sharpness = null;
  }
}

function towards(known: number | null, seen: number | null, share: number): number | null {
  if (seen === null) return known;
  return known === null ? seen : known + share * (seen - known);
}
