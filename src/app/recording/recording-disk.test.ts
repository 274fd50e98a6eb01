import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { segmentName } from '../../core/recording/segment-names.ts';
import type { Camera } from '../../shared/domain/camera.ts';
import { recordingsForEachTest, yard } from './testing/recording-bench.ts';

const recordings = recordingsForEachTest();
const mib = 2 ** 20;

test('a camera that is not to be recorded any more does not keep up the notice of a full disk', async () => {
  const bench = recordings.open();
  bench.service.activate(true);
  await bench.service.load();
  bench.notices.length = 0;
  const gate: Camera = { ...yard, id: 'gate', name: 'Gate' };
  bench.others = [gate];
  bench.service.message('gate', { kind: 'stopped', atMs: bench.nowMs, reason: 'disk-full', detail: null });
  bench.footage(bench.nowMs, bench.nowMs + 1_000, 1);
  expect(bench.notices).not.toContain('cleared recording-disk');
  bench.others = [{ ...gate, recording: 'off' }];
  bench.footage(bench.nowMs + 1_000, bench.nowMs + 2_000, 1);
  expect(bench.notices).toContain('cleared recording-disk');
  await bench.service.close();
});

test('a disk that does not answer is told while it lasts: the recorder itself stands still and says nothing', async () => {
  const bench = recordings.open();
  bench.service.activate(true);
  await bench.service.load();
  bench.notices.length = 0;
  const startMs = bench.nowMs;
  const [first, second] = [segmentName(startMs), segmentName(startMs + 60_000)];
  const state = async () => {
    const [camera] = (await bench.service.status()).cameras;
    return [camera?.state, camera?.reason];
  };
  bench.news({ kind: 'opened', file: first, startMs, codec: 'h264' });
  bench.news({ kind: 'load', waitingBytes: 5, leftOut: 0 });
  expect(await state()).toEqual(['recording', null]);
  bench.pass(30_000);
  bench.news({ kind: 'load', waitingBytes: 32 * mib, leftOut: 9 });
  expect(bench.notices.at(-1)).toBe('recording-disk');
  expect(await state()).toEqual(['stopped', 'disk-slow']);
  bench.pass(20_000);
  const { segments, gaps } = await bench.coverage(startMs);
  expect(segments.map(({ toMs, isOpen }) => [toMs - startMs, isOpen])).toEqual([[30_000, true]]);
  expect(gaps.map(({ fromMs, toMs, reason }) => [fromMs - startMs, toMs - startMs, reason])).toEqual([
    [30_000, 50_000, 'disk-slow'],
  ]);
  bench.pass(10_000);
  bench.news(
    { kind: 'closed', file: first, startMs, endMs: startMs + 29_000, bytes: 7 },
    { kind: 'stopped', atMs: startMs + 29_000, reason: 'disk-slow', detail: null },
    { kind: 'opened', file: second, startMs: startMs + 60_000, codec: 'h264' },
  );
  expect(await state()).toEqual(['recording', null]);
  expect(bench.notices.at(-1)).toBe('cleared recording-disk');
  bench.news({ kind: 'closed', file: second, startMs: startMs + 60_000, endMs: startMs + 61_000, bytes: 7 });
  await bench.service.close();
});

test('what a recorder that broke down was writing is looked at as soon as that is known', async () => {
  const bench = recordings.open();
  bench.service.activate(true);
  await bench.service.load();
  const startMs = bench.nowMs - 60_000;
  const file = segmentName(startMs);
  const path = join(recordings.path, 'recordings', 'yard', ...file.split('/'));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, 'footage');
  bench.news(
    { kind: 'opened', file, startMs, codec: 'h264' },
    { kind: 'stopped', atMs: bench.nowMs, reason: 'disk-error', detail: 'the recorder ended' },
  );
  await bench.service.footageIsKnown();
  const { segments } = await bench.coverage(startMs);
  expect(segments.map(({ fromMs, toMs, isOpen }) => [fromMs, toMs, isOpen])).toEqual([
    [startMs, startMs + 30_000, false],
  ]);
  await bench.service.close();
});
