import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cameraSettingsSchema, type CameraSettings } from '../../shared/domain/camera.ts';
import { loadTestSpecSchema, type LoadTestReport } from '../../shared/domain/load-test.ts';
import { capacityQuestionSchema, tariffSchema, type CapacityAnswer } from '../../shared/domain/plan.ts';
import { AppBench } from '../testing/app-bench.ts';

const MS_PER_PICTURE = 10;
let bench: AppBench;

beforeEach(() => {
  bench = new AppBench({
    runMs: (_lane, batch) => MS_PER_PICTURE * batch,
    frames: (path) => (path.endsWith('.mp4') ? 4_000 : 1),
  });
  const demo = join(bench.folder, 'resources', 'demo');
  mkdirSync(join(demo, 'night'), { recursive: true });
  for (const file of ['camera.mp4', 'night/a.mp4', 'night/b.mp4']) writeFileSync(join(demo, file), file);
});
afterEach(async () => {
  await bench.end();
});

const capacity = (cameras: { name: string; fps: number; sloMs: number }[] | null = []): Promise<CapacityAnswer> =>
  bench.passing(bench.app.handlers['plan.capacity'](capacityQuestionSchema.parse({ cameras })));
const camera = (change: Partial<CameraSettings>): CameraSettings =>
  cameraSettingsSchema.parse({ name: 'Yard', url: 'test:', ...change });
function latestTest(): LoadTestReport | null {
  let latest: LoadTestReport | null = null;
  for (const message of bench.events) if (message.event === 'loadTest.progress') latest = message.payload;
  return latest;
}
function isCalibrating(): boolean {
  for (let index = bench.events.length - 1; index >= 0; index -= 1) {
    const message = bench.events[index];
    if (message?.event === 'lanes.snapshot') return message.payload.calibration !== null;
  }
  return false;
}

test('a calibration measures the ladder and the demo night, and both are kept over a restart', async () => {
  await bench.start();
  expect(await capacity()).toMatchObject({ measured: false, endToEnd: null });
  await bench.passing(bench.app.handlers['lanes.calibrate']({ modelId: 'nanodet-g', tier: 'normal' }));
  await bench.until(isCalibrating);
  await bench.until(() => !isCalibrating(), 300_000);
  const answer = await capacity();
  expect(answer.measured).toBe(true);
  expect(Math.abs((answer.endToEnd?.imagesPerSecond ?? 0) / (1000 / MS_PER_PICTURE) - 1)).toBeLessThan(0.15);
  expect(answer.archivePerSecond).toBe(answer.endToEnd?.imagesPerSecond);
  expect(bench.engines.violations).toEqual([]);
  // Nothing of the demo night is in the store.
  const { jobs, system } = await bench.passing(bench.app.handlers['app.overview'](undefined));
  expect([jobs.length, system.store.detections]).toEqual([0, 0]);
  await bench.close();
  await bench.start();
  expect((await capacity()).endToEnd).toEqual(answer.endToEnd);
  expect((await capacity()).measured).toBe(true);
});

test('a plan with cameras is within 15 % of what a scan beside them makes; the scan teaches the planner', async () => {
  await bench.start();
  await bench.passing(bench.app.handlers['lanes.calibrate']({ modelId: 'nanodet-g', tier: 'normal' }));
  await bench.until(isCalibrating);
  await bench.until(() => !isCalibrating(), 300_000);
  for (const name of ['Gate', 'Yard', 'Dock']) await bench.passing(bench.app.handlers['cameras.add'](camera({ name })));
  await bench.pass(2_000);
  const planned = await capacity(null);
  expect(planned.liveLoad).toBeGreaterThan(0.1);
  for (const name of ['a', 'b', 'c', 'd']) bench.file(`${name}.mp4`);
  const job = await bench.passing(bench.app.handlers['jobs.create'](bench.spec()));
  await bench.until(() => (bench.job(job.id)?.framesThisRun ?? 0) > 0);
  await bench.pass(3_000);
  const before = bench.job(job.id)?.framesThisRun ?? 0;
  await bench.pass(20_000);
  const perSecond = ((bench.job(job.id)?.framesThisRun ?? 0) - before) / 20;
  expect(Math.abs(planned.archivePerSecond / perSecond - 1)).toBeLessThan(0.15);
  const taught = await capacity(null);
  expect(taught.reasoning.join(' ')).toContain('were used when it was measured');
  expect(Math.abs(taught.archivePerSecond / perSecond - 1)).toBeLessThan(0.1);
  await bench.passing(bench.app.handlers['jobs.cancel']({ id: job.id }));
});

