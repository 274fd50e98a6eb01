import { afterEach, beforeEach, expect, test } from 'vitest';
import { cameraSettingsSchema } from '../../shared/domain/camera.ts';
import { defaultLaneSettings } from '../../shared/domain/lanes.ts';
import { AppBench } from '../testing/app-bench.ts';

let bench: AppBench;
beforeEach(() => {
  bench = new AppBench({ runMs: (_lane, batch) => 0.5 * batch });
});
afterEach(() => bench.end());

const timeline = (fromMs: number, toMs: number, maxRuns = 1_000) =>
  bench.passing(bench.app.handlers['lanes.timeline']({ fromMs, toMs, buckets: 60, maxRuns }));
const lanes = async () => (await bench.passing(bench.app.handlers['app.overview'](undefined))).lanes;

async function calibrate(): Promise<void> {
  await bench.passing(bench.app.handlers['lanes.calibrate']({ modelId: 'nanodet-g', tier: 'normal' }));
  const ended = (): boolean => {
    const told = bench.events[bench.events.length - 1];
    return told?.event === 'lanes.snapshot' && told.payload.calibration === null && told.payload.costs.length >= 13;
  };
  await bench.until(ended);
}

async function scan(pictures: number): Promise<void> {
  for (let n = 0; n < pictures; n += 1) bench.file(`${String(n)}.jpg`);
  const job = await bench.passing(bench.app.handlers['jobs.create'](bench.spec()));
  await bench.jobIs(job.id, 'done');
}

test('settings of the lanes apply at once, are told, and outlive the process', async () => {
  await bench.start();
  const { handlers } = bench.app;
  expect((await lanes()).settings).toEqual(defaultLaneSettings);
  const changed = { ...defaultLaneSettings, mode: 'throughput', archiveFloorShare: 0.2 } as const;
  expect(await bench.passing(handlers['lanes.configure']({ mode: 'throughput', archiveFloorShare: 0.2 }))).toEqual(
    changed,
  );
  expect((await lanes()).mode).toBe('throughput');
  expect(bench.events.some(({ event, payload }) => event === 'lanes.snapshot' && payload.mode === 'throughput')).toBe(
    true,
  );
  const refused = expect(handlers['lanes.configure']({ liveBatch: 99 })).rejects.toMatchObject({ kind: 'bad-input' });
  await bench.passing(refused);
  // What the store does not take is not in force.
  bench.storeFault = (name) => (name === 'settings.set' ? new Error('disk full') : null);
  await bench.passing(expect(handlers['lanes.configure']({ mode: 'balanced' })).rejects.toThrow('disk full'));
  bench.storeFault = () => null;
  expect((await lanes()).mode).toBe('throughput');
  await bench.close();
  await bench.start();
  expect((await lanes()).settings).toEqual(changed);
});

test('what the device did is answered run by run, and after a restart by the second', async () => {
  await bench.start();
  const fromMs = bench.clock.epochMs();
  await scan(40);
  const toMs = bench.clock.epochMs() + 1;
  const { runs, buckets, keptFromMs } = await timeline(fromMs, toMs);
  const chunks = runs?.filter(({ why }) => why.startsWith('archive chunk of')) ?? [];
  expect(chunks.reduce((sum, run) => sum + run.batch, 0)).toBe(40);
  expect(chunks.every(({ subject }) => subject === 'footage')).toBe(true);
  const others = runs?.filter((run) => !chunks.includes(run)) ?? [];
  expect(others.every(({ why }) => why.startsWith('warming archive batches of'))).toBe(true);
  expect(keptFromMs).toBe(runs?.[0]?.startedAtMs);
  expect(buckets.reduce((sum, bucket) => sum + bucket.runs, 0)).toBe(runs?.length);
  expect((await timeline(fromMs, toMs, 0)).runs).toBeNull();
  const busy = buckets.reduce((sum, bucket) => sum + bucket.archive * (bucket.toMs - bucket.fromMs), 0);
  await bench.close();

  await bench.start();
  const later = await timeline(fromMs, toMs);
  expect(later.runs).toEqual([]);
  expect(later.keptFromMs).toBeGreaterThanOrEqual(toMs - 1);
  expect(later.buckets.reduce((sum, bucket) => sum + bucket.runs, 0)).toBe(runs?.length);
  const stored = later.buckets.reduce((sum, bucket) => sum + bucket.archive * (bucket.toMs - bucket.fromMs), 0);
  expect(stored).toBeCloseTo(busy, 0);
  expect(later.buckets.length).toBeLessThanOrEqual(60);
});

test('a calibration is progress that can be seen and stopped, and what it measured is known after a restart, until it is not true', async () => {
  await bench.start();
  const { handlers } = bench.app;
  await bench.passing(
    expect(handlers['lanes.calibrate']({ modelId: 'none', tier: 'normal' })).rejects.toMatchObject({
      kind: 'not-found',
    }),
  );
  await bench.passing(handlers['lanes.calibrate']({ modelId: 'nanodet-g', tier: 'normal' }));
  await bench.pass(50);
  expect((await lanes()).calibration).toMatchObject({ modelId: 'nanodet-g', steps: 13 });
  await bench.passing(handlers['lanes.stopCalibration'](undefined));
  expect((await lanes()).calibration).toBeNull();
  await calibrate();
  const { calibration, costs } = await lanes();
  expect(calibration).toBeNull();
  expect(costs).toHaveLength(13);
  await bench.close();
  await bench.start();
  const stored = (await lanes()).costs;
  expect(stored).toHaveLength(13);
  const widest = stored.find(({ lane, batch }) => lane === 'archive' && batch === 128);
  expect(widest).toMatchObject({ modelId: 'nanodet-g', q50Ms: 64, q95Ms: 64, samples: 5 });
  // Of a machine that has become slower, they are forgotten at the first run.
  bench.engines.script.runMs = (_lane, batch) => batch;
  await bench.passing(bench.app.handlers['lanes.calibrate']({ modelId: 'nanodet-g', tier: 'normal' }));
  await bench.until(() => bench.logged.some((line) => line.startsWith('stored costs are not true any more')));
  await bench.passing(bench.app.handlers['lanes.stopCalibration'](undefined));
  await bench.close();
  await bench.start();
  const live = (await lanes()).costs.filter(({ lane }) => lane === 'live');
  expect(live.map(({ batch, q50Ms }) => [batch, q50Ms])).toEqual([[1, 1]]);
});

test('a camera that no run is short enough for is told with the numbers, and the next one is refused', async () => {
  bench.engines.script.runMs = () => 300;
  await bench.start();
  const { handlers } = bench.app;
  const camera = { url: 'test:', sloMs: 200 };
  await bench.passing(handlers['cameras.add'](cameraSettingsSchema.parse({ ...camera, name: 'Gate' })));
  await bench.told('one frame takes 300 ms; Gate promises 200 ms');
  const second = handlers['cameras.add'](cameraSettingsSchema.parse({ ...camera, name: 'Yard' }));
  await bench.passing(expect(second).rejects.toMatchObject({ kind: 'bad-input', where: 'Yard' }));
  await bench.passing(handlers['cameras.add'](cameraSettingsSchema.parse({ ...camera, name: 'Dock', sloMs: 800 })));
});
