import { expect, test } from 'vitest';
import {
  answersForLate,
  answersForPushedOut,
  chunkRan,
  createArchiveDebt,
  liveIsIdle,
  liveRan,
} from './archive-debt.ts';

test('a chunk costs the live lane what its frames waited for it', () => {
  const debt = createArchiveDebt();
  chunkRan(debt, 30, false);
  chunkRan(debt, 10, false);
  // Ready 4 ms before the chunk's end: six of the ten were nobody's.
  liveRan(debt, 4);
  expect(debt.ms).toBe(4);
  // Its neighbour came with it, and waited for the chunk and for the first.
  liveRan(debt, 14);
  expect(debt.ms).toBe(4);
  // The next one found the slot free.
  liveRan(debt, 0);
  expect(debt.ms).toBe(0);
});

test('only frames that would have been in time without the chunks are answered for, and each once', () => {
  const debt = createArchiveDebt();
  chunkRan(debt, 5, false);
  chunkRan(debt, 7, true);
  liveRan(debt, 12);
  // At 200, in 10 ms: 12 ms earlier it would have been in time for 205, but not for 195.
  expect(answersForLate(debt, 100, 195, 10, 200)).toBe(0);
  expect(answersForLate(debt, 100, 205, 10, 200)).toBe(1);
  // Without the chunk that frame would have been run: the lane is 2 ms ahead no more.
  expect(debt.ms).toBe(2);
  expect(answersForPushedOut(debt, 10)).toBeCloseTo(0.2);
  expect(answersForPushedOut(debt, 10)).toBe(0);
});

test('nothing is answered for where no chunk ran, and what is over leaves nothing', () => {
  const debt = createArchiveDebt();
  liveRan(debt, 50);
  expect(answersForLate(debt, 0, 205, 10, 200)).toBe(0);
  expect(answersForPushedOut(debt, 10)).toBe(0);
  chunkRan(debt, 6, false);
  liveRan(debt, 6);
  expect(answersForLate(debt, 0, 205, 10, 200)).toBe(1);
  expect(debt.ms).toBe(-4);
  liveIsIdle(debt);
  expect(debt.ms).toBe(0);
});
