import { expect, test } from 'vitest';
import type { Box, Detection } from '../../shared/domain/detection.ts';
import { savedTracksSchema } from '../../shared/domain/saved-tracks.ts';
import { restoreTracker, savedTracks } from './saved-tracks.ts';
import { createTracker, track, type TrackerState } from './tracker.ts';

const groups = Int32Array.of(0, 1, 1);
const options = { groups, frameIntervalMs: 200 };
const car: Detection = { classIndex: 1, score: 0.7, box: [300.004, 200, 120, 60] };
const walker = (picture: number): Detection => ({ classIndex: 0, score: 0.7, box: [10 * picture, 100, 40, 100] });
const hourMs = 3_600_000;

/** A parked car and a walker, for 15 s. */
function watched(): TrackerState {
  let state = createTracker();
  for (let picture = 0; picture < 75; picture++) {
    state = track(state, { atMs: 200 * picture, detections: [car, walker(picture)], faint: [] }, options).state;
  }
  return state;
}

const idsAfter = (state: TrackerState, atMs: number, box: Box): readonly (number | null)[] =>
  track(state, { atMs, detections: [{ ...car, box }], faint: [] }, options).trackIds;

test('what stands is the same object after a restart, for hours; what walked is not kept', () => {
  const saved = savedTracks(watched(), 'a');
  expect(savedTracksSchema.parse(JSON.parse(JSON.stringify(saved)))).toEqual({
    modelId: 'a',
    nextTrackId: 3,
    stationary: [{ trackId: 1, classIndex: 1, box: [300, 200, 120, 60], lastSeenMs: 0 }],
  });
  const restored = restoreTracker(saved, 'a', groups);
  expect(idsAfter(restored, hourMs, [305, 202, 118, 60])).toEqual([1]);
  expect(idsAfter(restored, 13 * hourMs, [305, 202, 118, 60])).toEqual([null]);
  // Beside it: another one, with an id that nobody had.
  expect(idsAfter(restored, hourMs, [390, 202, 118, 60])).toEqual([null]);
  expect(restored.nextTrackId).toBe(3);
  expect(track(restored, { atMs: hourMs, detections: [car], faint: [] }, options).seen[0]?.standing.isStationary).toBe(
    true,
  );
});

test("another model's classes mean something else: only the ids go on", () => {
  expect(restoreTracker(savedTracks(watched(), 'a'), 'b', groups)).toEqual({
    nextTrackId: 3,
    lastMs: null,
    tracks: [],
  });
});
