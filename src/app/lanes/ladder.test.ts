import { expect, test } from 'vitest';
import type { LaneName } from '../../shared/domain/lanes.ts';
import { isUseful, laneSizes, nextSize } from './ladder.ts';

/** Goes up the ladder as the warm-up does, on a device where a run of `batch` takes `runMs(batch)`. */
function climbed(
  lane: LaneName,
  runMs: (batch: number) => number,
  { pinned = 1, tooWide = Infinity, known = new Map<number, number>() } = {},
): readonly number[] {
  const warm = new Map<number, number>();
  for (;;) {
    const knownMs = (size: number): number | null => known.get(size) ?? null;
    const batch = nextSize({ lane, runMs: (size) => warm.get(size) ?? null, knownMs, pinned, tooWide });
    if (batch === null) return [...warm.keys()];
    warm.set(batch, runMs(batch));
  }
}

const cpu = (batch: number): number => 12.5 * batch;
const gpu = (batch: number): number => 2 + 0.4 * batch;

test('a device that gains nothing from width stops where that shows, and is at 32 for the nights first', () => {
  expect(climbed('live', cpu)).toEqual([1, 2]);
  expect(climbed('archive', cpu)).toEqual([1, 2, 32, 4, 8, 16]);
});

test('what is known to be the best is warmed right after size 1, and the sizes in between last', () => {
  const known = (runMs: (batch: number) => number): Map<number, number> =>
    new Map(laneSizes('archive').map((batch) => [batch, runMs(batch)]));
  expect(climbed('archive', cpu, { known: known(cpu) })).toEqual([1, 32, 2, 4, 8, 16]);
  expect(climbed('archive', gpu, { known: known(gpu) })).toEqual([1, 128, 2, 4, 8, 16, 32, 64]);
  // Known wrong: where the runs say otherwise, it ends where that shows.
  expect(
    climbed('archive', cpu, {
      known: new Map([
        [1, 12.5],
        [2, 25],
      ]),
      tooWide: 32,
    }),
  ).toEqual([1, 2, 4, 8, 16]);
});

test('a device that gains goes to the end of the ladder, and one that stops gaining stops there', () => {
  expect(climbed('live', gpu)).toEqual([1, 2, 4, 8, 16]);
  expect(climbed('archive', gpu)).toEqual([1, 2, 4, 8, 16, 32, 64, 128]);
  const knee = (batch: number): number => (batch <= 64 ? gpu(batch) : 1.99 * gpu(64));
  expect(climbed('archive', knee)).toEqual([1, 2, 4, 8, 16, 32, 64, 128]);
  const flatFrom32 = (batch: number): number => Math.max(gpu(batch), (batch / 32) * gpu(32));
  expect(climbed('archive', flatFrom32)).toEqual([1, 2, 4, 8, 16, 32, 64]);
  // A gain of 3 % is noise: 2.0 % here.
  const almostFlat = (batch: number): number => 10 * batch * 0.98 ** Math.log2(batch);
  expect(climbed('archive', almostFlat)).toEqual([1, 2, 32, 4, 8, 16]);
});

test('what was set by hand is warmed whatever it gains', () => {
  expect(climbed('live', cpu, { pinned: 8 })).toEqual([1, 2, 4, 8]);
  expect(climbed('archive', cpu, { pinned: 128 })).toEqual(laneSizes('archive'));
});

test('a size that failed ends the ladder, and so does a run that nobody would wait for', () => {
  expect(climbed('archive', gpu, { tooWide: 8 })).toEqual([1, 2, 4]);
  expect(climbed('archive', (batch) => 150 * batch)).toEqual([1, 2, 8, 4]);
});

test('of what a calibration measured, a lane uses what its own rule would have warmed', () => {
  const view = (runMs: (batch: number) => number) => ({ lane: 'archive', runMs, pinned: 1 }) as const;
  expect([16, 32, 64, 128].filter((batch) => isUseful(view(cpu), batch))).toEqual([16, 32]);
  expect([16, 32, 64, 128].filter((batch) => isUseful(view(gpu), batch))).toEqual([16, 32, 64, 128]);
  expect(isUseful({ ...view(cpu), pinned: 64 }, 64)).toBe(true);
});
