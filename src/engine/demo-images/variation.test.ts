import { expect, test } from 'vitest';
import { variationOf, type ClipFacts } from './variation.ts';

const clips: readonly ClipFacts[] = [
  { width: 768, height: 576, frames: 200 },
  { width: 768, height: 576, frames: 100 },
];

test('each number has its own picture, inside its frame, and the same one every time', () => {
  const seen = new Set<string>();
  let ofFirstClip = 0;
  for (let number = 0; number < 2_000; number++) {
    const variation = variationOf(number, clips);
    const { clip, frame, crop, brightness } = variation;
    const isInside =
      frame < clips[clip]!.frames && crop.left + crop.width <= 768 && crop.top + crop.height <= 576 && crop.width > 400;
    expect(isInside && Math.abs(brightness - 1) <= 0.3, JSON.stringify(variation)).toBe(true);
    seen.add(JSON.stringify(variation));
    if (clip === 0) ofFirstClip += 1;
  }
  expect(variationOf(7, clips)).toEqual(variationOf(7, clips));
  expect(seen.size).toBe(2_000);
  expect(ofFirstClip / 2_000).toBeCloseTo(2 / 3, 1);
});
