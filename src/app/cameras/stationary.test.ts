import { afterEach, expect, test } from 'vitest';
import { cameraSettingsSchema } from '../../shared/domain/camera.ts';
import type { TrackedDetection } from '../../shared/domain/detection.ts';
import { AppBench } from '../testing/app-bench.ts';

let bench: AppBench;
afterEach(() => bench.end());

const shown = (): readonly TrackedDetection[] =>
  bench.events.flatMap((message) => (message.event === 'cameras.result' ? [...message.payload.detections] : []));

async function events(): Promise<readonly { readonly startMs: number; readonly endMs: number | null }[]> {
  const found = [];
  for (let id = 1; id < 10; id++) {
    const event = await bench.passing(bench.store.call('events.get', { id }));
    if (event !== null) found.push(event);
  }
  return found;
}

test('what is parked is one event and one track, also after the application was closed and started again', async () => {
  bench = new AppBench({ detections: () => [{ classIndex: 1, score: 0.8, box: [100, 50, 120, 60] }] });
  await bench.start();
  const settings = cameraSettingsSchema.parse({ name: 'Gate', url: 'test:gate', analysisFps: 5 });
  const { id } = await bench.passing(bench.app.handlers['cameras.add'](settings));
  await bench.until(() => shown().some(({ isStationary }) => isStationary));
  await bench.pass(2_000);
  expect(await events()).toHaveLength(1);
  await bench.close();
  bench.events.length = 0;

  await bench.start();
  await bench.until(() => shown().length > 30);
  expect(new Set(shown().map(({ trackId, isStationary }) => [trackId, isStationary].join()))).toEqual(
    new Set(['1,true']),
  );
  const [parked, ...others] = await events();
  expect(others).toEqual([]);
  expect(Number(parked?.endMs) - Number(parked?.startMs)).toBeGreaterThanOrEqual(10_000);
  const { saved } = await bench.passing(bench.store.call('live.tracks', { cameraId: id }));
  expect(saved).toMatchObject({ nextTrackId: 2, stationary: [{ trackId: 1 }] });
});
