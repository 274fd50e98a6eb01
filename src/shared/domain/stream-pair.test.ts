import { expect, test } from 'vitest';
import { proposedPair } from './stream-pair.ts';

const stream = (width: number | null, height: number | null) => ({
  url: `rtsp://192.0.2.1/${String(width)}`,
  width,
  height,
});
const sizes = (...widths: readonly (number | null)[]) => {
  const pair = proposedPair(widths.map((width) => stream(width, width === null ? null : (width * 9) / 16)));
  return pair === null ? null : [pair.small.width, pair.large?.width ?? null];
};

test('the smallest with enough pixels is analysed, the largest recorded', () => {
  expect(sizes(640, 2560)).toEqual([640, 2560]);
  expect(sizes(2560, 1280, 320)).toEqual([1280, 2560]);
  expect(sizes(352, 3840)).toEqual([3840, null]);
  expect(sizes(320, 352)).toEqual([352, null]);
  expect(sizes(1920)).toEqual([1920, null]);
});

test('what says nothing of its size is taken only where there is nothing else', () => {
  expect(sizes(null, 640)).toEqual([640, null]);
  expect(sizes(null, null)).toEqual([null, null]);
  expect(sizes()).toBeNull();
});
