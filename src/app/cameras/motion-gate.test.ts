import { afterEach, expect, test } from 'vitest';
import { cameraSettingsSchema, type CameraStatus } from '../../shared/domain/camera.ts';
import { AppBench } from '../testing/app-bench.ts';

let bench: AppBench;
afterEach(() => bench.end());

function latest(cameraId: string): CameraStatus | undefined {
  for (let index = bench.events.length - 1; index >= 0; index--) {
    const message = bench.events[index];
    if (message?.event === 'cameras.status') return message.payload.find((status) => status.cameraId === cameraId);
  }
  return undefined;
}

const add = async (change: Record<string, unknown> = {}): Promise<string> => {
  const settings = cameraSettingsSchema.parse({ name: 'Gate', url: 'test:gate', motionGate: true, ...change });
  return (await bench.passing(bench.app.handlers['cameras.add'](settings))).id;
};

test('a still scene is run once a group; its object stays one track, and an engine that is lost costs no more than it must', async () => {
  bench = new AppBench({
    unchanged: () => true,
    detections: () => [{ classIndex: 0, score: 0.9, box: [10, 10, 40, 80] }],
  });
  await bench.start();
  const id = await add({ analysisFps: 10 });
  await bench.until(() => (latest(id)?.analysed ?? 0) >= 120);
  const runs = (): number => bench.engines.runs.filter(({ lane }) => lane === 'live').length;
  expect(runs()).toBe(3);
  bench.engines.latest().end({ code: null, signal: 'SIGSEGV' });
  await bench.until(() => (latest(id)?.analysed ?? 0) >= 160);
  // The next engine begins with a whole frame.
  expect(runs()).toBe(4);
  await bench.passing(bench.app.handlers['cameras.update']({ id, settings: { enabled: false } }));
  const status = await bench.status(id);
  const dropped = Object.values(status.dropped).reduce((sum, count) => sum + (count ?? 0), 0);
  expect(status.captured).toBe(status.analysed + dropped);
  expect(status.inherited).toBe(status.analysed - 4);
  const tracks = bench.events.flatMap((message) =>
    message.event === 'cameras.result' ? message.payload.detections.map(({ trackId }) => trackId) : [],
  );
  expect(tracks.length).toBe(status.analysed);
  expect(new Set(tracks.filter((track) => track !== null)).size).toBe(1);
  const scope = { jobId: null, cameraId: id, sinceMs: null, untilMs: null };
  const { rows } = await bench.passing(bench.store.call('report.coverage', { scope, offset: 0, limit: 10 }));
  expect(rows).toMatchObject([{ source: 'Gate', frames: status.analysed, inherited: status.inherited }]);
});

test('frames that are the same as one that was given up are given up for the same reason, and the next one is run', async () => {
  bench = new AppBench({ unchanged: ({ frame }) => frame % 4 !== 0, runMs: (_lane, batch) => 250 * batch });
  await bench.start();
  const ids = [await add({ analysisFps: 10, sloMs: 400 }), await add({ name: 'Yard', analysisFps: 10, sloMs: 400 })];
  await bench.until(() => ids.every((id) => (latest(id)?.captured ?? 0) > 80));
  for (const id of ids) {
    await bench.passing(bench.app.handlers['cameras.update']({ id, settings: { enabled: false } }));
    const status = await bench.status(id);
    const dropped = Object.values(status.dropped).reduce((sum, count) => sum + (count ?? 0), 0);
    expect(status.captured).toBe(status.analysed + dropped);
    expect(dropped).toBeGreaterThan(0);
    expect(status.inherited).toBeGreaterThan(0);
    expect(status.inherited).toBeLessThan(status.analysed);
  }
});
