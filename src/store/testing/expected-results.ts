import type { FoundItem, ResultRow, SourceIdentity } from '../operations.ts';
import { content, found, recipe, seen } from './store-fixture.ts';

/** Footage whose results are a function of item and frame alone, so that any run can be judged by its cursors. */
export const footageFrames = 300;
export const footageRecipe = recipe('settings-kill');

export const footagePath = (index: number): string => `/footage/clip-${String(index).padStart(4, '0')}.mp4`;
export const footageIndex = (path: string): number => Number(/clip-(\d+)/.exec(path)?.[1]);
export const footageFile = (index: number): FoundItem => found(footagePath(index), 'video');
export const footageContent = (index: number): SourceIdentity => content(`clip-${index}`, 'video');

/** None to four boxes a frame. */
export function expectedRow(index: number, frame: number): ResultRow {
  const count = (index * 31 + frame * 17) % 5;
  return {
    frame,
    timeMs: frame * 200,
    detections: Array.from({ length: count }, (_, i) =>
      seen((index + i) % 4, 0.4 + ((frame + i) % 50) / 100, [i * 10 + (frame % 7), index % 90, 20 + i, 30]),
    ),
  };
}
