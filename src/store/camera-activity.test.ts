import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrations } from './migrations/index.ts';
import { openDatabase } from './open-database.ts';
import type { ResultRow } from './operations.ts';
import { frameActivitySql, hourActivitySql, minuteActivitySql, sightingsSql } from './queries/camera-activity.ts';
import { foundFramesSql, sizeNearSql } from './queries/found-frames.ts';
import { closedStretchesSql } from './queries/recording-ranges.ts';
import { openDirectly, type DirectStore } from './testing/direct-store.ts';
import { content, event, recipe, seen, temporaryFolder } from './testing/store-fixture.ts';

const folder = { path: '', remove: (): void => {} };
let store: DirectStore;
beforeEach(() => {
  Object.assign(folder, temporaryFolder());
  store = openDirectly(join(folder.path, 'test.db'));
});
afterEach(() => {
  store.db.close();
  folder.remove();
});

const minute = 60_000;
const hour = 60 * minute;
const t0 = 500_000 * hour;

/** A camera in whose frames something was found, `boxes` each. */
function watched(name: string, frames: readonly (readonly [atMs: number, boxes: number])[], settings = 'a') {
  const { recipeId } = store.call('recipes.ensure', recipe(settings));
  const { sourceId } = store.call('sources.ensure', content(name, 'camera'));
  const rows = frames.map(([timeMs, boxes]): ResultRow => ({
    frame: 0,
    timeMs,
    detections: Array.from({ length: boxes }, (_, index) => seen(0, 0.5 + index / 100, [index, 2, 30, 40], 7)),
  }));
  const looked = frames.map(([atMs]) => [atMs, atMs] as const);
  store.call('live.commit', { commits: [{ sourceId, recipeId, rows, looked }], events: [] });
  return { sourceId, recipeId };
}
const read = (cameraId: string, fromMs: number, toMs: number, bucketMs: number) =>
  store.call('activity.read', { cameraId, fromMs, toMs, bucketMs });

test('boxes are counted by seconds, minutes and hours alike, over all settings of the camera', () => {
  const frames = [
    [t0 + 500, 2],
    [t0 + 1_500, 1],
    [t0 + minute, 3],
    [t0 + 3 * hour, 4],
    [t0 + 3 * hour + 1, 0],
  ] as const;
  watched('yard', frames);
  watched('yard', [[t0 + 59_999, 5]], 'b');
  watched('gate', [[t0, 9]]);
  expect(read('yard', t0, t0 + minute, 1_000)).toEqual([
    [0, 2],
    [1, 1],
    [59, 5],
  ]);
  expect(read('yard', t0, t0 + 2 * minute, minute)).toEqual([
    [0, 8],
    [1, 3],
  ]);
  expect(read('yard', t0, t0 + 10 * minute, 5 * minute)).toEqual([[0, 11]]);
  expect(read('yard', t0 - hour, t0 + 4 * hour, hour)).toEqual([
    [1, 11],
    [4, 4],
  ]);
  expect(read('nobody', t0, t0 + hour, minute)).toEqual([]);
  const count = (cameraIds: string[], toMs: number) =>
    store.call('activity.count', { cameraIds, fromMs: t0 + 1, toMs });
  expect(count(['yard', 'gate', 'nobody'], t0 + minute)).toBe(17);
  expect(count(['yard'], t0 + minute + 1)).toBe(11);
});

test('the same frames again count no box twice', () => {
  const frames = [[t0 + 500, 2]] as const;
  watched('yard', frames);
  watched('yard', frames);
  expect(read('yard', t0, t0 + minute, minute)).toEqual([[0, 2]]);
});

test('sightings are counted where they began', () => {
  const ids = watched('c1', [[t0, 1]]);
  const began = (trackId: number, startMs: number, cameraId = 'c1') =>
    event({ ...ids, cameraId, trackId, startMs, endMs: startMs + hour, bestMs: startMs });
  const events = [began(1, t0), began(2, t0 + 999), began(3, t0 + 5_000), began(4, t0, 'c2'), began(5, t0 - 1)];
  store.call('live.commit', { commits: [], events });
  const sightings = store.call('activity.sightings', {
    cameraIds: ['c1'],
    fromMs: t0,
    toMs: t0 + 10_000,
    bucketMs: 1_000,
  });
  expect(sightings).toEqual([
    { cameraId: 'c1', bucket: 0, count: 2 },
    { cameraId: 'c1', bucket: 5, count: 1 },
  ]);
});

test('what was found comes frame by frame, and of too much only whole frames', () => {
  const ids = watched('yard', [
    [t0, 2],
    [t0 + 200, 1],
    [t0 + 400, 3],
    [t0 + 600, 1],
  ]);
  const size = { width: 640, height: 480 };
  const asked = { cameraId: 'yard', fromMs: t0, toMs: t0 + 600 };
  const found = (limit: number) => store.call('activity.frames', { ...asked, limit, size });
  expect(store.call('activity.frames', { ...asked, limit: 9, size: null }).frames).toEqual([]);
  const all = found(100);
  expect(all.untilMs).toBe(t0 + 600);
  expect(all.frames.map(({ atMs, detections }) => [atMs - t0, detections.length])).toEqual([
    [0, 2],
    [200, 1],
    [400, 3],
  ]);
  expect(all.frames[0]).toMatchObject({ width: 640, height: 480 });
  expect(all.frames[0]?.detections[0]).toEqual({
    classIndex: 0,
    label: 'person',
    score: 0.5,
    box: [0, 2, 30, 40],
    trackId: 7,
    isStationary: false,
  });
  // A sighting of the camera knows better than the camera does now.
  const began = event({ ...ids, cameraId: 'yard', startMs: t0 + 1, width: 1_280, height: 720 });
  store.call('live.commit', { commits: [], events: [began] });
  expect(found(100).frames[0]).toMatchObject({ width: 1_280, height: 720 });
  const some = found(5);
  expect(some.untilMs).toBe(t0 + 400);
  expect(some.frames.map(({ atMs }) => atMs - t0)).toEqual([0, 200]);
});

