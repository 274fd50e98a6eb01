import { expect, test } from 'vitest';
import { testWork } from '../testing/test-work.ts';
import { WarmUpWorth } from './warm-up-worth.ts';

const { shape } = testWork();

/** Of a device on which a run of `batch` takes `runMs(batch)`; `warm`: sizes that are warm, and all that is known. */
function worthOf(runMs: (batch: number) => number, warm: readonly number[], left: number | null): WarmUpWorth {
  const known = (_shape: unknown, batch: number): number | null => (warm.includes(batch) ? runMs(batch) : null);
  return new WarmUpWorth({ runMs: known, knownMs: known, left: () => left });
}
const cpu = (batch: number): number => 10 * batch;
const gpu = (batch: number): number => 4 + 0.5 * batch;

test('a size that gains nothing is warmed within a tenth of what the archive has run', () => {
  const worth = worthOf(cpu, [1, 2], null);
  expect(worth.expectedMs(shape, 32)).toBe(320);
  expect(worth.isWorthIt(shape, 32, 640)).toBe(false);
  worth.ran(shape, 639, 6_390);
  expect(worth.isWorthIt(shape, 32, 640)).toBe(false);
  worth.ran(shape, 1, 10);
  expect(worth.isWorthIt(shape, 32, 640)).toBe(true);
  worth.warmed(shape, 640);
  // What is spent is spent: the next one has to wait for as much again.
  expect(worth.isWorthIt(shape, 4, 80)).toBe(false);
  worth.ran(shape, 80, 800);
  expect(worth.isWorthIt(shape, 4, 80)).toBe(true);
});

test('near the end of a scan nothing is warmed that what is left could not carry', () => {
  const worth = worthOf(cpu, [1, 2], 100);
  worth.ran(shape, 10_000, 100_000);
  expect(worth.isWorthIt(shape, 32, 640)).toBe(false);
  expect(worth.isWorthIt(shape, 4, 80)).toBe(true);
});

test('what is known to gain is warmed at once where the pictures that are left repay it twice', () => {
  const known = [1, 2, 4, 8, 16, 32, 64, 128];
  const worth = (left: number): WarmUpWorth =>
    new WarmUpWorth({
      runMs: (_shape, batch) => (batch === 1 ? gpu(1) : null),
      knownMs: (_shape, batch) => (known.includes(batch) ? gpu(batch) : null),
      left: () => left,
    });
  // 4.5 ms a picture become 0.625: 3.875 ms saved on each.
  expect(worth(10_000).isWorthIt(shape, 32, 2 * gpu(32))).toBe(true);
  expect(worth(20).isWorthIt(shape, 32, 2 * gpu(32))).toBe(false);
  expect(worth(21).isWorthIt(shape, 32, 2 * gpu(32))).toBe(true);
});

test('a gain that was seen is expected to go on, halved with each doubling; noise is none', () => {
  expect(worthOf(gpu, [1, 2], 1_000).isWorthIt(shape, 4, 2 * gpu(4))).toBe(true);
  // 2.5 ms at 2 become about 1.5 at 4: 1 ms on each of the pictures that are left.
  expect(worthOf(gpu, [1, 2], 20).isWorthIt(shape, 4, 12)).toBe(false);
  expect(worthOf((batch) => 10 * batch * 0.98 ** Math.log2(batch), [1, 2], 1e6).isWorthIt(shape, 4, 80)).toBe(false);
});

test('where nobody knows what is left, as much is expected as there was', () => {
  const worth = worthOf(gpu, [1, 2], null);
  expect(worth.isWorthIt(shape, 4, 12)).toBe(false);
  worth.ran(shape, 24, 24 * 4.5);
  expect(worth.isWorthIt(shape, 4, 12)).toBe(true);
});
