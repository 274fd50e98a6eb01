import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { dayMs, gib, recordingsForEachTest, yard } from './testing/recording-bench.ts';

const recordings = recordingsForEachTest();
const mib = 2 ** 20;

test('a clock that jumps ahead deletes nothing for hours, and nothing at all where it is set right', async () => {
  const bench = recordings.open();
  bench.service.activate(true);
  await bench.service.load();
  bench.camera = { ...yard, keepDays: 5 };
  const path = bench.footage(bench.nowMs - dayMs, bench.nowMs - dayMs + 60_000, gib);
  const isThereAt = async (aheadMs: number, afterMs: number): Promise<boolean> => {
    bench.aheadMs = aheadMs;
    bench.pass(afterMs);
    await bench.service.retain();
    return existsSync(path);
  };
  expect(await isThereAt(0, 60_000)).toBe(true);
  expect(await isThereAt(400 * dayMs, 60_000)).toBe(true);
  expect(bench.notices).toContain('recording-clock');
  expect(await isThereAt(0, 60_000)).toBe(true);
  expect(bench.notices.at(-1)).toBe('cleared recording-clock');
  // It stays ahead: then this is the time.
  expect(await isThereAt(400 * dayMs, 60_000)).toBe(true);
  expect(await isThereAt(400 * dayMs, 5.9 * 3_600_000)).toBe(true);
  expect(await isThereAt(400 * dayMs, 3_600_000)).toBe(false);
  await bench.service.close();
});

test('where a file system gives space back later, no more goes than is needed', async () => {
  const bench = recordings.open();
  bench.service.activate(true);
  await bench.service.load();
  const db = new Database(join(recordings.path, 'nightshift.db'));
  const insert = db.prepare(
    `INSERT INTO recording_segments (camera_id, file, start_ms, end_ms, bytes, codec, state)
     VALUES ('yard', 'yard/day/' || ?, ?, ?, ?, NULL, 'closed')`,
  );
  db.transaction(() => {
    for (let at = 0; at < 1_200; at++) insert.run(at, at * 60_000, (at + 1) * 60_000, mib);
  })();
  db.close();
  bench.freeBytes = 10 * gib - 600 * mib;
  await bench.service.retain();
  expect(await recordings.store.call('recordings.oldest', { cameraId: null, limit: 2_000 })).toHaveLength(600);
  await bench.service.close();
});

test('stretches that are kept at the same time are all kept', async () => {
  const bench = recordings.open();
  const stretches = [1, 3, 5].map((at) => ({ fromMs: at * 1_000, toMs: (at + 1) * 1_000 }));
  await Promise.all(stretches.map((stretch) => bench.service.index.keep({ cameraId: 'yard', ...stretch }, true)));
  expect(await recordings.store.call('recordings.kept', { cameraId: 'yard' })).toEqual(stretches);
});
