import { expect } from 'vitest';
import { seededRandom } from '../../../core/testing/seeded-random.ts';
import { cameraSettingsSchema } from '../../../shared/domain/camera.ts';
import { AppBench } from '../../testing/app-bench.ts';
import { leftToRepair } from '../../testing/left-to-repair.ts';

interface Load {
  readonly fps: number;
  readonly sloMs: number;
  /** A live picture, and one of the archive. */
  readonly liveMs: number;
  readonly archiveMs: number;
}

interface Outcome {
  /** Capture to result of every frame of the camera while the archive was at work. */
  readonly latenciesMs: readonly number[];
  readonly dropped: number;
}

/** A live camera while so many frames of the archive are run beside it: of a scan, or shed ones out of footage. */
async function beside(work: 'repair' | 'scan', frames: number, load: Load): Promise<Outcome> {
  const { fps, sloMs, liveMs, archiveMs } = load;
  const bench = new AppBench({
    frames: () => frames,
    runMs: (lane, batch) => (lane === 'live' ? liveMs : archiveMs) * batch,
  });
  try {
    bench.file('archive/1.mp4');
    await bench.start();
    const { jobId, file } = await leftToRepair(bench, frames, { repair: false });
    const settings = cameraSettingsSchema.parse({ name: 'Yard', url: 'test:yard', analysisFps: fps, sloMs });
    const { id: yard } = await bench.passing(bench.app.handlers['cameras.add'](settings));
    const latenciesMs: number[] = [];
    let isCounting = false;
    bench.app.subscribe((message) => {
      if (message.event !== 'cameras.result' || message.payload.cameraId !== yard || !isCounting) return;
      latenciesMs.push(bench.clock.epochMs() - message.payload.capturedAtMs);
    });
    await bench.pass(5_000);
    isCounting = true;
    let id = jobId;
    if (work === 'repair') await bench.passing(bench.app.handlers['jobs.resume']({ id }));
    else {
      const spec = bench.spec({ paths: [`${bench.footage}/archive`] });
      id = (await bench.passing(bench.app.handlers['jobs.create'](spec))).id;
    }
    await bench.jobIs(id, 'done', 900_000);
    isCounting = false;
    const { dropped } = await bench.status(yard);
    // What is repaired enters by the lane of the archive, and in calls of its own.
    const shown = bench.engines.runs.filter((run) => run.frames.some(({ source }) => source.endsWith(file)));
    expect(shown.reduce((sum, run) => sum + run.frames.length, 0)).toBe(work === 'repair' ? frames : 0);
    expect(shown.every((run) => run.lane === 'archive')).toBe(true);
    expect(bench.engines.violations).toEqual([]);
    return { latenciesMs, dropped: Object.values(dropped).reduce((sum, count) => sum + (count ?? 0), 0) };
  } finally {
    await bench.end();
  }
}

/** Sorted; the value that 95 of 100 do not exceed. */
function p95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? NaN;
}

/** On a device and beside a camera drawn by the seed, a repair costs the camera no more than a scan of as many frames does. */
export async function costsNoMore(seed: number, frames: number): Promise<void> {
  const random = seededRandom(seed);
  const between = (low: number, high: number): number => Math.round(low + (high - low) * random());
  const load: Load = {
    fps: between(4, 10),
    sloMs: between(200, 300),
    liveMs: between(10, 40),
    archiveMs: between(10, 60),
  };
  const scan = await beside('scan', frames, load);
  const repair = await beside('repair', frames, load);
  expect(repair.latenciesMs.length).toBeGreaterThan(10);
  expect(p95(repair.latenciesMs)).toBeLessThanOrEqual(Math.max(1.1 * p95(scan.latenciesMs), p95(scan.latenciesMs) + 5));
  expect(Math.max(...repair.latenciesMs)).toBeLessThanOrEqual(load.sloMs);
  expect(repair.dropped).toBeLessThanOrEqual(scan.dropped);
}
