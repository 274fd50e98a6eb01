import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/core/testing/seeded-random.ts';
import { runRounds, type Rounds, type Unit } from './run-rounds.ts';

/** Cells take 10 s of made-up time; `noisy` says of each probe whether something else was running. */
async function scripted(
  units: readonly (Omit<Unit, 'cells'> & { readonly cells: readonly string[] })[],
  {
    noisy = () => false,
    untilS = 1_000_000,
    fails = () => false,
  }: {
    noisy?: (probe: number) => boolean;
    untilS?: number;
    fails?: (cell: string) => boolean;
  } = {},
): Promise<Rounds & { readonly order: string[] }> {
  let nowMs = 0;
  let probes = 0;
  const order: string[] = [];
  const rounds = await runRounds({
    units: units.map((unit) => ({
      ...unit,
      cells: unit.cells.map((name) => ({
        name,
        run: () => {
          nowMs += 10_000;
          order.push(name);
          return fails(name) ? Promise.reject(new Error('broken')) : Promise.resolve(name);
        },
      })),
    })),
    random: seededRandom(1),
    probe: () => Promise.resolve(noisy(probes++) ? 80 : 50),
    noiseLimit: 1.1,
    nowMs: () => nowMs,
    untilMs: untilS * 1000,
    progress: () => undefined,
  });
  return { ...rounds, order };
}

const pair = { name: 'pair', cells: ['a', 'b'], sets: [['a', 'b']], rounds: 5 };
const single = { name: 'single', cells: ['c'], sets: [['c']], rounds: 5 };

test('five quiet rounds are enough, pairs run next to each other, and the order changes', async () => {
  const { rounds, order } = await scripted([pair, single]);
  expect(rounds).toBe(5);
  const words = order.join('').match(/.{3}/g) ?? [];
  for (const word of words) expect(['abc', 'bac', 'cab', 'cba']).toContain(word);
  expect(new Set(words).size).toBeGreaterThan(1);
});

test('what noise spoiled is measured again, and only that', async () => {
  // Three probes a unit of two: the first two rounds of the pair begin with noise.
  const { samples, rounds } = await scripted([pair], { noisy: (probe) => probe === 1 || probe === 3 });
  expect(rounds).toBe(7);
  expect(samples).toHaveLength(14);
});

describe('with noise that never ends', () => {
  test('the run ends in time all the same', async () => {
    const { samples, rounds } = await scripted([pair], { noisy: (probe) => probe % 2 === 1, untilS: 200 });
    expect(rounds).toBeLessThanOrEqual(10);
    expect(samples.some(({ beforeMs, afterMs }) => beforeMs === 50 && afterMs === 50)).toBe(false);
  });
});

test('of a larger unit only the cells that are compared with the spoiled one run again', async () => {
  const three = { name: 'three', cells: ['a', 'b', 'c'], sets: [['a', 'b'], ['c']], rounds: 5 };
  // The first probe belongs to a or c, whichever comes first; of c's rounds nothing is lost where it is a's.
  const { samples, order } = await scripted([three], { noisy: (probe) => probe === 1 });
  expect(order).toHaveLength(samples.length);
  expect(order.filter((cell) => cell === 'b')).toHaveLength(6);
  expect(order.filter((cell) => cell === 'c').length).toBeLessThanOrEqual(6);
});

test('a cell that fails twice ends its set, not the run', async () => {
  const { failures, samples, rounds } = await scripted([pair, single], { fails: (cell) => cell === 'b' });
  expect(failures.map(({ cell }) => cell)).toEqual(['b', 'b']);
  expect(samples.filter(({ cell }) => cell === 'c')).toHaveLength(5);
  expect(rounds).toBe(5);
});