test('footage is told in stretches, with what is being written apart', () => {
  const file = (startMs: number, endMs: number | null): void => {
    const name = `yard/${String(startMs)}.mp4`;
    store.call('recordings.open', { cameraId: 'yard', file: name, startMs, codec: 'h264' });
    if (endMs !== null) store.call('recordings.close', { cameraId: 'yard', file: name, startMs, endMs, bytes: 1 });
  };
  file(t0, t0 + minute);
  file(t0 + minute + 800, t0 + 2 * minute);
  file(t0 + 5 * minute, t0 + 6 * minute);
  file(t0 + 6 * minute, null);
  store.call('recordings.gap', { cameraId: 'yard', atMs: t0 + 2 * minute, reason: 'camera-offline' });
  store.call('recordings.gap', { cameraId: 'yard', atMs: t0 + 5 * minute, reason: null });
  store.call('recordings.setKept', { cameraId: 'yard', stretches: [{ fromMs: t0, toMs: t0 + 9 }] });
  const asked = { cameraId: 'yard', fromMs: t0 + 1, toMs: t0 + hour, meetsMs: 1_500 };
  expect(store.call('recordings.stretches', asked)).toEqual({
    stretches: [
      { fromMs: t0, toMs: t0 + 2 * minute },
      { fromMs: t0 + 5 * minute, toMs: t0 + 6 * minute },
    ],
    open: [{ file: `yard/${String(t0 + 6 * minute)}.mp4`, startMs: t0 + 6 * minute }],
    gaps: [
      { fromMs: 0, toMs: t0 + 2 * minute, reason: 'off' },
      { fromMs: t0 + 2 * minute, toMs: t0 + 5 * minute, reason: 'camera-offline' },
    ],
    kept: [{ fromMs: t0, toMs: t0 + 9 }],
  });
});

test('all of it is found by keys and indexes', () => {
  const plan = (sql: string, parameters: unknown): string =>
    (store.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(parameters) as { detail: string }[])
      .map(({ detail }) => detail)
      .join('\n');
  const asked = { cameraId: 'a', fromMs: 1, bucketMs: 1, first: 1, end: 2 };
  const key = (column: string) => `USING PRIMARY KEY (scan_id=? AND ${column}>? AND ${column}<?)`;
  expect(plan(hourActivitySql, asked)).toContain(`SEARCH scan_slots ${key('slot')}`);
  expect(plan(minuteActivitySql, asked)).toContain(`SEARCH camera_minutes ${key('minute')}`);
  expect(plan(frameActivitySql, asked)).toContain(`SEARCH detections ${key('frame')}`);
  const range = { cameraId: 'a', fromMs: 1, toMs: 2 };
  expect(plan(foundFramesSql, { ...range, limit: 1 })).toContain(`SEARCH d ${key('frame')}`);
  expect(plan(sizeNearSql, range)).not.toContain('TEMP B-TREE');
  expect(plan(sightingsSql, { cameraIds: '[]', fromMs: 1, toMs: 2, bucketMs: 1 })).toContain(
    'USING COVERING INDEX events_by_time (start_ms>? AND start_ms<?)',
  );
  const stretches = plan(closedStretchesSql, range);
  expect(stretches).toContain('USING COVERING INDEX recording_segments_by_time (camera_id=? AND start_ms>?');
  expect(stretches).not.toContain('TEMP B-TREE');
});

test('boxes that were stored before they were counted by the minute are counted once', () => {
  const file = join(folder.path, 'old.db');
  const old = openDatabase({ file, migrations: migrations.filter(({ version }) => version < 160) });
  old.exec(`
    INSERT INTO sources VALUES (1, 'camera:yard', 'camera', 640, 480), (2, 'sha256:x', 'video', 640, 480);
    INSERT INTO recipes VALUES (1, 'm', 'sha', 'hash', '{}', '[]');
    INSERT INTO scans VALUES (1, 1, 1, 3, 3, NULL), (2, 2, 1, 1, 1, NULL);
    INSERT INTO camera_minutes VALUES (1, ${String(t0 / minute)}, 3);
    INSERT INTO detections VALUES
      (1, ${String(t0)}, 0, 0, 1, 1, 1, 1, 1, NULL, 0), (1, ${String(t0)}, 1, 0, 1, 1, 1, 1, 1, NULL, 0),
      (1, ${String(t0 + minute + 1)}, 0, 0, 1, 1, 1, 1, 1, NULL, 0), (2, 5, 0, 0, 1, 1, 1, 1, 1, NULL, 0);
  `);
  old.close();
  const upgraded = openDatabase({ file });
  expect(upgraded.prepare('SELECT minute, frames, boxes FROM camera_minutes ORDER BY minute').raw().all()).toEqual([
    [t0 / minute, 3, 2],
    [t0 / minute + 1, 0, 1],
  ]);
  upgraded.close();
});
