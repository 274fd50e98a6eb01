import { expect, test } from 'vitest';
import { areMachines, createStalls, noteRun, type Stalls } from './stalls.ts';

/** Of a chunk: whether it met a stall of the machine. */
const chunk = (stalls: Stalls, tookMs: number): boolean =>
  noteRun(stalls, 'archive', tookMs, 10) && areMachines(stalls);

test('a chunk that stalls where runs of cameras do not is no doing of the machine', () => {
  const stalls = createStalls();
  for (let run = 0; run < 500; run += 1) noteRun(stalls, 'live', 10, 10);
  expect(chunk(stalls, 9)).toBe(false);
  expect(chunk(stalls, 19)).toBe(false);
  expect(chunk(stalls, 300)).toBe(false);
});

test('a machine that stalls whatever runs is told from an archive that does', () => {
  const stalls = createStalls();
  // Nothing is known yet.
  expect(chunk(stalls, 300)).toBe(true);
  for (let round = 0; round < 10; round += 1) {
    for (let run = 0; run < 50; run += 1) {
      noteRun(stalls, 'live', run === 0 ? 300 : 10, 10);
      noteRun(stalls, 'archive', run === 20 ? 300 : 10, 10);
    }
  }
  expect(chunk(stalls, 300)).toBe(true);
  for (let run = 0; run < 3_000; run += 1) noteRun(stalls, 'live', 10, 10);
  expect(chunk(stalls, 300)).toBe(false);
});
