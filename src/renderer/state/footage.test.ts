import { expect, test } from 'vitest';
import type { RecordingCoverage } from '../../shared/domain/recording.ts';
import { gapAt, placeIn, stretchesOf, windowAround } from './footage.ts';

const segment = (fromMs: number, toMs: number, isKept = false) => ({
  id: fromMs,
  fromMs,
  toMs,
  bytes: 1,
  codec: 'h264',
  isOpen: false,
  isKept,
});
const coverage: RecordingCoverage = {
  cameraId: 'yard',
  fromMs: 0,
  toMs: 300_000,
  segments: [segment(0, 60_000), segment(61_000, 120_000), segment(120_000, 180_000, true), segment(240_000, 300_000)],
  gaps: [{ fromMs: 180_000, toMs: 240_000, reason: 'camera-offline' }],
};

test('files that meet are one stretch, apart from what is kept', () => {
  expect(stretchesOf(coverage)).toEqual([
    { fromMs: 0, toMs: 120_000, isKept: false },
    { fromMs: 120_000, toMs: 180_000, isKept: true },
    { fromMs: 240_000, toMs: 300_000, isKept: false },
  ]);
});

test('a moment without footage has the reason of its gap', () => {
  expect(gapAt(coverage, 180_000)?.reason).toBe('camera-offline');
  expect(gapAt(coverage, 240_000)).toBeNull();
  expect(gapAt(null, 0)).toBeNull();
});

test('what sticks out of the window is cut', () => {
  const window = { fromMs: 100, toMs: 200 };
  expect(placeIn(window, 50, 150)).toEqual({ left: 0, width: 50 });
  expect(placeIn(window, 150, 400)).toEqual({ left: 50, width: 50 });
  expect(placeIn(window, 0, 50)).toEqual({ left: 0, width: 0 });
});

test('the window follows a moment that leaves it, and never beyond now', () => {
  const window = { fromMs: 0, toMs: 100 };
  expect(windowAround(window, 50, 1_000)).toBe(window);
  expect(windowAround(window, 400, 1_000)).toEqual({ fromMs: 350, toMs: 450 });
  expect(windowAround(window, 990, 1_000)).toEqual({ fromMs: 900, toMs: 1_000 });
});
