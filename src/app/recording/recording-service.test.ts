import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { usualThresholds } from '../../core/recording/retention.ts';
import { segmentName } from '../../core/recording/segment-names.ts';
import { manualClock, type ManualClock } from '../../core/testing/manual-clock.ts';
import { cameraSettingsSchema, type Camera, type CameraState } from '../../shared/domain/camera.ts';
import type { EngineRequest, RecordingNews, ToEngine } from '../../shared/engine/protocol.ts';
import type { OpenedStore } from '../../store/client.ts';
import { folderForEachTest } from '../../store/testing/each-test.ts';
import { openFolder } from '../../store/testing/store-fixture.ts';
import { RecordingService } from './recording-service.ts';

const dayMs = 86_400_000;
const gib = 2 ** 30;
const yard: Camera = {
  ...cameraSettingsSchema.parse({ name: 'Yard', url: 'rtsp://yard', recording: 'continuous' }),
  id: 'yard',
  createdAtMs: 0,
};

const folder = folderForEachTest();
let store: OpenedStore;
beforeEach(async () => {
  store = await openFolder(folder.path);
});
afterEach(async () => {
  await store.close();
});

/** The service on a real store and real files, and an engine that answers what a test wants. */
class Bench {
  readonly clock: ManualClock = manualClock(0, 200 * dayMs);
  readonly sent: ToEngine[] = [];
  readonly notices: string[] = [];
  readonly mended = { bytes: 10, durationMs: 30_000 };
  camera = yard;
  state: CameraState = 'live';
  freeBytes = 90 * gib;
  isRemoved = false;
  /** What the engine does about an export. */
  exporting: (order: { readonly target: string }) => Promise<unknown> = () =>
    Promise.reject(new Error('not asked for'));
  readonly service: RecordingService;

  constructor() {
    this.service = new RecordingService({
      store,
      clock: this.clock,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      dataDir: folder.path,
      reportsDir: join(folder.path, 'reports'),
      thresholds: usualThresholds,
      disk: () => Promise.resolve({ freeBytes: this.freeBytes, totalBytes: 100 * gib }),
      cameras: () => ({
        list: this.isRemoved ? [] : [this.camera],
        statuses: [{ cameraId: 'yard', state: this.state } as never],
      }),
      notices: {
        raise: (_level, topic) => Promise.resolve(void this.notices.push(topic)),
        clear: (topic) => Promise.resolve(void this.notices.push(`cleared ${topic}`)),
      },
      engine: {
        isReady: true,
        whenVersions: Promise.resolve({}),
        send: (message) => void this.sent.push(message),
        request: (request: EngineRequest) => {
          if (request.type === 'export-recording') return this.exporting(request) as Promise<never>;
          if (request.type !== 'mend-recording') return Promise.reject(new Error(`not asked for: ${request.type}`));
          return Promise.resolve((existsSync(request.path) ? this.mended : { bytes: 0, durationMs: 0 }) as never);
        },
      },
    });
  }

  get nowMs(): number {
    return this.clock.epochMs();
  }

  pass(ms: number): void {
    this.clock.advanceTo(this.clock.monoMs() + ms);
  }

  news(...all: RecordingNews[]): void {
    for (const news of all) this.service.message('yard', news);
  }

