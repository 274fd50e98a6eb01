import type { Box } from '../shared/domain/detection.ts';
import type { KnownRecipe, SourceKind } from './store-context.ts';

/** The integers of the detections table and back. Reading gives exactly 4 decimals of a score and 2 of a box. */
export const toStoredScore = (score: number): number => Math.round(score * 10_000);
export const fromStoredScore = (stored: number): number => stored / 10_000;
export const toStoredPixels = (pixels: number): number => Math.round(pixels * 100);
export const fromStoredBox = (x: number, y: number, w: number, h: number): Box => [x / 100, y / 100, w / 100, h / 100];

/** Tallies keep scores in steps of 0.05: step 10 is [0.50, 0.55), step 20 is 1. */
export const scoreStep = (storedScore: number): number => Math.max(0, Math.min(20, Math.floor(storedScore / 500)));
export const storedScoreOfStep = (step: number): number => step * 500;

/** When frame k of a source was due, in microseconds: k / fps of a video, its own number of a camera, 0 of a picture. */
export function nominalTimeUs(kind: SourceKind, recipe: KnownRecipe, frame: number): number {
  if (kind === 'camera') return frame * 1000;
  if (kind === 'picture' || recipe.fps === null) return 0;
  return Math.round((frame * 1e6) / recipe.fps);
}

/** A video's slot is a block of frames, a camera's an hour: see `scan_slots`. */
export const framesPerSlot = 64;
export const msPerHour = 3_600_000;
export const msPerMinute = 60_000;
export const slotOf = (kind: SourceKind, frame: number): number =>
  Math.floor(frame / (kind === 'camera' ? msPerHour : framesPerSlot));

export const labelOf = (recipe: KnownRecipe, classIndex: number): string =>
  recipe.labels[classIndex] ?? `class ${classIndex}`;
