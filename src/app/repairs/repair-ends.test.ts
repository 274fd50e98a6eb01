import { afterEach, expect, test } from 'vitest';
import { AppBench } from '../testing/app-bench.ts';
import { leftToRepair } from '../testing/left-to-repair.ts';

let bench: AppBench;
afterEach(() => bench.end());

test('a scan and the repair beside it each have their end told with what the other takes', async () => {
  // The device makes five pictures a second, however many share a call.
  bench = new AppBench({ frames: () => 150, runMs: (_lane, batch) => 200 * batch });
  bench.file('archive/1.mp4');
  await bench.start();
  const { jobId: repair } = await leftToRepair(bench, 60);
  const spec = bench.spec({ paths: [`${bench.footage}/archive`] });
  const { id: scan } = await bench.passing(bench.app.handlers['jobs.create'](spec));
  const job = (id: string) => bench.passing(bench.app.handlers['jobs.get']({ id }));
  const hasEnd = (id: string): boolean => bench.job(id)?.state === 'running' && bench.job(id)?.etaMs !== null;
  await bench.until(() => hasEnd(repair) && hasEnd(scan));
  await bench.pass(3_000);
  const toldMs = bench.clock.monoMs();
  const [scanJob, repairJob] = [await job(scan), await job(repair)];
  await bench.jobIs(repair, 'done', 600_000);
  const repairMs = bench.clock.monoMs() - toldMs;
  await bench.jobIs(scan, 'done', 600_000);
  const scanMs = bench.clock.monoMs() - toldMs;

  // Frames are counted every other second, so the end of the repair is heard of a little late.
  expect(Math.abs((repairJob.etaMs ?? 0) - repairMs)).toBeLessThan(5_000);
  expect((scanJob.etaMs ?? 0) / scanMs).toBeGreaterThan(0.85);
  expect((scanJob.etaMs ?? 0) / scanMs).toBeLessThan(1.15);
  // At the speed that it had then it would have taken longer: what the repair leaves is its own.
  const atThatSpeedMs = ((150 - scanJob.frames) * 1_000) / (scanJob.imagesPerSecond ?? 1);
  expect(atThatSpeedMs / scanMs).toBeGreaterThan(1.2);
});
