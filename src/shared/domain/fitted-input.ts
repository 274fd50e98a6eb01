import type { InputSize } from './model.ts';

/** Shapes that inputs may have, long side to short side. Few, because each costs a warm-up and batches form within one. */
const aspects = [
  [16, 9],
  [4, 3],
] as const;

/**
 * The smallest input in which a picture of this size is shown at the same scale as in the tier's square: only padding
 * goes. Wide and tall pictures get 16:9 or 4:3 (rounded up to `multipleOf`), others the square itself, so a tier has five
 * sizes at most. A tier that is no square, and a model that takes only its tiers (`multipleOf` 0), keep what they have.
 *
 * The engine letterboxes by it and the control plane plans by it: both must come to the same answer for the same picture.
 */
export function fittedInput(tier: InputSize, sourceWidth: number, sourceHeight: number, multipleOf: number): InputSize {
  const side = tier.width;
  if (multipleOf === 0 || tier.height !== side) return tier;
  const long = Math.max(sourceWidth, sourceHeight);
  const short = Math.min(sourceWidth, sourceHeight);
  for (const [width, height] of aspects) {
    const shortSide = Math.ceil((side * height) / width / multipleOf) * multipleOf;
    // In whole numbers: a rounding error would make the short side decide the scale.
    if (shortSide >= side || short * side > shortSide * long) continue;
    return sourceWidth >= sourceHeight ? { width: side, height: shortSide } : { width: shortSide, height: side };
  }
  return tier;
}
