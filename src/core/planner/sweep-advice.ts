import { throughputTolerance } from '../scheduler/cost-model.ts';

/** One size of a sweep, as it was measured. */
export interface SweptBatch {
  readonly batch: number;
  readonly imagesPerSecond: number;
}

/**
 * The size to use for scans: the smallest that no larger one beats by more than 3 %. More would only hold up cameras
 * and memory. `device`: as it is put into the sentence, e.g. `this CPU`.
 */
export function sweepAdvice(
  swept: readonly SweptBatch[],
  device: string,
): { readonly batch: number | null; readonly why: string } {
  const sizes = swept.filter(({ imagesPerSecond }) => imagesPerSecond > 0).sort((a, b) => a.batch - b.batch);
  const [smallest] = sizes;
  if (smallest === undefined) return { batch: null, why: 'Nothing was measured.' };
  let best = smallest;
  for (const size of sizes) if (gain(size, best) > throughputTolerance) best = size;
  const limit = percent(throughputTolerance);
  const others = sizes.filter((size) => size !== best);
  if (others.length === 0) return { batch: best.batch, why: `Only batch ${String(best.batch)} was measured.` };
  const numbers = others.map((size) => `${String(size.batch)}: ${signed(gain(size, best))}`).join(', ');
  const why =
    best === smallest
      ? `On ${device}: no gain above ${String(best.batch)} (${rate(best)}). Against it ${numbers}; a larger batch has to win by more than ${limit}.`
      : `On ${device}: ${String(best.batch)} (${rate(best)}) gains ${signed(gain(best, smallest))} over ${String(smallest.batch)}. Against it ${numbers}; a larger batch has to win by more than ${limit}.`;
  return { batch: best.batch, why };
}

const gain = (size: SweptBatch, over: SweptBatch): number => size.imagesPerSecond / over.imagesPerSecond - 1;
const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
const signed = (share: number): string => `${share < 0 ? '−' : '+'}${(Math.abs(share) * 100).toFixed(1)} %`;
const rate = ({ imagesPerSecond }: SweptBatch): string => `${imagesPerSecond.toFixed(1)} pictures/s`;
