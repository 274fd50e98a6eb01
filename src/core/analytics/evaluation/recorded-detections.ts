import type { Box, Detection } from '../../../shared/domain/detection.ts';
import type { LookedAt } from '../tracker.ts';
import recording from './campus-detections.json' with { type: 'json' };

/**
 * What the shipped detector found in the demo clip (bench/tracking/record-detections.ts), as a camera at 5 fps would
 * have it.
 */
export const recordedFrameIntervalMs = 1000 / recording.fps;

/** Class → group, as the model's manifest has it. */
export const recordedGroups = Int32Array.from({ length: recording.classes }, (_, index) => {
  const group = recording.exclusive.find((members) => members.includes(index));
  return group === undefined ? index : Math.min(...group);
});

/** The clip from `startMs` on. */
export function recordedPictures(startMs = 0): LookedAt[] {
  return recording.pictures.map((text, index) => {
    const [detections = '', faint = ''] = text.split('|');
    return { atMs: startMs + index * recordedFrameIntervalMs, detections: read(detections), faint: read(faint) };
  });
}

/** `class score left top width height`, with commas between. */
function read(text: string): Detection[] {
  return text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [classIndex = 0, score = 0, ...box] = part.trim().split(' ').map(Number);
      return { classIndex, score, box: box as unknown as Box };
    });
}
