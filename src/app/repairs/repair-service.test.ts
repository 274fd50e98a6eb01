import { afterEach, expect, test } from 'vitest';
import { cameraSettingsSchema, type CameraStatus } from '../../shared/domain/camera.ts';
import type { JobDetail } from '../../shared/domain/job.ts';
import type { CoverageRow } from '../../shared/domain/report.ts';
import { AppBench } from '../testing/app-bench.ts';
import { leftToRepair } from '../testing/left-to-repair.ts';
import type { EngineScript, RunFate, ShownFrame } from '../testing/scripted-engine.ts';

let bench: AppBench;
afterEach(() => bench.end());

const isFootage = ({ source }: ShownFrame): boolean => source.endsWith('.mp4');
const person = { classIndex: 0, score: 0.9, box: [10, 10, 50, 80] as const };

/** A recorded camera that is far too much for the device for a few seconds, then switched off. Its footage is a file that covers it. */
async function overloaded(
  script: Partial<EngineScript> = {},
): Promise<{ id: string; jobId: string; status: CameraStatus; shed: number }> {
  let isSlow = true;
  bench = new AppBench({
    runMs: (lane) => (isSlow && lane === 'live' ? 400 : 5),
    detections: () => [person],
    ...script,
  });
  await bench.start();
  const startMs = bench.clock.epochMs();
  const settings = cameraSettingsSchema.parse({
    name: 'Gate',
    url: 'test:gate',
    recording: 'continuous',
    analysisFps: 10,
    sloMs: 1_000,
  });
  const { id } = await bench.passing(bench.app.handlers['cameras.add'](settings));
  await bench.pass(6_000);
  await bench.passing(bench.app.handlers['cameras.update']({ id, settings: { enabled: false } }));
  isSlow = false;
  const status = await bench.status(id);
  const shed = Object.values(status.dropped).reduce((sum, count) => sum + (count ?? 0), 0);
  expect(shed).toBeGreaterThan(20);
  const segment = { cameraId: id, file: `${id}/2026-11-24/22-14-00-000Z.mp4`, startMs };
  await bench.passing(bench.store.call('recordings.open', { ...segment, codec: 'h264' }));
  await bench.passing(bench.store.call('recordings.close', { ...segment, endMs: bench.clock.epochMs(), bytes: 100 }));
  return { id, jobId: `repair:${id}`, status, shed };
}

const repaired = (jobId: string): Promise<JobDetail> => bench.jobIs(jobId, 'done', 300_000);

async function record(cameraId: string): Promise<CoverageRow | undefined> {
  const scope = { jobId: null, cameraId, sinceMs: null, untilMs: null };
  return (await bench.passing(bench.store.call('report.coverage', { scope, offset: 0, limit: 10 }))).rows[0];
}

test('what was shed is repaired by itself, and the record is as if nothing had been', async () => {
  const { id, jobId, status, shed } = await overloaded();
  const job = await repaired(jobId);
  expect(job).toMatchObject({
    name: expect.stringMatching(
      new RegExp(`^Repair of Gate, \\d\\d:\\d\\d to \\d\\d:\\d\\d: ${String(shed)} frames$`),
    ) as string,
    items: { total: shed, done: shed, failed: 0 },
    progress: 1,
    repair: { cameraId: id, shed, repaired: shed, boxes: shed, left: 0, lost: [] },
    failures: [],
  });
  const row = await record(id);
  expect(row).toMatchObject({ frames: status.captured, shed: { shed, repaired: shed, left: 0 } });
  expect(row?.ranges).toHaveLength(1);
  const scope = { jobId: null, cameraId: id, sinceMs: null, untilMs: null };
  const totals = await bench.passing(bench.store.call('report.totals', scope));
  expect(totals).toMatchObject({ frames: status.captured, detections: status.captured });
  expect(bench.analysedTwice).toEqual([]);
  expect(bench.engines.violations).toEqual([]);
  expect(bench.engines.latest().heldFrames).toBe(0);
});

