import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { segmentsInRangeSql } from './queries/recording-ranges.ts';
import { oldestSql } from './queries/recording-segments.ts';
import { openDirectly, type DirectStore } from './testing/direct-store.ts';
import { camera, temporaryFolder } from './testing/store-fixture.ts';

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

test('shed frames of which there is footage are found with their file', () => {
  store.call('cameras.save', camera('yard', 'Back yard'));
  recorded(0);
  const shed = (atMs: number, name: string) =>
    ({ atMs, step: 'oldest-out', camera: name, frames: 3, why: '' }) as const;
  store.call('timeline.add', {
    seconds: [],
    shed: [shed(5_000, 'Back yard'), shed(90_000, 'Back yard'), shed(6_000, 'Gate')],
    nowMs: 100_000,
  });
  const found = store.call('recordings.shedWithFootage', { cameraId: 'yard', fromMs: 0, toMs: 100_000, limit: 10 });
  expect(found).toEqual([{ atMs: 5_000, frames: 3, file: 'yard/day/0.mp4', segmentStartMs: 0 }]);
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
});
