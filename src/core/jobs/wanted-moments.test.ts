import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WantedMoments } from '../../shared/engine/protocol.ts';
import { chooseWanted } from './wanted-moments.ts';

/** What a whole pass over pictures at these times picks: the time of the picture by moment. */
function pass(wanted: WantedMoments, picturesMs: readonly number[]): Map<number, number> {
  const picked = new Map<number, number>();
  let cursor = 0;
  let beforeMs: number | null = null;
  for (const readMs of [...picturesMs, null]) {
    const { choices, cursor: next } = chooseWanted(wanted, cursor, beforeMs, readMs);
    for (const { moment, picture } of choices) {
      picked.set(moment, (picture === 'before' ? beforeMs : readMs) as number);
    }
    cursor = next;
    beforeMs = readMs;
  }
  return picked;
}

test('each moment gets the nearest picture, and none that is too far away', () => {
  const wanted = { timesMs: [0, 61, 79, 500, 1_000], toleranceMs: 100 };
  expect([...pass(wanted, [0, 40, 80, 440, 960])]).toEqual([
    [0, 0],
    [1, 80],
    [2, 80],
    [3, 440],
    [4, 960],
  ]);
  expect([...pass(wanted, [200, 1_500])]).toEqual([]);
  expect([...pass(wanted, [])]).toEqual([]);
});

test('whatever the times are, it is the nearest picture there is', () => {
  const times = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 30 }).map((all) => all.sort((a, b) => a - b));
  fc.assert(
    fc.property(times, times, fc.integer({ min: 0, max: 400 }), (timesMs, picturesMs, toleranceMs) => {
      const picked = pass({ timesMs, toleranceMs }, picturesMs);
      timesMs.forEach((wantedMs, moment) => {
        const nearestMs = Math.min(Infinity, ...picturesMs.map((atMs) => Math.abs(atMs - wantedMs)));
        const atMs = picked.get(moment);
        if (nearestMs > toleranceMs) expect(atMs).toBeUndefined();
        else expect(Math.abs((atMs as number) - wantedMs)).toBe(nearestMs);
      });
    }),
  );
});