test('a calibration tries drawn cameras, so that a plan without cameras of its own is one for a load test', async () => {
  // One core while a frame runs, and a little for the rest.
  const processorMs = (): number => {
    const frames = bench.engines.runs.reduce((sum, { frames: run }) => sum + run.length, 0);
    return 10 * (bench.clock.monoMs() / 1_000) + MS_PER_PICTURE * frames;
  };
  await bench.end();
  bench = new AppBench({ runMs: (_lane, batch) => MS_PER_PICTURE * batch, frames: () => 4_000, processorMs });
  const night = join(bench.folder, 'resources', 'demo', 'night');
  mkdirSync(night, { recursive: true });
  for (const file of ['../camera.mp4', 'a.mp4', 'b.mp4']) writeFileSync(join(night, file), file);
  await bench.start();
  const asked = Array.from({ length: 4 }, (_, index) => ({ name: String(index), fps: 5, sloMs: 200 }));
  await bench.passing(bench.app.handlers['lanes.calibrate']({ modelId: 'nanodet-g', tier: 'normal' }));
  await bench.until(isCalibrating);
  const before = await capacity(asked);
  await bench.until(() => !isCalibrating(), 300_000);
  const after = await capacity(asked);
  expect(before.estimated.join(' ')).toContain('decoding of the cameras');
  expect(after.estimated).toEqual([]);
  expect(after.endToEnd).not.toBeNull();
  // Nothing of it is left: no camera, no job, no report.
  const { jobs, cameras } = await bench.passing(bench.app.handlers['app.overview'](undefined));
  expect([jobs.length, cameras.length]).toEqual([0, 0]);

  // A load test of the same cameras beside a scan: within 15 % of the plan, and what it showed corrects the next one.
  for (const name of ['a', 'b', 'c']) bench.file(`${name}.mp4`);
  const spec = loadTestSpecSchema.parse({ cameras: 4, fps: 5, minutes: 0.5, scan: bench.footage });
  await bench.passing(bench.app.handlers['loadTest.start'](spec));
  await bench.until(() => latestTest()?.state === 'done', 120_000);
  const tested = latestTest()?.whole;
  expect(Math.abs(after.archivePerSecond / (tested?.archivePerSecond ?? 0) - 1)).toBeLessThan(0.15);
  expect(Math.abs((after.predictedLiveP95Ms ?? 0) / (tested?.latencyMs?.p95 ?? 0) - 1)).toBeLessThan(0.3);
  const taught = await capacity(asked);
  expect(taught.reasoning.join(' ')).toContain('were used when it was measured');
  expect(Math.abs((taught.predictedLiveP95Ms ?? 0) / (tested?.latencyMs?.p95 ?? 0) - 1)).toBeLessThan(0.15);
  // A camera of one's own is decoded, not drawn: nothing is known of it yet.
  await bench.passing(bench.app.handlers['cameras.add'](camera({ name: 'Gate' })));
  expect((await capacity(asked)).estimated.join(' ')).toContain('decoding of the cameras');
});

test('the tariff is kept', async () => {
  await bench.start();
  const tariff = tariffSchema.parse({ currency: 'CHF', perKwh: 0.2, watts: 80 });
  await bench.passing(bench.app.handlers['plan.setTariff'](tariff));
  await bench.close();
  await bench.start();
  expect((await bench.passing(bench.app.handlers['app.overview'](undefined))).tariff).toEqual(tariff);
  expect((await capacity()).cost).toEqual({ currency: 'CHF', watts: 80, wattsEstimated: false });
});
