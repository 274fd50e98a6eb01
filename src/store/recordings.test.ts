import { join } from 'node:path';
import { expect, test } from 'vitest';
import { migrations } from './migrations/index.ts';
import { openDatabase } from './open-database.ts';
import { segmentsInRangeSql } from './queries/recording-ranges.ts';
import { oldestOfCameraSql, oldestSql } from './queries/recording-segments.ts';
import { keptSql, recentSql, totalsSql } from './queries/recording-totals.ts';
import { openDirectly } from './testing/direct-store.ts';
import { folderForEachTest, storeForEachTest } from './testing/each-test.ts';
import { camera } from './testing/store-fixture.ts';

const folder = folderForEachTest();
const store = storeForEachTest(folder);

const minute = 60_000;
/** A whole minute of footage. */
const recorded = (startMs: number, cameraId = 'yard', bytes = 100): void => {
  const file = `${cameraId}/day/${String(startMs)}.mp4`;
  store.call('recordings.open', { cameraId, file, startMs, codec: 'h264' });
  store.call('recordings.close', { cameraId, file, startMs, endMs: startMs + minute, bytes });
};
const range = (fromMs: number, toMs: number, cameraId = 'yard') =>
  store.call('recordings.range', { cameraId, fromMs, toMs, limit: 100 });

test('a range has what touches it: files, gaps that may go on, kept stretches', () => {
  for (const startMs of [0, minute, 3 * minute]) recorded(startMs);
  store.call('recordings.gap', { cameraId: 'yard', atMs: 2 * minute, reason: 'camera-offline' });
  store.call('recordings.setKept', { cameraId: 'yard', stretches: [{ fromMs: 10, toMs: minute }] });
  const { segments, gaps, kept } = range(minute - 1, 3 * minute);
  expect(segments.map(({ startMs }) => startMs)).toEqual([0, minute]);
  expect(gaps).toEqual([
    { fromMs: 0, toMs: 2 * minute, reason: 'off' },
    { fromMs: 2 * minute, toMs: null, reason: 'camera-offline' },
  ]);
  expect(kept).toEqual([{ fromMs: 10, toMs: minute }]);
  expect(range(0, minute, 'gate')).toEqual({ segments: [], gaps: [], kept: [] });
});

test('a gap goes on until another reason or footage; the same reason again changes nothing', () => {
  const note = (atMs: number, reason: 'starting' | 'disk-full' | null): void => {
    store.call('recordings.gap', { cameraId: 'yard', atMs, reason });
  };
  note(1_000, 'starting');
  note(2_000, 'starting');
  note(3_000, 'disk-full');
  note(5_000, null);
  note(6_000, null);
  note(9_000, 'disk-full');
  note(9_000, null); // it began and ended in one moment
  expect(range(0, 20_000).gaps).toEqual([
    { fromMs: 0, toMs: 1_000, reason: 'off' },
    { fromMs: 1_000, toMs: 3_000, reason: 'starting' },
    { fromMs: 3_000, toMs: 5_000, reason: 'disk-full' },
  ]);
});

test('deleted files leave one gap where they met', () => {
  for (const startMs of [0, minute, 2 * minute, 9 * minute]) recorded(startMs);
  const ids = store.call('recordings.oldest', { cameraId: null, limit: 10 }).map(({ id }) => id);
  store.call('recordings.leave', { ids });
  expect(range(0, 10 * minute).segments).toEqual([]);
  store.call('recordings.forget', { ids, reason: 'deleted' });
  expect(range(0, 10 * minute).gaps).toEqual([
    { fromMs: 0, toMs: 3 * minute, reason: 'deleted' },
    { fromMs: 9 * minute, toMs: 10 * minute, reason: 'deleted' },
  ]);
});

test('the oldest come first, of one camera or all, without those that are kept', () => {
  recorded(minute);
  recorded(0, 'gate');
  recorded(2 * minute);
  store.call('recordings.setKept', { cameraId: 'yard', stretches: [{ fromMs: minute + 1, toMs: minute + 2 }] });
  const oldest = (cameraId: string | null) =>
    store.call('recordings.oldest', { cameraId, limit: 10 }).map((one) => [one.cameraId, one.startMs]);
  expect(oldest(null)).toEqual([
    ['gate', 0],
    ['yard', 2 * minute],
  ]);
  expect(oldest('yard')).toEqual([['yard', 2 * minute]]);
});

