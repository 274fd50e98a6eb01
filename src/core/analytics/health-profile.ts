import type { HourProfile, PictureFigures } from '../../shared/domain/camera-health.ts';
import type { Normal } from './health-normal.ts';

const brightnessSteps = 16;
const scoreSteps = 20;
/** A model may know thousands of classes; a camera sees a few of them. */
const mostLabels = 200;
/** An hour of the day is known from so many pictures on: two minutes. */
const fewestSamples = 120;

/** Adds up what one camera shows within an hour. */
export class ProfileSum {
  readonly hourMs: number;
  #samples = 0;
  #brightness = 0;
  #spread = 0;
  #saturated = 0;
  #sharpness = 0;
  #sharpSamples = 0;
  #motion = 0;
  #layoutFit = 0;
  #layoutFitSquared = 0;
  #layout: Float64Array | null = null;
  readonly #brightnessBins = new Array<number>(brightnessSteps).fill(0);
  readonly #scoreBins = new Array<number>(scoreSteps).fill(0);
  readonly #labels = new Map<string, number>();

  constructor(hourMs: number) {
    this.hourMs = hourMs;
  }

  picture(figures: PictureFigures, layoutFit: number): void {
    const { brightness, spread, saturated, sharpness, motion, layout } = figures;
    this.#samples += 1;
    this.#brightness += brightness;
    this.#spread += spread;
    this.#saturated += saturated;
    this.#motion += motion;
    this.#layoutFit += layoutFit;
    this.#layoutFitSquared += layoutFit ** 2;
    if (sharpness !== null) {
      this.#sharpness += sharpness;
      this.#sharpSamples += 1;
    }
    countIn(this.#brightnessBins, brightness / 256);
    const sums = (this.#layout ??= new Float64Array(layout.length));
    for (let at = 0; at < sums.length; at++) sums[at] = sums[at]! + (layout[at] ?? 0);
  }

  sighting(label: string, score: number): void {
    if (!this.#labels.has(label) && this.#labels.size >= mostLabels) return;
    this.#labels.set(label, (this.#labels.get(label) ?? 0) + 1);
    countIn(this.#scoreBins, score);
  }

  /** Null: no picture came. */
  get profile(): HourProfile | null {
    const samples = this.#samples;
    const layout = this.#layout;
    if (samples === 0 || layout === null) return null;
    const layoutFit = this.#layoutFit / samples;
    return {
      hourMs: this.hourMs,
      samples,
      brightness: this.#brightness / samples,
      spread: this.#spread / samples,
      saturated: this.#saturated / samples,
      sharpness: this.#sharpSamples === 0 ? null : this.#sharpness / this.#sharpSamples,
      motion: this.#motion / samples,
      layoutFit,
      layoutSway: Math.sqrt(Math.max(0, this.#layoutFitSquared / samples - layoutFit ** 2)),
      layout: Uint8Array.from(layout, (sum) => Math.round(sum / samples)),
      brightnessBins: [...this.#brightnessBins],
      scoreBins: [...this.#scoreBins],
      labels: Object.fromEntries(this.#labels),
    };
  }
}

/** @param share of the bins' whole range, 0..1. */
function countIn(bins: number[], share: number): void {
  const bin = Math.max(0, Math.min(bins.length - 1, Math.floor(share * bins.length)));
  bins[bin] = (bins[bin] ?? 0) + 1;
}

/** All of them as one, each weighing as many pictures as it has; the hour is that of the first. Null: there are none. */
export function merged(profiles: readonly HourProfile[]): HourProfile | null {
  const [first] = profiles;
  if (first === undefined) return null;
  if (profiles.length === 1) return first;
  const samples = profiles.reduce((sum, profile) => sum + profile.samples, 0);
  const mean = (figure: (profile: HourProfile) => number): number =>
    profiles.reduce((sum, profile) => sum + figure(profile) * profile.samples, 0) / samples;
  const sharp = profiles.filter(({ sharpness }) => sharpness !== null);
  const sharpSamples = sharp.reduce((sum, profile) => sum + profile.samples, 0);
  return {
    hourMs: first.hourMs,
    samples,
    brightness: mean(({ brightness }) => brightness),
    spread: mean(({ spread }) => spread),
    saturated: mean(({ saturated }) => saturated),
    sharpness:
      sharpSamples === 0
        ? null
        : sharp.reduce((sum, profile) => sum + (profile.sharpness ?? 0) * profile.samples, 0) / sharpSamples,
    motion: mean(({ motion }) => motion),
    layoutFit: mean(({ layoutFit }) => layoutFit),
    layoutSway: mean(({ layoutSway }) => layoutSway),
    layout: first.layout.map((_, at) => Math.round(mean(({ layout }) => layout[at] ?? 0))),
    brightnessBins: added(profiles.map((profile) => profile.brightnessBins)),
    scoreBins: added(profiles.map((profile) => profile.scoreBins)),
    labels: addedLabels(profiles.map(({ labels }) => labels)),
  };
}

/** Histograms over the same bins, bin by bin. */
export function added(histograms: readonly (readonly number[])[]): readonly number[] {
  const bins = Math.max(0, ...histograms.map(({ length }) => length));
  return Array.from({ length: bins }, (_, bin) => histograms.reduce((sum, counts) => sum + (counts[bin] ?? 0), 0));
}

function addedLabels(all: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const labels of all)
    for (const [label, count] of Object.entries(labels)) sums.set(label, (sums.get(label) ?? 0) + count);
  return Object.fromEntries(sums);
}

/** Null: the hour is not known well enough. */
export function normalOf(profile: HourProfile | null): Normal | null {
  if (profile === null || profile.samples < fewestSamples) return null;
  const { spread, saturated, sharpness, layout, layoutFit, layoutSway } = profile;
  return { spread, saturated, sharpness, layout, layoutFit, layoutSway };
}

/** What was measured at each hour of the day, as one; null: nothing was. */
export function byHourOfDay(
  profiles: readonly HourProfile[],
  hourOf: (epochMs: number) => number,
): readonly (HourProfile | null)[] {
  return Array.from({ length: 24 }, (_, hour) => merged(profiles.filter(({ hourMs }) => hourOf(hourMs) === hour)));
}
