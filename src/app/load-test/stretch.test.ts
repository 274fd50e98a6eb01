import { expect, test } from 'vitest';
import type { CameraStatus } from '../../shared/domain/camera.ts';
import type { LanesSnapshot } from '../../shared/domain/lanes.ts';
import { Stretch } from './stretch.ts';

const status = (captured: number, analysed: number, dropped: CameraStatus['dropped']): CameraStatus =>
  ({ captured, analysed, dropped }) as CameraStatus;
const lanes = (archiveFrames: number): LanesSnapshot =>
  ({ slot: { live: 0.25, archive: 0.5 }, archive: { frames: archiveFrames } }) as LanesSnapshot;
const machine = { hostBytes: 100, engineBytes: 200, mainLoopP99Ms: 2 };

test('counts only what happened in it, and the promise over what is settled', () => {
  const stretch = new Stretch(1_000, [status(100, 90, { 'queue-full': 10 }), status(50, 50, {})]);
  for (let index = 0; index < 18; index += 1) stretch.latencies.add(index < 15 ? 100 : 300, 200);
  stretch.second(lanes(1_000), machine);
  stretch.second(lanes(1_030), { ...machine, engineBytes: null, mainLoopP99Ms: 5 });
  // A new engine counts from nothing.
  stretch.second(lanes(12), machine);
  const figures = stretch.figures(2, 5, 4_000, [
    status(112, 100, { 'queue-full': 11, 'too-late': 1 }),
    status(59, 58, { 'engine-lost': 0 }),
  ]);
  expect(figures).toEqual({
    minute: 2,
    seconds: 3,
    cameras: 2,
    fps: 5,
    captured: 21,
    analysed: 18,
    dropped: { 'queue-full': 1, 'too-late': 1 },
    latencyMs: { p50: 100, p95: 300, p99: 300 },
    sloAttainment: 15 / 20,
    archivePerSecond: 42 / 2,
    slotShare: { live: 0.25, archive: 0.5 },
    hostBytes: 100,
    engineBytes: 200,
    mainLoopP99Ms: 5,
  });
});

test('without a result there are no quantiles, and nothing was kept', () => {
  const stretch = new Stretch(0, []);
  expect(stretch.figures(1, 5, 1_000, [])).toMatchObject({ latencyMs: null, sloAttainment: 0, captured: 0 });
});