test('what is kept after it was chosen does not leave', () => {
  for (const startMs of [0, minute, 2 * minute]) recorded(startMs);
  const ids = store.call('recordings.oldest', { cameraId: null, limit: 10 }).map(({ id }) => id);
  store.call('recordings.setKept', { cameraId: 'yard', stretches: [{ fromMs: minute + 1, toMs: minute + 2 }] });
  expect(store.call('recordings.leave', { ids })).toEqual([ids[0], ids[2]]);
  expect(range(0, 3 * minute).segments.map(({ startMs }) => startMs)).toEqual([minute]);
});

test('a range of a camera and the oldest of all are found by an index', () => {
  const plan = (sql: string, parameters: unknown): string =>
    (store.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(parameters) as { detail: string }[])
      .map(({ detail }) => detail)
      .join('\n');
  const asked = { cameraId: 'a', fromMs: 1, toMs: 2, limit: 9 };
  expect(plan(segmentsInRangeSql, asked)).toContain(
    'recording_segments_by_time (camera_id=? AND start_ms>? AND start_ms<?)',
  );
  expect(plan(oldestSql, asked)).toContain('recording_segments_by_age (state=?)');
  const ofCamera = plan(oldestOfCameraSql, asked);
  expect(ofCamera).toContain('recording_segments_by_time (camera_id=?)');
  expect(ofCamera).not.toContain('TEMP B-TREE');
  // The page asks for these every few seconds: none may look at more than a day's files, or at those that are kept.
  const totals = plan(totalsSql, {});
  expect(totals).not.toMatch(/SCAN (?!total)|TEMP B-TREE/);
  expect(totals.match(/SEARCH recording_segments USING COVERING INDEX \w+ \(camera_id=\?\)/g)).toHaveLength(2);
  expect(plan(recentSql, { cameraId: 'a', sinceMs: 1 })).toBe(
    'SEARCH recording_segments USING COVERING INDEX recording_segments_by_time (camera_id=? AND start_ms>?)',
  );
  const kept = plan(keptSql, { cameraId: 'a' });
  expect(kept).toContain('SEARCH kept USING PRIMARY KEY (camera_id=?)');
  expect(kept).toContain(
    'SEARCH segment USING COVERING INDEX recording_segments_by_time (camera_id=? AND start_ms>? AND start_ms<?)',
  );
});

const counted = `SELECT camera_id AS cameraId, total(bytes) AS bytes, min(start_ms) AS oldestMs, max(end_ms) AS newestMs,
    total(bytes) FILTER (WHERE start_ms >= @sinceMs) AS recentBytes,
    min(start_ms) FILTER (WHERE start_ms >= @sinceMs) AS recentFromMs,
    total(bytes) FILTER (WHERE EXISTS (SELECT 1 FROM recording_kept AS kept
      WHERE kept.camera_id = segment.camera_id AND kept.from_ms < segment.end_ms AND kept.to_ms > segment.start_ms
    )) AS keptBytes
  FROM recording_segments AS segment WHERE state = 'closed' GROUP BY camera_id ORDER BY camera_id`;

test('totals are those that counting every row finds, through all that happens to rows', () => {
  const rows = 20_000;
  store.db
    .prepare(
      `WITH RECURSIVE n (at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM n WHERE at < ${String(rows)} - 1)
       INSERT INTO recording_segments (camera_id, file, start_ms, end_ms, bytes, codec, state)
       SELECT 'cam' || (at % 3), 'f' || at, (at / 3) * 60000, (at / 3 + 1) * 60000, 100 + at % 7, NULL, 'closed' FROM n`,
    )
    .run();
  const kept = [3, 4.5, 40].map((at) => ({ fromMs: at * minute, toMs: (at + 1.2) * minute }));
  store.call('recordings.setKept', { cameraId: 'cam1', stretches: kept });
  const sinceMs = 5_000 * minute;
  const agree = (): void => {
    expect(store.call('recordings.totals', { sinceMs })).toEqual(store.db.prepare(counted).all({ sinceMs }));
  };
  agree();
  // Opened, told twice, closed, mended to another size, dropped, and deleted.
  for (const at of [7_000, 7_001, 7_002]) recorded(at * minute, 'cam1', 50);
  store.call('recordings.open', { cameraId: 'cam1', file: 'cam1/open.mp4', startMs: 7_100 * minute, codec: null });
  store.call('recordings.close', { cameraId: 'new', file: 'new/found.mp4', startMs: 1, endMs: minute, bytes: 9 });
  store.call('recordings.close', { cameraId: 'new', file: 'new/found.mp4', startMs: 1, endMs: minute, bytes: 11 });
  agree();
  const oldest = store.call('recordings.oldest', { cameraId: null, limit: 500 }).map(({ id }) => id);
  store.call('recordings.leave', { ids: oldest });
  agree();
  store.call('recordings.forget', { ids: oldest, reason: 'deleted' });
  store.call('recordings.drop', { file: 'new/found.mp4' });
  store.call('recordings.drop', { file: 'cam1/open.mp4' });
  agree();
  expect(store.call('recordings.totals', { sinceMs }).map(({ cameraId }) => cameraId)).toEqual([
    'cam0',
    'cam1',
    'cam2',
  ]);
});

