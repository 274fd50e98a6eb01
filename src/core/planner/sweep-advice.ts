import { throughputTolerance } from '../scheduler/cost-model.ts';

/** Below, nothing is said about it. */
const strayTold = 0.05;

/** One size of a sweep, as it was measured. */
export interface SweptBatch {
  readonly batch: number;
  readonly imagesPerSecond: number;
  /** How far its speed strayed while it ran, as a share (half of the middle half); 0 where too little was seen. */
  readonly stray: number;
}

/** Half of the range that the middle half of the values takes, as a share of their median; 0 below eight values. */
export function strayOf(values: readonly number[]): number {
  if (values.length < 8) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] as number;
  return at(0.5) > 0 ? (at(0.75) - at(0.25)) / 2 / at(0.5) : 0;
}

/**
 * The size to use for scans: the smallest that no larger one beats by more than 3 % beyond what their speeds strayed. More
 * would only hold up cameras and memory. Sizes are measured one after the other, so that whatever else the machine does
 * meanwhile counts as stray. `device`: as it is put into the sentence, e.g. `this CPU`.
 */
export function sweepAdvice(
  swept: readonly SweptBatch[],
  device: string,
): { readonly batch: number | null; readonly why: string } {
  const sizes = swept.filter(({ imagesPerSecond }) => imagesPerSecond > 0).sort((a, b) => a.batch - b.batch);
  const [smallest] = sizes;
  if (smallest === undefined) return { batch: null, why: 'Nothing was measured.' };
  let best = smallest;
  for (const size of sizes) if (gain(size, best) > throughputTolerance + Math.max(size.stray, best.stray)) best = size;
  const stray = Math.max(...sizes.map((size) => size.stray));
  const limit =
    `a larger batch has to win by more than ${percent(throughputTolerance)}` +
    (stray < strayTold ? '' : ` beyond what speeds strayed: up to ±${percent(stray)}. Sweep a quiet machine`);
  const others = sizes.filter((size) => size !== best);
  if (others.length === 0) return { batch: best.batch, why: `Only batch ${String(best.batch)} was measured.` };
  const numbers = others.map((size) => `${String(size.batch)}: ${signed(gain(size, best))}`).join(', ');
  const why =
    best === smallest
      ? `On ${device}: no gain above ${String(best.batch)} (${rate(best)}). Against it ${numbers}; ${limit}.`
      : `On ${device}: ${String(best.batch)} (${rate(best)}) gains ${signed(gain(best, smallest))} over ${String(smallest.batch)}. Against it ${numbers}; ${limit}.`;
  return { batch: best.batch, why };
}

const gain = (size: SweptBatch, over: SweptBatch): number => size.imagesPerSecond / over.imagesPerSecond - 1;
const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
const signed = (share: number): string => `${share < 0 ? '−' : '+'}${(Math.abs(share) * 100).toFixed(1)} %`;
const rate = ({ imagesPerSecond }: SweptBatch): string => `${imagesPerSecond.toFixed(1)} pictures/s`;
