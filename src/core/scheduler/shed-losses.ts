import { fairWeights } from './live-lane.ts';
import type { Strain } from './shed-strain.ts';

/**
 * Device time of the frames that broke their promise by lateness over the last seconds, by rank, as shares of the device. To
 * halve a camera costs half of its frames for certain; it pays only where as much is lost without it.
 */
export type Losses = [number, number, number];

/** Of one review: what is lost has to last for about two seconds to count whole. */
const gainPerReview = 0.25;

export const createLosses = (): Losses => [0, 0, 0];

/** `asked`: by rank, what its cameras asked of the device since the last review. */
export function noteLosses(
  losses: Losses,
  { results, misses }: Pick<Strain, 'results' | 'misses'>,
  asked: readonly [number, number, number],
  reviews: number,
): void {
  const gain = 1 - (1 - gainPerReview) ** reviews;
  for (const rank of [0, 1, 2] as const) {
    const frames = results[rank] + misses[rank];
    const lost = frames === 0 ? 0 : (asked[rank] * misses[rank]) / frames;
    losses[rank] += gain * (lost - losses[rank]);
  }
}

/** Whether to take `share` of the device from cameras of this rank may save frames that are worth more. */
export function isWorthTaking(losses: Losses, rank: number, share: number): boolean {
  let [left, saved] = [share, 0];
  for (const other of [0, 1, 2] as const) {
    const part = Math.min(left, losses[other]);
    saved += part * fairWeights[other];
    left -= part;
  }
  return saved > 0 && saved >= share * (fairWeights[rank] as number);
}

/** `share` of the device was freed: it goes to the heaviest of those that lose, and what it saves is not to be saved again. */
export function spare(losses: Losses, share: number): void {
  let left = share;
  for (const rank of [0, 1, 2] as const) {
    const part = Math.min(left, losses[rank]);
    losses[rank] -= part;
    left -= part;
  }
}
