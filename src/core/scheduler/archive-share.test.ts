import { expect, test } from 'vitest';
import { adjustSlackShare, createSlackShare, recordGivenUp, recordPromise, type SlackShare } from './archive-share.ts';

/** Two seconds of a camera at `fps`, of which so many frames miss their promise as a chunk was in their way. */
function twoSeconds(share: SlackShare, nowMonoMs: number, missed: number, fps = 5): number {
  for (let frame = 0; frame < 2 * fps; frame += 1) recordPromise(share, frame < missed ? 1.2 : 0.4, 0.4);
  adjustSlackShare(share, nowMonoMs + 2_000);
  return nowMonoMs + 2_000;
}

function started(): SlackShare {
  const share = createSlackShare();
  adjustSlackShare(share, 0);
  return share;
}

test('one frame of ten is no strain, with another one soon after it is', () => {
  const share = started();
  let now = twoSeconds(share, 0, 1);
  expect(share.beta).toBeCloseTo(0.26);
  now = twoSeconds(share, now, 0);
  now = twoSeconds(share, now, 1);
  expect(share.beta).toBeCloseTo(0.7 * 0.27);
  // What it was judged by is settled: it goes up again at once.
  twoSeconds(share, now, 0);
  expect(share.beta).toBeCloseTo(0.7 * 0.27 + 0.01);
});

test('a camera that keeps 98 % of its promises leaves the archive what it has', () => {
  const share = started();
  let now = 0;
  for (let minute = 0; minute < 4; minute += 1)
    for (let turn = 0; turn < 30; turn += 1) now = twoSeconds(share, now, turn % 5 === 0 ? 1 : 0);
  expect(share.beta).toBe(0.5);
});

test('two of a frame in four seconds count as well, and given-up frames as they are answered for', () => {
  const slow = started();
  let now = 0;
  for (let turn = 0; turn < 4; turn += 1) now = twoSeconds(slow, now, turn % 2, 0.5);
  expect(slow.beta).toBeLessThan(0.25);
  const givenUp = started();
  for (let frame = 0; frame < 8; frame += 1) recordGivenUp(givenUp, frame < 4 ? 0.5 : 0);
  adjustSlackShare(givenUp, 2_000);
  expect(givenUp.beta).toBeCloseTo(0.7 * 0.25);
});

test('with no camera heard of, nothing is learned', () => {
  const share = started();
  twoSeconds(share, 0, 1);
  for (let now = 4_000; now < 60_000; now += 2_000) adjustSlackShare(share, now);
  expect(share.beta).toBeCloseTo(0.26);
});

test('what strain took comes back faster the longer there is none', () => {
  const share = started();
  let now = 0;
  for (let turn = 0; turn < 10; turn += 1) now = twoSeconds(share, now, 4);
  expect(share.beta).toBe(0.05);
  let turns = 0;
  for (; share.beta < 0.5 && turns < 100; turns += 1) now = twoSeconds(share, now, 0);
  expect(turns).toBeLessThanOrEqual(12);
  now = twoSeconds(share, now, 4);
  expect(share.beta).toBeCloseTo(0.35);
  // Slowly again at first.
  twoSeconds(share, now, 0);
  expect(share.beta).toBeCloseTo(0.36);
});
