import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { cameraSettingsSchema, type CameraStatus } from '../../shared/domain/camera.ts';
import { NightshiftError } from '../../shared/errors.ts';
import { AppBench } from '../testing/app-bench.ts';
import type { EngineScript } from '../testing/scripted-engine.ts';

let bench: AppBench;
const open = (script: Partial<EngineScript> = {}): AppBench => (bench = new AppBench(script));
afterEach(() => bench.end());

async function add(change: Record<string, unknown> = {}): Promise<string> {
  const settings = cameraSettingsSchema.parse({ name: 'Gate', url: 'test:gate', ...change });
  return (await bench.passing(bench.app.handlers['cameras.add'](settings))).id;
}

const update = (id: string, settings: Record<string, unknown>): Promise<unknown> =>
  bench.passing(bench.app.handlers['cameras.update']({ id, settings }));

const dropped = ({ dropped: reasons }: CameraStatus): number =>
  Object.values(reasons).reduce((sum, count) => sum + (count ?? 0), 0);

function latest(cameraId: string): CameraStatus | undefined {
  for (let index = bench.events.length - 1; index >= 0; index--) {
    const message = bench.events[index];
    if (message?.event === 'cameras.status') return message.payload.find((status) => status.cameraId === cameraId);
  }
  return undefined;
}

const isLive = (id: string) => (): boolean => latest(id)?.state === 'live';
const opened = (id: string): number =>
  bench.engines.all
    .flatMap((engine) => engine.received)
    .filter((message) => message.type === 'open-camera' && message.cameraId === id).length;

/** Every frame in the store that was looked at, in minutes of the report's coverage. */
async function coverage(cameraId: string): Promise<readonly (readonly [number, number])[]> {
  const scope = { jobId: null, cameraId, sinceMs: null, untilMs: null };
  const page = await bench.passing(bench.store.call('report.coverage', { scope, offset: 0, limit: 10 }));
  return page.rows[0]?.ranges ?? [];
}

test('every captured frame is analysed or dropped with a reason, over losses, closing and opening', async () => {
  open({ runMs: (_lane, batch) => 30 + 30 * batch });
  await bench.start();
  const id = await add({ analysisFps: 12 });
  await bench.until(() => (latest(id)?.analysed ?? 0) > 20);
  expect(latest(id)).toMatchObject({ state: 'live', width: 640, codec: 'h264', offline: null });

  bench.engines.latest().end({ code: null, signal: 'SIGSEGV' });
  const away = await bench.status(id);
  expect(away.state).toBe('offline');
  expect(away.offline?.reason).toContain('The engine ended by itself');
  expect(away.captured).toBe(away.analysed + dropped(away));
  await bench.until(() => latest(id)?.state === 'live' && (latest(id)?.analysed ?? 0) > 40);
  await bench.told('The engine ended by itself');

  await update(id, { enabled: false });
  const off = await bench.status(id);
  expect(off.state).toBe('disabled');
  expect(off.waiting).toBe(0);
  expect(off.captured).toBe(off.analysed + dropped(off));
  expect(bench.engines.violations).toEqual([]);
  expect(bench.engines.latest().heldFrames).toBe(0);

  await update(id, { enabled: true });
  await bench.until(() => latest(id)?.state === 'live' && (latest(id)?.analysed ?? 0) > 5);
  expect(bench.analysedTwice.filter((frame) => !frame.startsWith(id))).toEqual([]);
});

test('a source that goes away is opened again after 1, 2, 4, 8 s with the reason on show, and at once live when it is back', async () => {
  const reason = 'rtsp://admin:hunter2@192.0.2.7/stream: connection refused';
  let isBack = false;
  const openedAtMs: number[] = [];
  open({
    camera: () => {
      openedAtMs.push(Date.now());
      return isBack ? 'opens' : { reason };
    },
  });
  await bench.start();
  const id = await add({ url: 'rtsp://admin:hunter2@192.0.2.7/stream' });
  await bench.until(() => openedAtMs.length === 6, 120_000);
  const waits = openedAtMs.slice(1).map((atMs, index) => atMs - (openedAtMs[index] ?? 0));
  const longest = (index: number): number => Math.min(10_000, 1_000 * 2 ** index);
  for (const [index, waitMs] of waits.entries()) {
    expect(waitMs).toBeGreaterThanOrEqual(0.8 * longest(index));
    expect(waitMs).toBeLessThanOrEqual(1.2 * longest(index) + 10);
  }
  await bench.until(() => (latest(id)?.offline?.retryInMs ?? 0) > 0);
  expect(latest(id)).toMatchObject({ state: 'offline', captured: 0 });
  expect(latest(id)?.offline?.reason).toContain('connection refused');
  await bench.told('Gate is offline');
  isBack = true;
  await bench.until(isLive(id), 120_000);
  const { notices } = await bench.passing(bench.app.handlers['app.overview'](undefined));
  expect(notices.filter((notice) => notice.topic === `camera-offline:${id}`)).toHaveLength(1);
  // Neither screens nor files know how to get in.
  const seen = JSON.stringify([
    bench.events,
    bench.logged,
    await bench.passing(bench.app.handlers['app.overview'](undefined)),
  ]);
  expect(seen.includes('192.0.2.7')).toBe(true);
  expect(seen.includes('hunter2')).toBe(false);
});

