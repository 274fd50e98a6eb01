import { expect, test } from 'vitest';
import { testWork } from '../testing/test-work.ts';
import { LadderCalibration } from './calibration.ts';

test('every size of both lanes is run six times, and the progress says how far it is', () => {
  const calibration = new LadderCalibration(testWork(), 77);
  expect(calibration.progress()).toEqual({
    modelId: 'nanodet-g',
    input: '416x416',
    done: 0,
    steps: 13,
    batch: 1,
    startedAtMs: 77,
    waitsFor: null,
  });
  const measured: [string, number, number][] = [];
  for (let run = 0; calibration.next !== null; run += 1) {
    if (run > 1_000) throw new Error('it does not end');
    const { lane, batch } = calibration.next;
    const runMs = calibration.ran(3 * batch);
    if (runMs !== null) measured.push([lane, batch, runMs.length]);
  }
  expect(measured.filter(([lane]) => lane === 'live').map(([, batch]) => batch)).toEqual([1, 2, 4, 8, 16]);
  expect(measured.filter(([lane]) => lane === 'archive').map(([, batch]) => batch)).toEqual([
    1, 2, 4, 8, 16, 32, 64, 128,
  ]);
  expect(measured.every(([, , runs]) => runs === 6)).toBe(true);
  expect(calibration.progress()).toMatchObject({ done: 13, steps: 13 });
});

test('a size is expected to take twice what half of it took, and one that would take too long is left out', () => {
  const calibration = new LadderCalibration(testWork(), 0);
  expect(calibration.expectedMs).toBeNull();
  for (let run = 0; run < 6; run += 1) calibration.ran(900 + run);
  expect(calibration.next?.batch).toBe(2);
  expect(calibration.expectedMs).toBe(1_800);
  for (const batch of [2, 4]) for (let run = 0; run < 6; run += 1) calibration.ran(900 * batch);
  expect(calibration.fits(true)).toBe(false);
  calibration.leaveOut();
  expect(calibration.next).toMatchObject({ lane: 'archive', batch: 1 });
  expect(calibration.progress()).toMatchObject({ done: 3, steps: 11 });
});

test('a size that cameras leave no room for is left out after a while, and what was measured stays', () => {
  const calibration = new LadderCalibration(testWork(), 0);
  for (let run = 0; run < 6; run += 1) calibration.ran(10);
  calibration.waits('no room', 1_000);
  calibration.waits('no room', 10_999);
  expect(calibration.next).toMatchObject({ lane: 'live', batch: 2 });
  expect(calibration.progress().waitsFor).toBe('no room');
  // It could run in between: the waiting begins anew.
  calibration.waits(null, 11_000);
  calibration.waits('no room', 12_000);
  calibration.waits('no room', 21_999);
  expect(calibration.next).toMatchObject({ lane: 'live', batch: 2 });
  calibration.waits('no room', 22_000);
  expect(calibration.next).toMatchObject({ lane: 'archive', batch: 1 });
  expect(calibration.progress()).toMatchObject({ done: 1, steps: 9, waitsFor: null });
});

test('what waits for however long it takes is not left out, nor is that time counted', () => {
  const calibration = new LadderCalibration(testWork(), 0);
  for (let time = 0; time < 3; time += 1) calibration.waits('not loaded', null);
  expect(calibration.progress()).toMatchObject({ steps: 13, waitsFor: 'not loaded' });
  calibration.waits('no room', 1_000_000);
  calibration.waits('no room', 1_009_999);
  expect(calibration.next).toMatchObject({ lane: 'live', batch: 1 });
});

test('without memory to double, sizes above 8 are left out', () => {
  const calibration = new LadderCalibration(testWork(), 0);
  const sizes: number[] = [];
  while (calibration.next !== null) {
    if (!calibration.fits(false)) calibration.leaveOut();
    else if (calibration.ran(1) !== null) sizes.push(0);
  }
  expect(sizes).toHaveLength(8);
});
