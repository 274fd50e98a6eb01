import { MediaFault } from './media-fault.ts';

/** Refusal of a picture or video by its header alone, with the numbers. */
export function tooLarge(width: number, height: number, maxPixels: number): MediaFault {
  return new MediaFault(
    'too-large',
    `It is ${String(width)} × ${String(height)} (${millions(width * height)} million pixels); at most ${millions(maxPixels)} million are decoded.`,
  );
}

const millions = (pixels: number): string => (pixels / 1e6).toFixed(pixels < 1e7 ? 1 : 0);