  /** A whole file, on the disk and as the engine tells it. */
  footage(startMs: number, endMs: number, bytes: number): string {
    const file = segmentName(startMs);
    const path = join(folder.path, 'recordings', 'yard', ...file.split('/'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'footage');
    this.news({ kind: 'opened', file, startMs, codec: 'h264' }, { kind: 'closed', file, startMs, endMs, bytes });
    return path;
  }

  coverage(fromMs: number, toMs = this.nowMs) {
    return this.service.coverage({ cameraId: 'yard', fromMs, toMs });
  }

  /** After a crash, as the next start would find it. */
  async restarted(): Promise<void> {
    this.service.engineIsReady();
    await this.service.close();
  }
}

test('what is recorded and what is not cover the time together, with the reasons', async () => {
  const bench = new Bench();
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
  const bench = new Bench();
  bench.service.activate(true);
  await bench.service.load();
  const stopped = { kind: 'stopped', atMs: bench.nowMs, reason: 'disk-full', detail: null } as const;
  bench.news(stopped);
  expect(bench.notices).toEqual(['recording-disk']);
  bench.footage(bench.nowMs, bench.nowMs + 1_000, 1);
  expect(bench.notices).toContain('cleared recording-disk');
  await bench.service.close();
});

test('a confirmed track keeps a camera that records around events recording, told once a second', async () => {
  const bench = new Bench();
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
  const bench = new Bench();
  bench.service.activate(true);
  await bench.service.load();
  const t = bench.nowMs - 600_000;
  const open = join(folder.path, 'recordings', 'yard', ...segmentName(t).split('/'));
  mkdirSync(dirname(open), { recursive: true });
  writeFileSync(open, 'footage');
  writeFileSync(join(folder.path, 'recordings', 'yard', ...segmentName(t + 60_000).split('/')), 'footage');
  await store.call('recordings.open', { cameraId: 'yard', file: `yard/${segmentName(t)}`, startMs: t, codec: 'h264' });
  const gone = { cameraId: 'yard', file: `yard/${segmentName(t + 120_000)}`, startMs: t + 120_000, codec: 'h264' };
  await store.call('recordings.open', gone);
  // Just begun by the new engine, which has not told of it yet.
  const begun = segmentName(bench.nowMs + 500);
  const unknown = join(folder.path, 'recordings', 'yard', ...begun.split('/'));
  mkdirSync(dirname(unknown), { recursive: true });
  writeFileSync(unknown, 'footage');
  await bench.restarted();
  const prefix = `yard/${begun.split('/')[0] ?? ''}/`;
  expect(await store.call('recordings.filesIn', { prefix })).not.toContain(`yard/${begun}`);
  const { segments } = await bench.coverage(t - 1, t + 300_000);
  expect(segments.map(({ fromMs, toMs, isOpen }) => [fromMs - t, toMs - t, isOpen])).toEqual([
    [0, 30_000, false],
    [60_000, 90_000, false],
  ]);
});

test('retention takes what is too old and then the oldest, never what is kept, and says that it was deleted', async () => {
  const bench = new Bench();
  bench.service.activate(true);
  await bench.service.load();
  const now = bench.nowMs;
  const ages = [9, 8, 7, 3, 2, 1];
  const paths = ages.map((days) => bench.footage(now - days * dayMs, now - days * dayMs + 60_000, gib));
  await bench.service.keep({ cameraId: 'yard', fromMs: now - 8 * dayMs, toMs: now - 8 * dayMs + 1 }, true);
  bench.camera = { ...yard, keepDays: 5 };
  await bench.service.retain();
  expect(paths.map((path) => existsSync(path))).toEqual([false, true, false, true, true, true]);
  bench.freeBytes = 8.5 * gib;
  await bench.service.retain();
  expect(paths.map((path) => existsSync(path))).toEqual([false, true, false, false, false, true]);
  const { segments, gaps } = await bench.coverage(now - 10 * dayMs, now - dayMs + 60_000);
  expect(segments.map(({ isKept }) => isKept)).toEqual([true, false]);
  expect(gaps.filter(({ reason }) => reason === 'deleted')).toHaveLength(4);

  await bench.service.keep({ cameraId: 'yard', fromMs: 0, toMs: now }, false);
  await bench.service.retain();
  expect(paths.map((path) => existsSync(path))).toEqual([false, false, false, false, false, false]);
  await bench.service.close();
});

test('a deletion that a crash interrupted is finished, and its rows are not shown meanwhile', async () => {
  const bench = new Bench();
  bench.service.activate(true);
  await bench.service.load();
  const path = bench.footage(bench.nowMs - 120_000, bench.nowMs - 60_000, 1);
  const { segments } = await bench.coverage(bench.nowMs - 130_000);
  await store.call('recordings.leave', { ids: segments.map(({ id }) => id) });
  expect((await bench.coverage(bench.nowMs - 130_000)).segments).toEqual([]);
  expect(existsSync(path)).toBe(true);
  await bench.restarted();
  expect(existsSync(path)).toBe(false);
  expect(await store.call('recordings.unfinished', undefined)).toEqual([]);
});

test('status says how much there is, at which rate, and how long the disk lasts', async () => {
  const bench = new Bench();
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

test('an export of nothing, or into a folder that is not there, says so', async () => {
  const bench = new Bench();
  bench.service.activate(true);
  await bench.service.load();
  const range = { cameraId: 'yard', fromMs: 0, toMs: 1_000 };
  await expect(bench.service.export({ ...range, file: null })).rejects.toThrow('Nothing was recorded');
  await expect(bench.service.export({ ...range, toMs: 0, file: null })).rejects.toThrow('later than the beginning');
  bench.footage(bench.nowMs - 60_000, bench.nowMs, 1);
  await bench.coverage(0);
  const file = join(folder.path, 'no', 'such.mp4');
  await expect(bench.service.export({ cameraId: 'yard', fromMs: 0, toMs: bench.nowMs, file })).rejects.toThrow(
    'folder for the file does not exist',
  );
  await bench.service.close();
});

test('exports go one after the other, each under a name of its own; too many are refused and counted', async () => {
  const bench = new Bench();
  bench.service.activate(true);
  await bench.service.load();
  bench.footage(bench.nowMs - 60_000, bench.nowMs, 1);
  await bench.coverage(0);
  let atOnce = 0;
  let most = 0;
  bench.exporting = async ({ target }) => {
    most = Math.max(most, ++atOnce);
    await store.call('settings.get', { key: 'a turn' });
    writeFileSync(target, 'film');
    atOnce -= 1;
    return { bytes: 4, ranges: [], durationMs: 1 };
  };
  const ask = () => bench.service.export({ cameraId: 'yard', fromMs: 0, toMs: bench.nowMs, file: null });
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
  const bench = new Bench();
  const db = new Database(join(folder.path, 'nightshift.db'));
  const insert = db.prepare(
    `INSERT INTO recording_segments (camera_id, file, start_ms, end_ms, bytes, codec, state)
     VALUES ('yard', 'yard/' || ?, ?, ?, 1, NULL, 'closed')`,
  );
  db.transaction(() => {
    for (let at = 0; at < 20_000; at++) insert.run(at, at * 60_000, (at + 1) * 60_000);
  })();
  db.close();
  const all = { cameraId: 'yard', fromMs: 0, toMs: 20_000 * 60_000, file: null };
  await expect(bench.service.export(all)).rejects.toThrow(/20000 files or more/);
  bench.exporting = () => Promise.resolve({ bytes: 4, ranges: [], durationMs: 1 });
  expect(await bench.service.export({ ...all, toMs: 19_999 * 60_000 })).toMatchObject({ bytes: 4 });
});

test('footage of a camera that is gone goes after the days that it kept', async () => {
  const bench = new Bench();
  bench.service.activate(true);
  await bench.service.load();
  const now = bench.nowMs;
  const { login: _login, ...row } = { ...yard, keepDays: 5 };
  await store.call('cameras.save', row);
  const paths = [6, 4].map((days) => bench.footage(now - days * dayMs, now - days * dayMs + 60_000, gib));
  await store.call('cameras.remove', { id: 'yard' });
  bench.isRemoved = true;
  await bench.service.retain();
  expect(paths.map((path) => existsSync(path))).toEqual([false, true]);
  await bench.service.close();
});
