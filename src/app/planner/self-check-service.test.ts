import { expect, test } from 'vitest';
import { createScheduler, lanesSnapshot } from '../../core/scheduler/scheduler.ts';
import { cameraSettingsSchema, type Camera, type CameraStatus } from '../../shared/domain/camera.ts';
import type { Finding } from '../../shared/domain/plan.ts';
import type { StoreClient } from '../../store/operations.ts';
import { SelfCheckService } from './self-check-service.ts';

const hour = 3_600_000;
const yard: Camera = { ...cameraSettingsSchema.parse({ name: 'Yard', url: 'test:' }), id: 'yard', createdAtMs: 0 };
const running: CameraStatus = {
  cameraId: 'yard',
  state: 'live',
  offline: null,
  width: 640,
  height: 480,
  codec: null,
  decoder: null,
  transport: null,
  frozenSinceMs: null,
  health: null,
  clockOffsetMs: null,
  large: null,
  latencyFrom: 'arrival',
  sourceFps: 5,
  analysedFps: 5,
  captured: 1_000,
  analysed: 1_000,
  inherited: 0,
  dropped: {},
  waiting: 0,
  latencyMs: { p50: 20, p95: 30, p99: 40 },
  sloMs: 200,
  freshnessMs: 100,
  missShare: 0,
  missBudget: 0.05,
  sloMet: true,
};

/** The service on a world of one camera that tests change as they like. */
function rig() {
  const kept = new Map<string, string>();
  const world = {
    nowMs: 1_000 * hour,
    status: running,
    watchedFps: 0,
    lanes: lanesSnapshot(createScheduler(0), 0, 0),
  };
  const store = {
    call: (name: string, { key, value }: { key: string; value?: string }) => {
      if (name === 'settings.set') kept.set(key, value ?? '');
      return Promise.resolve(name === 'settings.get' ? (kept.get(key) ?? null) : undefined);
    },
  } as unknown as StoreClient;
  const make = (): SelfCheckService =>
    new SelfCheckService({
      store,
      cameras: { list: () => [yard], statuses: () => [world.status] },
      pictures: { watchedFps: () => world.watchedFps },
      capacity: { slotShareOf: () => Promise.resolve(0.12) },
      lanes: () => world.lanes,
      clock: { monoMs: () => world.nowMs, epochMs: () => world.nowMs },
    });
  return { world, make };
}

const wrong = async (service: SelfCheckService): Promise<readonly Finding[]> =>
  (await service.findings()).filter(({ level }) => level !== 'ok');

test('results that nobody reads are found, also over a restart, and whoever looks at last is told how late that was', async () => {
  const { world, make } = rig();
  const before = make();
  await before.look();
  world.nowMs += 3 * hour;
  expect(await wrong(before)).toEqual([]);
  await before.close();
  const after = make();
  await after.load();
  world.nowMs += 4 * hour;
  await after.look();
  expect((await wrong(after))[0]).toMatchObject({ id: 'nobody-looks', subject: 'Yard', number: 7, unit: 'h' });
  after.read([]);
  expect((await wrong(after))[0]?.text).toContain('first read after 7 h: move it to the night lane, frees 12 %');
  world.nowMs += hour;
  after.read(['yard']);
  expect(await wrong(after)).toEqual([]);
});

test('a view that shows the camera counts as reading', async () => {
  const { world, make } = rig();
  const service = make();
  await service.look();
  world.watchedFps = 5;
  for (let second = 0; second < 6; second += 1) {
    world.nowMs += hour / 60;
    await service.look();
  }
  world.nowMs += 3.9 * hour;
  expect(await wrong(service)).toEqual([]);
});

test('drops are what a queue sheds; an engine that went away is not its doing', async () => {
  const { world, make } = rig();
  const service = make();
  world.status = { ...running, dropped: { 'engine-lost': 200, stopped: 3 } };
  expect(await wrong(service)).toEqual([]);
  world.status = { ...running, dropped: { 'queue-full': 20, 'too-late': 10 } };
  expect((await wrong(service))[0]).toMatchObject({ id: 'queue-sheds', number: 3, limit: 1 });
});

test('the first frame of a camera since it was opened tells of a cold model', async () => {
  const { world, make } = rig();
  const service = make();
  const frame = (agoMs: number): void => {
    service.heard({
      event: 'cameras.result',
      payload: { cameraId: 'yard', capturedAtMs: world.nowMs - agoMs, width: 1, height: 1, detections: [] },
    });
  };
  frame(80);
  frame(900);
  expect(await wrong(service)).toEqual([]);
  service.heard({ event: 'cameras.status', payload: [{ ...running, state: 'offline' }] });
  frame(900);
  expect((await wrong(service))[0]).toMatchObject({ id: 'cold-model', subject: 'Yard', number: 900, limit: 90 });
});

test('a pinned live batch that takes longer than the promise is over budget', async () => {
  const { world, make } = rig();
  const service = make();
  const cost = { modelId: 'nanodet-g', input: '416x320', lane: 'live' as const, q50Ms: 100, samples: 9 };
  const costs = [
    { ...cost, batch: 1, q95Ms: 30 },
    { ...cost, batch: 8, q95Ms: 110 },
  ];
  world.lanes = { ...world.lanes, costs };
  expect(await wrong(service)).toEqual([]);
  world.lanes = { ...world.lanes, settings: { ...world.lanes.settings, liveBatch: 8 } };
  expect((await wrong(service))[0]).toMatchObject({ id: 'batch-over-budget', number: 220, limit: 200 });
});
