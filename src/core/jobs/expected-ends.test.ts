import { describe, expect, test } from 'vitest';
import { expectedEnd, expectedEnds, type SharingJob } from './expected-ends.ts';

const job = (id: string, framesLeft: number | null, framesPerSecond: number | null, weight = 1): SharingJob => ({
  id,
  weight,
  holdsTurn: true,
  framesLeft,
  framesPerSecond,
});
const ends = (running: readonly SharingJob[], waiting: readonly number[] = []): Record<string, number> =>
  Object.fromEntries([...expectedEnds(running, waiting)].map(([id, ms]) => [id, Math.round(ms)]));

test('alone: what is left at the speed it has', () => {
  expect(ends([job('one', 500, 50)])).toEqual({ one: 10_000 });
});

test('the one that outlasts the other gets what that leaves', () => {
  // 100 of the 1,000 beside the other, the rest at twice the speed.
  expect(ends([job('short', 100, 10), job('long', 1_000, 10)])).toEqual({ short: 10_000, long: 55_000 });
});

test('by weight: 3 of 4 now, all of it later', () => {
  expect(ends([job('heavy', 300, 30, 3), job('light', 400, 10)])).toEqual({ heavy: 10_000, light: 17_500 });
});

test('one that waits takes the place that becomes free', () => {
  expect(ends([job('short', 100, 10), job('long', 1_000, 10)], [1])).toEqual({ short: 10_000, long: 100_000 });
  expect(ends([job('short', 100, 10), job('long', 1_000, 10)], [3])).toEqual({ short: 10_000, long: 190_000 });
});

test('what holds no turn shares, and nobody that waits begins at its end', () => {
  const beside = { ...job('beside', 100, 10), holdsTurn: false };
  expect(ends([beside, job('long', 1_000, 10)])).toEqual({ beside: 10_000, long: 55_000 });
  expect(ends([beside, job('long', 1_000, 10)], [3])).toEqual({ beside: 10_000, long: 55_000 });
});

test('one that has just started will share; of itself nothing is said', () => {
  expect(ends([job('old', 100, 20), job('new', null, null)])).toEqual({ old: 10_000 });
});

test('nothing left, nothing known, no speed', () => {
  expect(ends([])).toEqual({});
  expect(ends([job('over', 0, 10)])).toEqual({ over: 0 });
  expect(ends([job('stands', 100, 0), job('unknown', null, 10)])).toEqual({});
});

describe('a job that is asked for now', () => {
  const end = (
    { aloneMs = 10_000, weight = 1, startsNow = true },
    running: readonly SharingJob[],
    waiting: readonly number[] = [],
  ): number | null => {
    const endMs = expectedEnd({ weight, aloneMs }, startsNow, running, waiting);
    return endMs === null ? null : Math.round(endMs);
  };

  test('takes what it takes where nothing else runs', () => {
    expect(end({}, [])).toBe(10_000);
  });

  test('shares by weight with those that run, and has all that they leave', () => {
    expect(end({}, [job('endless', null, 50)])).toBe(20_000);
    expect(end({ weight: 3 }, [job('endless', null, 50)])).toBe(13_333);
    // The other one ends after 8 s at half the device: 4 s of its own are done by then.
    expect(end({}, [job('short', 200, 50)])).toBe(14_000);
    // One that has not shown its speed shares as well, for as long as it may be.
    expect(end({}, [job('new', null, null)])).toBe(20_000);
  });

  test('waits for its turn where no more run at once', () => {
    const busy = [job('short', 100, 10), job('endless', null, 10)];
    expect(end({ startsNow: false }, busy)).toBe(10_000 + 20_000);
    // One more waits before it, and that one is not foreseen.
    expect(end({ startsNow: false }, busy, [1])).toBeNull();
    expect(end({ startsNow: false }, [job('one', null, null), job('two', 10, null)])).toBeNull();
    // The end of what holds no turn does not let it begin.
    const beside = { ...job('beside', 100, 10), holdsTurn: false };
    expect(end({ startsNow: false }, [beside, job('endless', null, 10)])).toBeNull();
  });
});
