import { afterEach, expect, test } from 'vitest';
import { cameraSettingsSchema, type CameraSettings, type CameraStatus } from '../../shared/domain/camera.ts';
import { AppBench } from '../testing/app-bench.ts';
import { busyWithAccurate, isAtAccurate } from '../testing/busy-engine.ts';
import type { EngineScript, OpenCamera } from '../testing/engine-script.ts';

let bench: AppBench;
afterEach(() => bench.end());

async function start(script: Partial<EngineScript>): Promise<void> {
  bench = new AppBench(script);
  await bench.start();
}

async function add(change: Record<string, unknown> = {}): Promise<string> {
  const settings = cameraSettingsSchema.parse({ name: 'Gate', url: 'test:gate', ...change });
  return (await bench.passing(bench.app.handlers['cameras.add'](settings))).id;
}

const update = (id: string, settings: Partial<CameraSettings>): Promise<unknown> =>
  bench.passing(bench.app.handlers['cameras.update']({ id, settings }));

const remove = (id: string): Promise<unknown> => bench.passing(bench.app.handlers['cameras.remove']({ id }));

function latest(id: string): CameraStatus | undefined {
  const told = bench.events.findLast(({ event }) => event === 'cameras.status');
  return told?.event === 'cameras.status' ? told.payload.find(({ cameraId }) => cameraId === id) : undefined;
}

const isLive = (id: string) => (): boolean => latest(id)?.state === 'live';

const openings = (id: string): OpenCamera[] =>
  bench.engines
    .latest()
    .received.flatMap((message) => (message.type === 'open-camera' && message.cameraId === id ? [message] : []));

test('an engine too busy to close a camera in time: its late answer is not taken for one of the camera that was opened instead', async () => {
  await start(busyWithAccurate(4_500));
  const id = await add();
  await bench.until(isLive(id));
  const other = await add({ name: 'Yard', tier: 'accurate' });
  await bench.until(() => isAtAccurate(bench.engines.latest()));
  await update(id, { analysisFps: 8 });
  await bench.until(() => isLive(id)() && isLive(other)());
  await bench.until(() => (latest(id)?.analysedFps ?? 0) > 7);
  expect(openings(id)).toHaveLength(2);
  await remove(id);
  expect(bench.engines.latest().openCameras).toEqual([other]);
});

test('a camera that is changed twice before the engine hears of it is analysed as it was changed last', async () => {
  await start(busyWithAccurate(10_000));
  const id = await add();
  await bench.until(isLive(id));
  const other = await add({ name: 'Yard', tier: 'accurate' });
  await bench.until(() => isAtAccurate(bench.engines.latest()));
  await update(id, { enabled: false });
  await update(id, { enabled: true });
  // Another size, so that the engine hears of the camera before it was changed while this one waits to be opened.
  await update(id, { tier: 'fast' });
  await bench.until(isLive(other));
  await bench.until(() => (latest(id)?.analysed ?? 0) > 3);
  expect(openings(id).at(-1)?.input).toEqual({ width: 320, height: 320 });
  expect(latest(id)?.state).toBe('live');
  expect([...bench.engines.latest().openCameras].sort()).toEqual([id, other].sort());
});

test('a model that was measured in a slow spell is measured again, seldom, and its camera is live once the machine is fast', async () => {
  let [runMs, measured] = [300, 0];
  await start({
    runMs: () => runMs,
    warm: () => {
      measured += 1;
      return 'answered';
    },
  });
  const id = await add({ sloMs: 200 });
  await bench.told('one frame takes 300 ms; Gate promises 200 ms');
  await bench.until(() => (latest(id)?.offline?.retryInMs ?? 0) > 0);
  const before = measured;
  await bench.pass(120_000);
  // A hundredth of the device: a run of 300 ms every 30 s.
  expect(measured - before).toBeGreaterThanOrEqual(2);
  expect(measured - before).toBeLessThanOrEqual(5);
  expect(latest(id)).toMatchObject({ state: 'offline', captured: 0 });
  runMs = 20;
  await bench.until(isLive(id));
  await bench.until(() => (latest(id)?.analysed ?? 0) > 3);
  expect((await bench.notices()).filter((text) => text.includes('cannot be analysed'))).toHaveLength(1);
});

test('who was refused in a slow spell and asks again afterwards is let in', async () => {
  let runMs = 300;
  await start({ runMs: () => runMs });
  const id = await add();
  await bench.told('one frame takes 300 ms; Gate promises 200 ms');
  await remove(id);
  runMs = 20;
  await expect(add({ name: 'Yard' })).rejects.toMatchObject({ kind: 'bad-input', where: 'Yard' });
  await bench.pass(1_000);
  const again = await add({ name: 'Yard' });
  await bench.until(isLive(again));
});

test('a camera is opened beside one that leaves the device no free moment', async () => {
  await start({ runMs: (_lane, batch) => 300 * batch });
  const busy = await add({ analysisFps: 5, sloMs: 1_000 });
  await bench.until(() => (latest(busy)?.analysed ?? 0) > 5);
  const id = await add({ name: 'Yard', tier: 'fast', analysisFps: 1, sloMs: 1_000 });
  await bench.until(isLive(id), 20_000);
  await bench.until(() => (latest(id)?.analysed ?? 0) > 1);
  expect(latest(busy)?.state).toBe('live');
});
