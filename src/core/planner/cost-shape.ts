import { batchLadder, type LadderCost } from '../../shared/domain/lanes.ts';

/** One step of the ladder, measured or told from those that were. */
export interface PlannedCost extends LadderCost {
  readonly estimated: boolean;
}

/** Beyond the widest measured size, a picture takes at least this share of what it takes there. */
const leastShare = 0.5;
/** A device of any kind is run at these sizes, whatever they gain. */
const alwaysTo = 32;

/**
 * The ladder of one lane with its gaps filled: between two measured sizes on the line through them, beyond the widest one
 * on the line through the last two (a fixed part and so much a picture), but never at less than half of what a picture
 * takes at the widest size: that much of a gain is not promised unseen. With a single size known, a wider one is expected to gain nothing. Smallest first; a larger batch is never
 * shorter, whatever the noise of a measurement says.
 */
export function completeLadder(costs: readonly LadderCost[]): PlannedCost[] {
  const measured = monotone(costs.filter(({ q50Ms }) => q50Ms > 0));
  const [first] = measured;
  if (first === undefined) return [];
  const widest = Math.max(alwaysTo, ...measured.map(({ batch }) => batch));
  return batchLadder
    .filter((batch) => batch <= widest)
    .map((batch) => measured.find((cost) => cost.batch === batch) ?? between(measured, first, batch));
}

function between(measured: readonly PlannedCost[], first: PlannedCost, batch: number): PlannedCost {
  const above = measured.find((cost) => cost.batch > batch);
  const below = [...measured].reverse().find((cost) => cost.batch < batch);
  const before = [...measured].reverse().find((cost) => cost.batch < (below?.batch ?? 0));
  const [left, right] = above === undefined ? [before, below] : [below, above];
  const at = (of: (cost: PlannedCost) => number): number => {
    if (right === undefined || left === undefined) {
      const only = right ?? left ?? first;
      return (of(only) * batch) / only.batch;
    }
    const line = (of(right) - of(left)) / (right.batch - left.batch);
    const slope = above === undefined ? Math.max(line, (leastShare * of(right)) / right.batch) : line;
    return Math.max(0, of(right) + slope * (batch - right.batch));
  };
  return {
    ...first,
    batch,
    q50Ms: at(({ q50Ms }) => q50Ms),
    q95Ms: at(({ q95Ms }) => q95Ms),
    samples: 0,
    estimated: true,
  };
}

function monotone(costs: readonly LadderCost[]): PlannedCost[] {
  let [q50Ms, q95Ms] = [0, 0];
  return [...costs]
    .sort((a, b) => a.batch - b.batch)
    .map((cost) => {
      q50Ms = Math.max(q50Ms, cost.q50Ms);
      q95Ms = Math.max(q95Ms, cost.q95Ms);
      return { ...cost, q50Ms, q95Ms, estimated: false };
    });
}