test('credentials are in no answer and no error; an address that comes back as it was shown keeps them', async () => {
  open();
  await bench.start();
  const id = await add({ url: 'rtsp://admin:hunter2@192.0.2.7/stream' });
  const { cameras } = await bench.passing(bench.app.handlers['app.overview'](undefined));
  expect(JSON.stringify(cameras)).not.toContain('hunter2');
  await bench.until(isLive(id));
  await update(id, { name: 'North gate', url: cameras[0]?.url });
  await bench.until(isLive(id));
  const asked = bench.engines.latest().received.filter((message) => message.type === 'open-camera');
  expect(asked.map((message) => message.type === 'open-camera' && message.url)).toEqual([
    'rtsp://admin:hunter2@192.0.2.7/stream',
    'rtsp://admin:hunter2@192.0.2.7/stream',
  ]);
  const refusal: unknown = await add({ url: 'ftp://admin:hunter2@192.0.2.7/stream' }).catch(
    (caught: unknown) => caught,
  );
  expect(refusal).toMatchObject({ kind: 'bad-input' });
  expect(JSON.stringify(refusal)).not.toContain('hunter2');
});

test('changed settings open the source once more, with the new ones', async () => {
  open();
  await bench.start();
  const id = await add();
  await bench.until(isLive(id));
  await Promise.all([update(id, { analysisFps: 2 }), update(id, { analysisFps: 8 })]);
  await bench.until(isLive(id));
  await bench.pass(3_000);
  expect(opened(id)).toBe(3);
  const received = bench.engines.latest().received.filter((message) => message.type.endsWith('-camera'));
  expect(received.filter((message) => message.type !== 'watch-camera').map((message) => message.type)).toEqual([
    'open-camera',
    'close-camera',
    'open-camera',
    'close-camera',
    'open-camera',
  ]);
  expect(latest(id)?.analysedFps).toBeCloseTo(8, 0);
});

test('the end of an order before the last one is not taken for that of the source that is open', async () => {
  open();
  await bench.start();
  const id = await add();
  await bench.until(isLive(id));
  const closings = (): number =>
    bench.engines.latest().received.filter((message) => message.type === 'close-camera').length;
  // An engine that was busy while the settings were changed answers once the source has been opened anew.
  const reason = 'The camera was closed.';
  bench.engines.latest().say({ type: 'camera-closed', cameraId: id, opening: 0, reason, requested: true });
  await bench.pass(2_000);
  expect(latest(id)).toMatchObject({ state: 'live', offline: null });
  await bench.passing(bench.app.handlers['cameras.remove']({ id }));
  expect(closings()).toBe(1);
});

test('an engine that is lost while it is warmed opens the camera once in the next one', async () => {
  let isFirst = true;
  open({
    warm: (lane) => {
      if (lane !== 'live' || !isFirst) return 'answered';
      isFirst = false;
      return { code: null, signal: 'SIGKILL' };
    },
  });
  await bench.start();
  const id = await add();
  await bench.until(isLive(id));
  await bench.pass(2_000);
  expect(bench.engines.all).toHaveLength(2);
  expect(opened(id)).toBe(1);
});

test('what was told of a camera is taken back when it is removed, and when it is opened after a kill', async () => {
  open({ camera: () => ({ reason: 'The connection was refused.' }) });
  await bench.start();
  const openNotices = async (): Promise<readonly string[]> =>
    (await bench.passing(bench.app.handlers['notices.list'](undefined))).flatMap(({ topic, clearedAtMs }) =>
      clearedAtMs === null ? [topic] : [],
    );
  const id = await add();
  await bench.told('Gate is offline');
  for (const topic of ['camera-promise', 'camera-frozen', 'camera-large', 'clock-set-back', 'recording']) {
    const notice = { atMs: Date.now(), level: 'warning', topic: `${topic}:${id}`, text: 'It is so.' } as const;
    await bench.passing(bench.store.call('notices.add', notice));
  }
  await bench.killed();
  bench.engines.script.camera = () => 'opens';
  await bench.start();
  await bench.until(isLive(id));
  expect((await openNotices()).filter((topic) => topic.endsWith(id))).toEqual([]);

  bench.engines.script.camera = () => ({ reason: 'The connection was refused.' });
  bench.engines.latest().closeCamera(id, 'gone');
  await bench.until(() => latest(id)?.state === 'offline');
  await bench.passing(bench.app.handlers['cameras.remove']({ id }));
  expect((await openNotices()).filter((topic) => topic.endsWith(id))).toEqual([]);
});

