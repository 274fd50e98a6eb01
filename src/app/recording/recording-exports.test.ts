import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { recordingsForEachTest } from './testing/recording-bench.ts';

const recordings = recordingsForEachTest();

test('an export of nothing, or into a folder that is not there, says so', async () => {
  const bench = recordings.open();
  bench.service.activate(true);
  await bench.service.load();
  const range = { cameraId: 'yard', fromMs: 0, toMs: 1_000 };
  await expect(bench.service.exports.export({ ...range, file: null })).rejects.toThrow('Nothing was recorded');
  await expect(bench.service.exports.export({ ...range, toMs: 0, file: null })).rejects.toThrow(
    'later than the beginning',
  );
  bench.footage(bench.nowMs - 60_000, bench.nowMs, 1);
  await bench.coverage(0);
  const file = join(recordings.path, 'no', 'such.mp4');
  await expect(bench.service.exports.export({ cameraId: 'yard', fromMs: 0, toMs: bench.nowMs, file })).rejects.toThrow(
    'folder for the file does not exist',
  );
  await bench.service.close();
});

test('exports go one after the other, each under a name of its own; too many are refused and counted', async () => {
  const bench = recordings.open();
  bench.service.activate(true);
  await bench.service.load();
  bench.footage(bench.nowMs - 60_000, bench.nowMs, 1);
  await bench.coverage(0);
  let atOnce = 0;
  let most = 0;
  bench.exporting = async ({ target }) => {
    most = Math.max(most, ++atOnce);
    await recordings.store.call('settings.get', { key: 'a turn' });
    writeFileSync(target, 'film');
    atOnce -= 1;
    return { bytes: 4, ranges: [], durationMs: 1 };
  };
  const ask = () => bench.service.exports.export({ cameraId: 'yard', fromMs: 0, toMs: bench.nowMs, file: null });
  const asked = Array.from({ length: 12 }, ask);
  const queue = () => bench.service.queues().find(({ name }) => name === 'recording-exports');
  expect(queue()).toMatchObject({ waiting: 8, bound: 8, policy: 'refused', givenUp: 3 });
  const answers = await Promise.allSettled(asked);
  const files = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.file] : []));
  expect(new Set(files).size).toBe(9);
  expect(most).toBe(1);
  const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [String(answer.reason)] : []));
  expect(refusals).toEqual(
    Array.from({ length: 3 }, () => expect.stringContaining('exports of footage wait') as string),
  );
  expect(queue()).toMatchObject({ waiting: 0, givenUp: 3 });
  await bench.service.close();
});

test('an export of more files than are read at once is refused, not cut short', async () => {
  const bench = recordings.open();
  const db = new Database(join(recordings.path, 'nightshift.db'));
  const insert = db.prepare(
    `INSERT INTO recording_segments (camera_id, file, start_ms, end_ms, bytes, codec, state)
     VALUES ('yard', 'yard/' || ?, ?, ?, 1, NULL, 'closed')`,
  );
  db.transaction(() => {
    for (let at = 0; at < 20_000; at++) insert.run(at, at * 60_000, (at + 1) * 60_000);
  })();
  db.close();
  const all = { cameraId: 'yard', fromMs: 0, toMs: 20_000 * 60_000, file: null };
  await expect(bench.service.exports.export(all)).rejects.toThrow(/20000 files or more/);
  bench.exporting = () => Promise.resolve({ bytes: 4, ranges: [], durationMs: 1 });
  expect(await bench.service.exports.export({ ...all, toMs: 19_999 * 60_000 })).toMatchObject({ bytes: 4 });
});
