import { expect, test } from 'vitest';
import type { SavedTracks } from '../shared/domain/saved-tracks.ts';
import { storeForEachTest } from './testing/each-test.ts';
import { camera } from './testing/store-fixture.ts';

const store = storeForEachTest();

const saved: SavedTracks = {
  modelId: 'nanodet-g',
  nextTrackId: 8,
  stationary: [{ trackId: 7, classIndex: 2, box: [1.5, 2, 30, 40.25], lastSeenMs: 60_000 }],
};

test("a camera's tracks are kept with its results, stay until others are kept, and go with the camera", () => {
  store.call('cameras.save', camera('c1'));
  expect(store.call('live.tracks', { cameraId: 'c1' })).toEqual({ saved: null, lastTrackId: 0 });
  store.call('live.commit', { commits: [], events: [], tracks: { cameraId: 'c1', saved } });
  store.call('live.commit', { commits: [], events: [] });
  expect(store.call('live.tracks', { cameraId: 'c1' }).saved).toEqual(saved);
  expect(store.call('live.tracks', { cameraId: 'c2' }).saved).toBeNull();
  const later = { ...saved, nextTrackId: 9, stationary: [] };
  store.call('live.commit', { commits: [], events: [], tracks: { cameraId: 'c1', saved: later } });
  expect(store.call('live.tracks', { cameraId: 'c1' }).saved).toEqual(later);
  store.call('cameras.remove', { id: 'c1' });
  expect(store.call('live.tracks', { cameraId: 'c1' }).saved).toBeNull();
});

test('tracks that another version wrote, or that are broken, keep no camera shut', () => {
  store.call('cameras.save', camera('c1'));
  for (const value of ['{"modelId":1}', 'not JSON']) {
    store.db.prepare('INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)').run('tracks:c1', value);
    expect(store.call('live.tracks', { cameraId: 'c1' }).saved).toBeNull();
  }
});