test('killed in the middle it goes on by itself, and no frame is there twice', async () => {
  const runMs: EngineScript['runMs'] = (lane, batch) => (lane === 'live' ? 400 : 400 * batch);
  const { id, jobId, status, shed } = await overloaded({ runMs });
  await bench.until(() => (bench.job(jobId)?.repair?.repaired ?? 0) > 0, 300_000);
  expect(bench.job(jobId)?.repair?.left).toBeGreaterThan(0);
  await bench.killed();
  await bench.start();
  expect(await repaired(jobId)).toMatchObject({ repair: { shed, repaired: shed, left: 0 } });
  const scope = { jobId: null, cameraId: id, sinceMs: null, untilMs: null };
  const totals = await bench.passing(bench.store.call('report.totals', scope));
  expect(totals).toMatchObject({ frames: status.captured, detections: status.captured });
});

test('footage that cannot be decoded is said to be so, once', async () => {
  let asked = 0;
  const { jobId, shed } = await overloaded({
    item: (path) => {
      asked += path.endsWith('.mp4') ? 1 : 0;
      return { kind: 'undecodable', reason: 'damaged' };
    },
  });
  const job = await repaired(jobId);
  expect(job.repair).toMatchObject({ repaired: 0, left: 0, lost: [{ why: 'unreadable', frames: shed }] });
  expect(job.failures).toEqual([
    { path: `${String(shed)} frames`, kind: 'unreadable', reason: 'the footage could not be read' },
  ]);
  await bench.pass(120_000);
  expect(asked).toBe(1);
});

test('footage that cannot be read for now is tried again, and not for ever', async () => {
  let asked = 0;
  const { jobId, shed } = await overloaded({
    item: () => {
      asked += 1;
      return { kind: 'unreadable', reason: 'the share is away' };
    },
  });
  const job = await bench.jobIs(jobId, 'done', 900_000);
  expect(job.repair?.lost).toEqual([{ why: 'unreadable', frames: shed }]);
  expect(asked).toBe(5);
});

test('a frame that ends the engine twice alone is left out, and the others are repaired', async () => {
  const ends: RunFate = { code: null, signal: 'SIGSEGV' };
  // The first of what is fed is the same frame until it is given up: in company once, and alone twice.
  let crashes = 0;
  const { jobId, shed } = await overloaded({
    run: (_lane, frames) =>
      frames.some((shown) => isFootage(shown) && shown.frame === 0) && ++crashes <= 3 ? ends : 'answered',
  });
  const job = await repaired(jobId);
  expect(job.repair).toMatchObject({ repaired: shed - 1, left: 0, lost: [{ why: 'crashes-engine', frames: 1 }] });
});

test('it is paused by the switch of the camera, which need not be opened again for it', async () => {
  const { id, jobId, shed } = await overloaded({ runMs: (lane) => (lane === 'live' ? 400 : 500) });
  await bench.until(() => bench.job(jobId)?.state === 'running', 300_000);
  await bench.passing(bench.app.handlers['cameras.update']({ id, settings: { enabled: true } }));
  const opened = (): number =>
    bench.engines.all.flatMap(({ received }) => received).filter(({ type }) => type === 'open-camera').length;
  await bench.until(() => opened() === 2);
  const paused = await bench.passing(bench.app.handlers['jobs.pause']({ id: jobId }));
  expect(paused).toMatchObject({ state: 'paused', reason: expect.stringContaining('switched off') as string });
  const left = paused.repair?.left ?? 0;
  expect(left).toBeGreaterThan(0);
  await bench.pass(10_000);
  const { cameras, jobs } = await bench.passing(bench.app.handlers['app.overview'](undefined));
  expect(cameras.find((camera) => camera.id === id)?.repair).toBe(false);
  expect(jobs.find((job) => job.id === jobId)?.repair?.repaired).toBeLessThan(shed);
  expect(opened()).toBe(2);
  await bench.passing(bench.app.handlers['cameras.update']({ id, settings: { enabled: false } }));
  await bench.passing(bench.app.handlers['jobs.resume']({ id: jobId }));
  await bench.until(() => (bench.job(jobId)?.repair?.repaired ?? 0) >= shed, 300_000);
});

