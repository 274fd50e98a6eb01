import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { segmentName } from '../../core/recording/segment-names.ts';
import { dayMs, gib, recordingsForEachTest, yard } from './testing/recording-bench.ts';

const recordings = recordingsForEachTest();

test('what is recorded and what is not cover the time together, with the reasons', async () => {
  const bench = recordings.open();
  bench.service.activate(true);
  await bench.service.load();
  const t = bench.nowMs;
  bench.footage(t + 1_000, t + 61_000, 5);
  bench.news({ kind: 'stopped', atMs: t + 61_000, reason: 'disk-full', detail: null });
  bench.pass(70_000);
  bench.service.engineLost();
  bench.footage(t + 71_000, t + 80_000, 6);
  bench.pass(20_000);
  const { segments, gaps } = await bench.coverage(t - 10_000);
  expect(segments.map(({ fromMs, toMs, bytes }) => [fromMs - t, toMs - t, bytes])).toEqual([
    [1_000, 61_000, 5],
    [71_000, 80_000, 6],
  ]);
  expect(gaps.map(({ fromMs, toMs, reason }) => [fromMs - t, toMs - t, reason])).toEqual([
    [-10_000, 0, 'off'],
    [0, 1_000, 'not-running'],
    [61_000, 71_000, 'starting'],
    [80_000, 90_000, 'unknown'],
  ]);
  await bench.service.close();
});

test('a full disk is one notice, and none any more when footage comes again', async () => {
  const bench = recordings.open();
  bench.service.activate(true);
  await bench.service.load();
  bench.notices.length = 0;
  const stopped = { kind: 'stopped', atMs: bench.nowMs, reason: 'disk-full', detail: null } as const;
  bench.news(stopped);
  expect(bench.notices).toEqual(['recording-disk']);
  bench.footage(bench.nowMs, bench.nowMs + 1_000, 1);
  expect(bench.notices).toContain('cleared recording-disk');
  await bench.service.close();
});

test('a confirmed track keeps a camera that records around events recording, told once a second', async () => {
  const bench = recordings.open();
  bench.service.activate(true);
  await bench.service.load();
  bench.camera = { ...yard, recording: 'events' };
  const seen = (trackId: number | null, isStationary = false): void => {
    const person = { classIndex: 0, score: 1, box: [0, 0, 1, 1] as const, label: 'person' };
    const detections = [{ ...person, trackId, isStationary }];
    const payload = { cameraId: 'yard', capturedAtMs: bench.nowMs, width: 10, height: 10, detections };
    bench.service.heard({ event: 'cameras.result', payload });
  };
  seen(null);
  seen(1, true);
  expect(bench.sent).toEqual([]);
  seen(1);
  seen(1);
  bench.pass(1_100);
  seen(1);
  expect(bench.sent).toMatchObject([{ type: 'record-until', cameraId: 'yard' }, { forMs: 10_000 }]);
  await bench.service.close();
});

test('after a crash open files get the length that can be played, lost ones go, unknown ones are taken in', async () => {
  const bench = recordings.open();
  bench.service.activate(true);
  await bench.service.load();
  const t = bench.nowMs - 600_000;
  const open = join(recordings.path, 'recordings', 'yard', ...segmentName(t).split('/'));
  mkdirSync(dirname(open), { recursive: true });
  writeFileSync(open, 'footage');
  writeFileSync(join(recordings.path, 'recordings', 'yard', ...segmentName(t + 60_000).split('/')), 'footage');
  await recordings.store.call('recordings.open', {
    cameraId: 'yard',
    file: `yard/${segmentName(t)}`,
    startMs: t,
    codec: 'h264',
  });
  const gone = { cameraId: 'yard', file: `yard/${segmentName(t + 120_000)}`, startMs: t + 120_000, codec: 'h264' };
  await recordings.store.call('recordings.open', gone);
  // Just begun by the new engine, which has not told of it yet.
  const begun = segmentName(bench.nowMs + 500);
  const unknown = join(recordings.path, 'recordings', 'yard', ...begun.split('/'));
  mkdirSync(dirname(unknown), { recursive: true });
  writeFileSync(unknown, 'footage');
  await bench.restarted();
  const prefix = `yard/${begun.split('/')[0] ?? ''}/`;
  expect(await recordings.store.call('recordings.filesIn', { prefix })).not.toContain(`yard/${begun}`);
  const { segments } = await bench.coverage(t - 1, t + 300_000);
  expect(segments.map(({ fromMs, toMs, isOpen }) => [fromMs - t, toMs - t, isOpen])).toEqual([
    [0, 30_000, false],
    [60_000, 90_000, false],
  ]);
});

