import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cameraSettingsSchema, type CameraSettings } from '../../shared/domain/camera.ts';
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

test('the tariff is kept', async () => {
  await bench.start();
  const tariff = tariffSchema.parse({ currency: 'CHF', perKwh: 0.2, watts: 80 });
  await bench.passing(bench.app.handlers['plan.setTariff'](tariff));
  await bench.close();
  await bench.start();
  expect((await bench.passing(bench.app.handlers['app.overview'](undefined))).tariff).toEqual(tariff);
  expect((await capacity()).cost).toEqual({ currency: 'CHF', watts: 80, wattsEstimated: false });
});
