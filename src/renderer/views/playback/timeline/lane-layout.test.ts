import { expect, test } from 'vitest';
import type { ShownLane } from '../../../state/camera-lanes.ts';
import { layoutLane, momentAt, placeOf } from './lane-layout.ts';

const window = { fromMs: 1_000, toMs: 2_000 };
const empty: ShownLane = { boxes: [], sightings: [], recorded: [], gaps: [], kept: [], states: [] };
const layout = (lane: Partial<ShownLane>, width = 100) =>
  layoutLane({ ...empty, ...lane }, { fromMs: 800, bucketMs: 200 }, window, width);

test('moments and places are each other’s inverse', () => {
  expect(placeOf(window, 500, 1_250)).toBe(125);
  expect(momentAt(window, 500, 125)).toBe(1_250);
  expect(momentAt(window, 0, 0)).toBe(1_000);
});

test('bars are as high as the root of their count against the largest that is seen', () => {
  const { bars } = layout({ boxes: [900, 4, 0, 16, 0, 0, 900] });
  expect(bars).toEqual([
    { x: 0, width: 20, share: 0.5 },
    { x: 40, width: 20, share: 1 },
  ]);
});

test('what sticks out is cut, what lies outside is left out, and nothing is too short to be seen', () => {
  const { recorded, gaps } = layout({
    recorded: [
      { fromMs: 0, toMs: 1_000 },
      { fromMs: 900, toMs: 1_100 },
      { fromMs: 1_900, toMs: 5_000 },
    ],
    gaps: [
      { fromMs: 1_500, toMs: 1_501 },
      { fromMs: 1_999, toMs: 2_000 },
    ],
  });
  expect(recorded).toEqual([
    { x: 0, width: 10 },
    { x: 90, width: 10 },
  ]);
  expect(gaps[0]).toEqual({ x: 50, width: 1 });
  expect(gaps[1]).toEqual({ x: 99, width: 1 });
});

test('states are told apart, and sightings that begin side by side are one mark', () => {
  const { live, offline, frozen } = layout({
    states: [
      { fromMs: 1_000, toMs: 1_500, state: 'live' },
      { fromMs: 1_500, toMs: 1_700, state: 'offline' },
    ],
  });
  expect({ live, offline, frozen }).toEqual({
    live: [{ x: 0, width: 50 }],
    offline: [{ x: 50, width: 20 }],
    frozen: [],
  });
  const sightings = [0, 3, 1, 0, 0, 1];
  expect(layout({ sightings }).marks).toEqual([10, 30, 90]);
  expect(layout({ sightings }, 10).marks).toEqual([1, 9]);
});