test('retention takes what is too old and then the oldest, never what is kept, and says that it was deleted', async () => {
  const bench = recordings.open();
  bench.service.activate(true);
  await bench.service.load();
  const now = bench.nowMs;
  const ages = [9, 8, 7, 3, 2, 1];
  const paths = ages.map((days) => bench.footage(now - days * dayMs, now - days * dayMs + 60_000, gib));
  await bench.service.index.keep({ cameraId: 'yard', fromMs: now - 8 * dayMs, toMs: now - 8 * dayMs + 1 }, true);
  bench.camera = { ...yard, keepDays: 5 };
  await bench.service.retain();
  expect(paths.map((path) => existsSync(path))).toEqual([false, true, false, true, true, true]);
  bench.freeBytes = 8.5 * gib;
  await bench.service.retain();
  expect(paths.map((path) => existsSync(path))).toEqual([false, true, false, false, false, true]);
  const { segments, gaps } = await bench.coverage(now - 10 * dayMs, now - dayMs + 60_000);
  expect(segments.map(({ isKept }) => isKept)).toEqual([true, false]);
  expect(gaps.filter(({ reason }) => reason === 'deleted')).toHaveLength(4);

  await bench.service.index.keep({ cameraId: 'yard', fromMs: 0, toMs: now }, false);
  await bench.service.retain();
  expect(paths.map((path) => existsSync(path))).toEqual([false, false, false, false, false, false]);
  await bench.service.close();
});

test('a deletion that a crash interrupted is finished, and its rows are not shown meanwhile', async () => {
  const bench = recordings.open();
  bench.service.activate(true);
  await bench.service.load();
  const path = bench.footage(bench.nowMs - 120_000, bench.nowMs - 60_000, 1);
  const { segments } = await bench.coverage(bench.nowMs - 130_000);
  await recordings.store.call('recordings.leave', { ids: segments.map(({ id }) => id) });
  expect((await bench.coverage(bench.nowMs - 130_000)).segments).toEqual([]);
  expect(existsSync(path)).toBe(true);
  await bench.restarted();
  expect(existsSync(path)).toBe(false);
  expect(await recordings.store.call('recordings.unfinished', undefined)).toEqual([]);
});

test('status says how much there is, at which rate, and how long the disk lasts', async () => {
  const bench = recordings.open();
  bench.service.activate(true);
  await bench.service.load();
  const now = bench.nowMs;
  bench.footage(now - dayMs / 2, now - dayMs / 2 + 60_000, gib);
  bench.footage(now - 60_000, now, gib);
  await bench.service.retain();
  const { cameras, daysLeft } = await bench.service.status();
  expect(cameras[0]).toMatchObject({ state: 'stopped', bytes: 2 * gib, bytesPerDay: 4 * gib });
  expect(daysLeft).toBe(20);
  await bench.service.close();
});

test('footage of a camera that is gone goes after the days that it kept', async () => {
  const bench = recordings.open();
  bench.service.activate(true);
  await bench.service.load();
  const now = bench.nowMs;
  const { login: _login, ...row } = { ...yard, keepDays: 5 };
  await recordings.store.call('cameras.save', row);
  const paths = [6, 4].map((days) => bench.footage(now - days * dayMs, now - days * dayMs + 60_000, gib));
  await recordings.store.call('cameras.remove', { id: 'yard' });
  bench.isRemoved = true;
  await bench.service.retain();
  expect(paths.map((path) => existsSync(path))).toEqual([false, true]);
  await bench.service.close();
});
