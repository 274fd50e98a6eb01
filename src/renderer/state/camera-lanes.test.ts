import { expect, test } from 'vitest';
import type { CameraLane, CameraTimeline } from '../../shared/domain/camera-timeline.ts';
import {
  cameraFor,
  countsAt,
  footageAround,
  gapAt,
  isRecordedAt,
  isToldOf,
  laneOf,
  laneOfAll,
  openingWindow,
  stateAt,
} from './camera-lanes.ts';

const lane = (cameraId: string, part: Partial<CameraLane> = {}): CameraLane => ({
  ...{ cameraId, boxes: [0, 0, 0, 0], sightings: [0, 0, 0, 0], recorded: [], gaps: [], kept: [], states: [] },
  ...part,
});
const gate = lane('gate', {
  boxes: [1, 0, 5, 0],
  sightings: [1, 0, 0, 0],
  recorded: [
    { fromMs: 0, toMs: 20 },
    { fromMs: 30, toMs: 36 },
  ],
  gaps: [{ fromMs: 20, toMs: 30, reason: 'camera-offline' }],
  states: [
    { fromMs: 0, toMs: 20, state: 'live', reason: null },
    { fromMs: 20, toMs: 30, state: 'offline', reason: 'no answer' },
  ],
});
const yard = lane('yard', {
  boxes: [0, 2, 2, 9],
  recorded: [{ fromMs: 15, toMs: 24 }],
  gaps: [
    { fromMs: 0, toMs: 15, reason: 'off' },
    { fromMs: 24, toMs: 36, reason: 'off' },
  ],
  kept: [{ fromMs: 16, toMs: 18 }],
  states: [{ fromMs: 0, toMs: 36, state: 'live', reason: null }],
});
const timeline: CameraTimeline = { fromMs: 0, toMs: 40, bucketMs: 10, cameras: [gate, yard] };

test('all cameras together: sums, recorded where any is, offline where any is', () => {
  expect(laneOfAll(timeline)).toEqual({
    boxes: [1, 2, 7, 9],
    sightings: [1, 0, 0, 0],
    recorded: [
      { fromMs: 0, toMs: 24 },
      { fromMs: 30, toMs: 36 },
    ],
    gaps: [{ fromMs: 24, toMs: 30 }],
    kept: [{ fromMs: 16, toMs: 18 }],
    states: [
      { fromMs: 0, toMs: 36, state: 'live' },
      { fromMs: 20, toMs: 30, state: 'offline' },
    ],
  });
  expect(laneOfAll({ ...timeline, cameras: [] })).toMatchObject({ boxes: [], recorded: [], gaps: [] });
});

test('a moment has its gap, its state, and the counts of its bucket', () => {
  expect(gapAt(gate, 20)?.reason).toBe('camera-offline');
  expect(gapAt(gate, 30)).toBeNull();
  expect(gapAt(laneOf(timeline, 'nobody'), 20)).toBeNull();
  expect(isRecordedAt(gate, 19)).toBe(true);
  expect(isRecordedAt(gate, 20)).toBe(false);
  expect(isToldOf(timeline, 35)).toBe(true);
  expect(isToldOf(timeline, 36)).toBe(false);
  expect(isToldOf(null, 20)).toBe(false);
  expect(stateAt(gate, 25)).toMatchObject({ state: 'offline', reason: 'no answer' });
  expect(stateAt(gate, 35)).toBeNull();
  expect(countsAt(timeline, yard, 39)).toEqual({ fromMs: 30, toMs: 40, boxes: 9, sightings: 0 });
  expect(countsAt(timeline, yard, 40)).toBeNull();
  expect(countsAt(timeline, yard, -1)).toBeNull();
});

test('footage on either side of a gap', () => {
  expect(footageAround(gate, 25)).toEqual({ beforeMs: 20, afterMs: 30 });
  expect(footageAround(yard, 5)).toEqual({ beforeMs: null, afterMs: 15 });
  expect(footageAround(null, 5)).toEqual({ beforeMs: null, afterMs: null });
});

test('a moment of all cameras is one of the chosen camera, else of the one that saw most', () => {
  expect(cameraFor(timeline, 'gate', 5)).toBe('gate');
  expect(cameraFor(timeline, 'gate', 22)).toBe('yard');
  expect(cameraFor(timeline, null, 17)).toBe('yard');
  expect(cameraFor(timeline, 'gate', 27)).toBe('gate');
  expect(cameraFor(null, 'gate', 22)).toBe('gate');
});

test('it opens on what is recorded: seconds of a fresh recording, the last hour of a long one', () => {
  const nowMs = 1_800_000_000_000;
  expect(openingWindow({ oldestMs: null, newestMs: null }, nowMs)).toBeNull();
  const fresh = openingWindow({ oldestMs: nowMs - 10_000, newestMs: nowMs }, nowMs);
  expect(fresh).toEqual({ fromMs: nowMs - 60_000, toMs: nowMs, follows: true });
  expect(openingWindow({ oldestMs: null, newestMs: nowMs }, nowMs)).toEqual(fresh);
  const long = openingWindow({ oldestMs: nowMs - 86_400_000, newestMs: nowMs - 1_000 }, nowMs);
  expect(long?.follows).toBe(true);
  expect((long?.toMs ?? 0) - (long?.fromMs ?? 0)).toBeCloseTo(3_960_000);
  const old = openingWindow({ oldestMs: nowMs - 80_000_000, newestMs: nowMs - 70_000_000 }, nowMs);
  expect(old).toEqual({ fromMs: nowMs - 73_780_000, toMs: nowMs - 69_820_000, follows: false });
});

test('a week in which a camera came and went all the time is drawn as any other', () => {
  const gaps = Array.from({ length: 200_000 }, (_, at) => {
    return { fromMs: 2 * at, toMs: 2 * at + 1, reason: 'camera-offline' } as const;
  });
  const all = laneOfAll({ fromMs: 0, toMs: 400_000, bucketMs: 100_000, cameras: [lane('yard', { gaps })] });
  expect(all.gaps).toEqual([{ fromMs: 0, toMs: 399_999 }]);
});
