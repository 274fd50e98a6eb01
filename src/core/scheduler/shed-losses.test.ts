import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fairWeights } from './live-lane.ts';
import { createLosses, isWorthTaking, noteLosses, spare, type Losses } from './shed-losses.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const rank = fc.constantFrom(0, 1, 2);
const lost: fc.Arbitrary<Losses> = fc.tuple(share, share, share);
const weighed = (losses: Losses): number =>
  losses.reduce((sum, part, of) => sum + part * (fairWeights[of] as number), 0);

describe('what a halved camera gives is worth no more than what it may save', () => {
  test('whatever is lost, and whoever gives', () => {
    fc.assert(
      fc.property(lost, rank, share, (losses, giver, taken) => {
        const left: Losses = [...losses];
        spare(left, taken);
        const saved = weighed(losses) - weighed(left);
        const given = taken * (fairWeights[giver] as number);
        if (isWorthTaking(losses, giver, taken)) expect(saved).toBeGreaterThanOrEqual(given - 1e-9);
        else expect(saved === 0 || saved < given + 1e-9).toBe(true);
        // Freed time goes to whoever loses, the heaviest first, and to nobody else.
        const sum = (of: Losses): number => of[0] + of[1] + of[2];
        expect(sum(losses) - sum(left)).toBeCloseTo(Math.min(taken, sum(losses)), 9);
        expect(left[2] === losses[2] || left[0] === 0).toBe(true);
      }),
    );
  });

  test('lighter cameras give sooner, and the more is lost the sooner', () => {
    fc.assert(
      fc.property(lost, lost, rank, share, (losses, more, giver, taken) => {
        if (!isWorthTaking(losses, giver, taken)) return;
        expect(isWorthTaking(losses, Math.min(2, giver + 1), taken)).toBe(true);
        const worse: Losses = [losses[0] + more[0], losses[1] + more[1], losses[2] + more[2]];
        expect(isWorthTaking(worse, giver, taken)).toBe(true);
      }),
    );
  });

  test('where nothing is lost, nothing is taken', () => {
    expect(isWorthTaking(createLosses(), 2, 0.01)).toBe(false);
  });
});

test('what is lost counts whole after two seconds and is forgotten as fast; by rank', () => {
  const losses = createLosses();
  const review = (misses: [number, number, number], reviews = 1): void =>
    noteLosses(losses, { results: [10, 15, 0], misses }, [0.2, 0.4, 0], reviews);
  review([0, 5, 0]);
  // A quarter of its frames, of what normal cameras ask for.
  expect(losses).toEqual([0, 0.25 * 0.1, 0]);
  for (let n = 0; n < 7; n += 1) review([0, 5, 0]);
  expect(losses[1]).toBeGreaterThan(0.08);
  expect(losses[1]).toBeLessThan(0.1);
  review([0, 0, 0], 8);
  expect(losses[1]).toBeLessThan(0.02);
});
