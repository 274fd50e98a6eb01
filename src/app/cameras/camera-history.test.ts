import { afterEach, expect, test } from 'vitest';
import { cameraSettingsSchema, type CameraStretch } from '../../shared/domain/camera.ts';
import type { CameraHealth } from '../../shared/engine/protocol.ts';
import { AppBench } from '../testing/app-bench.ts';

let bench: AppBench;
afterEach(() => bench.end());

const url = 'rtsp://192.0.2.7/stream';
const history = (cameraId: string, fromMs = 0): Promise<readonly CameraStretch[]> =>
  bench.passing(bench.app.handlers['cameras.history']({ cameraId, fromMs, toMs: Date.now() + 1 }));
const states = async (cameraId: string): Promise<readonly string[]> =>
  (await history(cameraId)).map(({ state, reason }) => (reason === null ? state : `${state}: ${reason}`));
const health = (changes: Partial<CameraHealth> = {}): CameraHealth => ({
  width: 640,
  height: 480,
  frozen: false,
  changes: true,
  clockOffsetMs: null,
  intervalMs: 40,
  ...changes,
});

test('live, frozen and offline follow each other without gaps; what is known of a camera outlives its connection', async () => {
  bench = new AppBench();
  await bench.start();
  const settings = cameraSettingsSchema.parse({ name: 'Gate', url, transport: 'udp' });
  const { id: cameraId } = await bench.passing(bench.app.handlers['cameras.add'](settings));
  const isLive = async (): Promise<boolean> => (await bench.status(cameraId)).state === 'live';
  await bench.until(() => bench.engines.latest().received.some(({ type }) => type === 'open-camera'));
  await bench.pass(2_000);
  expect(await isLive()).toBe(true);
  const engine = bench.engines.latest();
  const opening = 1;
  engine.say({ type: 'camera-health', cameraId, opening, ...health({ clockOffsetMs: 4_900, intervalMs: 10_000 }) });
  await bench.pass(1_000);
  expect(await bench.status(cameraId)).toMatchObject({
    decoder: { kind: 'software', why: 'scripted', hardware: 'not-asked' },
    transport: 'tcp',
    clockOffsetMs: 4_900,
    latencyFrom: 'arrival',
    frozenSinceMs: null,
  });
  const frozenHealth = health({ frozen: true, intervalMs: 10_000, width: 1280 });
  engine.say({ type: 'camera-health', cameraId, opening, ...frozenHealth });
  await bench.told('the same picture');
  const frozen = await bench.status(cameraId);
  expect(frozen).toMatchObject({ state: 'live', width: 1280 });
  expect(Math.abs((frozen.frozenSinceMs ?? 0) - Date.now())).toBeLessThan(5_000);
  await bench.pass(10_000);
  const reason = 'The camera sent no picture for 30 s.';
  engine.say({ type: 'camera-closed', cameraId, opening, reason, requested: false });
  await bench.told('Gate is offline');
  await bench.pass(10_000);
  expect(await states(cameraId)).toEqual(['live', 'frozen', 'offline: The camera sent no picture for 30 s.', 'live']);
  const stretches = await history(cameraId);
  for (const [index, { fromMs }] of stretches.slice(1).entries()) {
    expect(fromMs - (stretches[index]?.toMs ?? 0)).toBeLessThanOrEqual(1);
  }
  expect((stretches[1]?.toMs ?? 0) - (stretches[1]?.fromMs ?? 0)).toBeGreaterThanOrEqual(9_000);
  // The one that goes on ends now.
  expect(Date.now() - (stretches[3]?.toMs ?? 0)).toBeLessThan(2_000);
  expect(await history(cameraId, Date.now() - 1_000)).toHaveLength(1);
  const { notices } = await bench.passing(bench.app.handlers['app.overview'](undefined));
  expect(notices.filter(({ topic, clearedAtMs }) => topic.startsWith('camera-') && clearedAtMs === null)).toEqual([]);
  // Opened again with what was learnt.
  const opened = engine.received.filter((message) => message.type === 'open-camera');
  expect(opened.map(({ transport, watch }) => ({ transport, watch }))).toEqual([
    { transport: 'udp', watch: { silentMs: 20_000, frozenMs: 20_000, intervalMs: null, changes: false } },
    { transport: 'udp', watch: { silentMs: 20_000, frozenMs: 20_000, intervalMs: 10_000, changes: true } },
  ]);
});

test('a time at which nothing ran stays empty, also after a kill', async () => {
  bench = new AppBench();
  await bench.start();
  const settings = cameraSettingsSchema.parse({ name: 'Gate', url });
  const { id: cameraId } = await bench.passing(bench.app.handlers['cameras.add'](settings));
  await bench.pass(100_000);
  const killedMs = Date.now();
  await bench.killed();
  await bench.pass(600_000);
  const againMs = Date.now();
  expect(againMs - killedMs).toBeGreaterThan(60_000);
  await bench.start();
  await bench.pass(5_000);
  const [first, second] = await history(cameraId);
  expect(killedMs - (first?.toMs ?? 0)).toBeLessThanOrEqual(31_000);
  expect(first?.toMs).toBeLessThanOrEqual(killedMs);
  expect(second?.fromMs).toBeGreaterThanOrEqual(againMs);
  await bench.passing(bench.app.handlers['cameras.update']({ id: cameraId, settings: { enabled: false } }));
  const offMs = Date.now();
  await bench.pass(60_000);
  expect((await history(cameraId)).at(-1)?.toMs).toBeLessThanOrEqual(offMs);
});

test('a camera that comes and goes all the time keeps its newest 5,000 stretches, and others keep theirs', async () => {
  bench = new AppBench();
  await bench.start();
  const stretch = (cameraId: string, fromMs: number) =>
    ({ cameraId, fromMs, toMs: fromMs + 1, state: 'live', reason: null }) as const;
  await bench.passing(bench.store.call('cameras.states', { stretches: [stretch('steady', 3)] }));
  await bench.passing(
    bench.store.call('cameras.states', {
      stretches: Array.from({ length: 5_010 }, (_, at) => stretch('restless', at)),
    }),
  );
  const kept = await bench.passing(bench.store.call('cameras.history', { cameraId: 'restless', fromMs: 0, toMs: 1e9 }));
  expect(kept).toHaveLength(5_000);
  expect(kept[0]?.fromMs).toBe(10);
  expect(
    await bench.passing(bench.store.call('cameras.history', { cameraId: 'steady', fromMs: 0, toMs: 1e9 })),
  ).toHaveLength(1);
});