test('removing a camera that waits for its model is over at once; a model that is refused is said', async () => {
  open({ refuses: () => 'the graph has no output' });
  await bench.start();
  const id = await add();
  await bench.told('the graph has no output');
  expect((await bench.status(id)).offline?.reason).toContain('the graph has no output');
  const startedMs = Date.now();
  await bench.passing(bench.app.handlers['cameras.remove']({ id }));
  expect(Date.now() - startedMs).toBeLessThan(1_000);
  expect(opened(id)).toBe(0);
});

test('what was seen is stored with its ranges, events and their best pictures', async () => {
  open({
    detections: ({ frame }) => [{ classIndex: 0, score: Math.min(0.9, 0.5 + frame * 0.06), box: [100, 50, 40, 90] }],
  });
  await bench.start();
  const id = await add();
  await bench.until(() => (latest(id)?.analysed ?? 0) >= 30);
  await update(id, { enabled: false });
  const status = await bench.status(id);
  const totals = await bench.passing(
    bench.store.call('report.totals', { jobId: null, cameraId: id, sinceMs: null, untilMs: null }),
  );
  expect(totals.detections).toBe(status.analysed);
  expect(await coverage(id)).toHaveLength(1);
  const page = await bench.passing(
    bench.app.handlers['review.list']({
      filter: {
        kind: 'event',
        cameraIds: [id],
        jobIds: [],
        labels: [],
        minScore: 0,
        sinceMs: null,
        untilMs: null,
        reviewed: 'any',
      },
      offset: 0,
      limit: 10,
    }),
  );
  expect(page.entries).toHaveLength(1);
  const event = await bench.passing(bench.store.call('events.get', { id: 1 }));
  expect(event).toMatchObject({ cameraId: id, width: 640, height: 480 });
  expect(event?.bestScore).toBeGreaterThan(0.84);
  expect(event?.endMs).not.toBeNull();
  expect(readdirSync(join(bench.dataDir, 'snapshots', '0'))).toEqual(['1.jpg']);
  const still = await bench.passing(bench.app.still('event', '1', 320));
  expect(still).toMatchObject({ immutable: true });
});

test('a store that takes nothing for a while loses nothing', async () => {
  open({ detections: () => [] });
  await bench.start();
  const id = await add({ analysisFps: 40, sloMs: 1_000 });
  await bench.until(isLive(id));
  let tries = 0;
  const full = (name: string): Error | null => {
    if (name !== 'live.commit') return null;
    tries += 1;
    return new NightshiftError({ kind: 'no-space', message: 'The disk of the data folder is full.' });
  };
  bench.storeFault = full;
  await bench.pass(60_000);
  expect(tries).toBeLessThan(20); // it waits between two tries, however much has come together
  await bench.told('wait to be stored');
  bench.storeFault = () => null;
  await bench.pass(6_000);
  await update(id, { enabled: false });
  const kept = await bench.status(id);
  const scope = { jobId: null, cameraId: id, sinceMs: null, untilMs: null };
  expect((await bench.passing(bench.store.call('report.totals', scope))).frames).toBe(kept.analysed);
  expect(await coverage(id)).toHaveLength(1);
});

test('the application ends within five seconds with cameras live and a job running, and goes on afterwards', async () => {
  open({ frames: () => 100_000, runMs: (_lane, batch) => 20 * batch });
  bench.file('long.mp4');
  await bench.start();
  const ids = [await add({ name: 'One' }), await add({ name: 'Two' })];
  const job = await bench.passing(bench.app.handlers['jobs.create'](bench.spec()));
  await bench.until(() => (bench.job(job.id)?.frames ?? 0) > 20 && ids.every((id) => isLive(id)()));
  const overview = await bench.passing(bench.app.handlers['app.overview'](undefined));
  expect(overview).toMatchObject({
    lanes: { mode: 'strict' },
    demo: null,
    models: [{ id: 'nanodet-g', isDefault: true }],
  });
  expect(overview.cameras.map((camera) => camera.name)).toEqual(['One', 'Two']);
  expect(overview.statuses).toHaveLength(2);
  expect(overview.jobs).toHaveLength(1);
  expect(overview.system.engine.state).not.toBe('lost');
  expect(overview.lanes.live.frames).toBeGreaterThan(0);
  let startedMs = Date.now();
  await bench.close();
  expect(Date.now() - startedMs).toBeLessThanOrEqual(5_000);
  expect(bench.events.some((message) => message.event === 'jobs.progress' && message.payload.state === 'failed')).toBe(
    false,
  );

  bench.events.length = 0;
  await bench.start();
  await bench.until(() => bench.job(job.id)?.state === 'running' && ids.every((id) => isLive(id)()));
  // The same with an engine that answers nothing any more.
  bench.engines.script.run = () => 'hangs';
  await bench.pass(1_000);
  startedMs = Date.now();
  await bench.close();
  expect(Date.now() - startedMs).toBeLessThanOrEqual(5_500);
  expect((await bench.start({ openCameras: false, resumeJobs: false })) !== undefined).toBe(true);
  expect((await bench.notices()).filter((text) => text.includes('cannot be analysed'))).toEqual([]);
  expect(existsSync(join(bench.dataDir, 'nightshift.db'))).toBe(true);
});