test('where a scan owns the data folder it is said how repair goes on, and it does once that is asked for', async () => {
  bench = new AppBench({ frames: () => 100_000, runMs: (_lane, batch) => 20 * batch });
  bench.file('archive/1.mp4');
  await bench.start({ openCameras: false, resumeJobs: false });
  const { jobId } = await leftToRepair(bench, 60);
  const spec = bench.spec({ paths: [`${bench.footage}/archive`] });
  const { id: scan } = await bench.passing(bench.app.handlers['jobs.create'](spec));
  await bench.until(() => (bench.job(scan)?.frames ?? 0) > 0);
  await bench.pass(5_000);
  expect(await bench.passing(bench.app.handlers['jobs.get']({ id: jobId }))).toMatchObject({
    state: 'queued',
    reason: expect.stringContaining('`nightshift repair`') as string,
    repair: { repaired: 0, left: 60 },
  });
  await bench.passing(bench.app.handlers['repairs.start'](undefined));
  await bench.passing(bench.app.handlers['repairs.start'](undefined));
  expect(await repaired(jobId)).toMatchObject({ repair: { repaired: 60, left: 0, lost: [] } });
  expect(bench.job(scan)?.state).toBe('running');
  expect(bench.analysedTwice).toEqual([]);
});

test('why nothing is repaired right now is said: footage that cannot be read, a model that cannot be run', async () => {
  let isAway = true;
  let refusal: string | null = null;
  bench = new AppBench({
    item: () => (isAway ? { kind: 'unreadable', reason: 'the share is away' } : null),
    refuses: () => refusal,
  });
  await bench.start();
  const waits = (id: string, why: string): Promise<void> =>
    bench.until(() => bench.job(id)?.state === 'queued' && bench.job(id)?.reason?.includes(why) === true, 60_000);
  const gate = await leftToRepair(bench, 5);
  await waits(gate.jobId, 'could not be read and is tried again by itself: the share is away');
  isAway = false;
  await repaired(gate.jobId);
  await bench.close();
  refusal = 'it does not fit';
  await bench.start();
  const yard = await leftToRepair(bench, 5, { name: 'Yard' });
  await waits(yard.jobId, 'Tried again within half a minute: ');
  refusal = null;
  await repaired(yard.jobId);
});

test('out of footage of a large stream: frames keep their moment, boxes lie in the pixels that are analysed live', async () => {
  bench = new AppBench({ size: () => ({ width: 1_920, height: 1_080 }), detections: () => [person] });
  await bench.start();
  const { cameraId, jobId, file, startMs } = await leftToRepair(bench, 3);
  await repaired(jobId);
  const fed = bench.engines.latest().received.find((message) => message.type === 'feed-item');
  expect(fed).toMatchObject({
    path: expect.stringContaining(file.slice(file.lastIndexOf('/'))) as string,
    wanted: { timesMs: [0, 100, 200], toleranceMs: 250 },
  });
  const scope = { jobId: null, cameraId, sinceMs: null, untilMs: null };
  const { rows } = await bench.passing(bench.store.call('report.rows', { scope, after: null, limit: 10 }));
  expect(rows.map(({ frame }) => frame)).toEqual([startMs, startMs + 100, startMs + 200]);
  const [x, y, width, height] = person.box;
  for (const { box } of rows) {
    for (const [side, expected] of [x / 3, y / 2.25, width / 3, height / 2.25].entries()) {
      // Boxes are stored in tenths of a pixel.
      expect(Math.abs((box[side] ?? NaN) - expected)).toBeLessThan(0.1);
    }
  }
});