test('an upgrade counts what is there', () => {
  const file = join(folder.path, 'old.db');
  const old = openDatabase({ file, migrations: migrations.filter(({ version }) => version < 140) });
  const insert = old.prepare(
    `INSERT INTO recording_segments (camera_id, file, start_ms, end_ms, bytes, codec, state) VALUES (?, ?, 0, 60000, 7, NULL, ?)`,
  );
  for (const [cameraId, name, state] of [
    ['yard', 'a', 'closed'],
    ['yard', 'b', 'closed'],
    ['yard', 'c', 'open'],
    ['gate', 'd', 'leaving'],
  ])
    insert.run(cameraId, name, state);
  old.close();
  const upgraded = openDirectly(file);
  expect(upgraded.call('recordings.totals', { sinceMs: 0 })).toMatchObject([{ cameraId: 'yard', bytes: 14 }]);
  upgraded.db.close();
});

test('why there was nothing is forgotten with the footage around it, and told in one piece', () => {
  const day = 86_400_000;
  const nowMs = 100 * day;
  const note = (atMs: number, reason: 'no-event' | 'camera-offline' | null): void => {
    store.call('recordings.gap', { cameraId: 'yard', atMs, reason });
  };
  for (let at = 1; at <= 90; at++) {
    note(at * day, 'no-event');
    note(at * day + minute, null);
  }
  note(95 * day, 'camera-offline');
  recorded(40 * day);
  store.call('recordings.pruneGaps', { nowMs });
  const { gaps } = range(0, nowMs);
  expect(gaps[0]).toEqual({ fromMs: 0, toMs: 39 * day + minute, reason: 'unknown' });
  expect(gaps.slice(1).map(({ fromMs }) => fromMs / day)).toEqual([
    ...Array.from({ length: 51 }, (_, i) => 40 + i),
    95,
  ]);
  store.call('recordings.pruneGaps', { nowMs });
  expect(range(0, nowMs).gaps).toEqual(gaps);

  const ids = store.call('recordings.oldest', { cameraId: 'yard', limit: 1 }).map(({ id }) => id);
  store.call('recordings.forget', { ids, reason: 'deleted' });
  store.call('recordings.pruneGaps', { nowMs });
  expect(range(0, nowMs).gaps[0]).toEqual({ fromMs: 0, toMs: 69 * day + minute, reason: 'deleted' });
});

test('however often a camera comes and goes, its gaps have a bound', () => {
  recorded(0);
  store.db
    .prepare(
      `WITH RECURSIVE n (at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM n WHERE at < 20499)
       INSERT INTO recording_gaps (camera_id, from_ms, to_ms, reason) SELECT 'yard', at * 10, at * 10 + 5, 'no-event' FROM n`,
    )
    .run();
  store.call('recordings.pruneGaps', { nowMs: 1_000_000 });
  const { gaps } = store.call('recordings.range', { cameraId: 'yard', fromMs: 0, toMs: 1_000_000, limit: 1 });
  expect(gaps).toHaveLength(20_001);
  expect(gaps[0]).toEqual({ fromMs: 0, toMs: 4_995, reason: 'no-event' });
});

test('footage of a camera that is gone keeps its days, until the footage is gone too', () => {
  for (const [id, keepDays] of [
    ['yard', 3],
    ['gate', null],
    ['roof', 2],
  ] as const) {
    store.call('cameras.save', { ...camera(id, id), keepDays });
    recorded(0, id);
  }
  for (const id of ['yard', 'gate']) store.call('cameras.remove', { id });
  expect(store.call('recordings.removedDays', undefined)).toEqual([{ cameraId: 'yard', keepDays: 3 }]);
  const ids = store.call('recordings.oldest', { cameraId: 'yard', limit: 1 }).map(({ id }) => id);
  store.call('recordings.forget', { ids, reason: 'deleted' });
  store.call('recordings.pruneGaps', { nowMs: 1 });
  expect(store.call('recordings.removedDays', undefined)).toEqual([]);
});
