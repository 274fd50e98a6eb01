import type { HourProfile, PictureFigures } from '../../shared/domain/camera-health.ts';
import { seededRandom } from './seeded-random.ts';

/** The layout of a scene that does not exist; another seed is another scene. */
export function drawnLayout(seed: number): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: 384 }, () => Math.floor(random() ** 2 * 120));
}

/** A picture in which all is well. */
export const drawnFigures = (change: Partial<PictureFigures> = {}): PictureFigures => ({
  brightness: 120,
  spread: 160,
  saturated: 0.01,
  sharpness: 0.98,
  motion: 0.02,
  layout: drawnLayout(1),
  ...change,
});

/** A lens with a hand before it, at night with the light off. */
export const coveredFigures = drawnFigures({ brightness: 9, spread: 3, sharpness: null, layout: new Uint8Array(384) });

/** An hour in which all was well. */
export const drawnHour = (hourMs: number, change: Partial<HourProfile> = {}): HourProfile => ({
  hourMs,
  samples: 3600,
  brightness: 120,
  spread: 160,
  saturated: 0.01,
  sharpness: 0.98,
  motion: 0.02,
  layoutFit: 0.93,
  layoutSway: 0.02,
  layout: drawnLayout(1),
  brightnessBins: [0, 0, 0, 0, 0, 0, 1200, 2400, 0, 0, 0, 0, 0, 0, 0, 0],
  scoreBins: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 10, 20, 30, 30, 10, 0, 0, 0, 0],
  labels: { person: 80, car: 30 },
  ...change,
});
