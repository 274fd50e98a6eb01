import { join } from 'node:path';
import { cameraSettingsSchema, type CameraSettings } from '../../shared/domain/camera.ts';
import { ModelService } from '../models/model-service.ts';
import { prepareWork } from '../models/work.ts';
import type { AppBench } from './app-bench.ts';

/**
 * A recorded camera that is switched off, and of whose footage of ten minutes ago so many frames were shed, ten a second: what a
 * night of overload leaves behind.
 */
export async function leftToRepair(
  bench: AppBench,
  frames: number,
  change: Partial<CameraSettings> = {},
): Promise<{ cameraId: string; jobId: string; file: string; startMs: number }> {
  const settings = cameraSettingsSchema.parse({
    ...{ name: 'Gate', url: 'test:gate', recording: 'continuous', enabled: false, analysisFps: 10 },
    ...change,
  });
  const { id: cameraId } = await bench.passing(bench.app.handlers['cameras.add'](settings));
  const startMs = bench.clock.epochMs() - 600_000;
  const file = `${cameraId}/2026-11-24/22-14-00-000Z.mp4`;
  const segment = { cameraId, file, startMs };
  const model = await new ModelService(join(bench.folder, 'models')).find('nanodet-g');
  const choice = {
    tier: settings.tier,
    score: null,
    classes: null,
    fps: null,
    motionGate: settings.motionGate,
  } as const;
  const store = bench.store;
  await bench.passing(
    (async () => {
      const { recipeId } = await prepareWork(model, choice, store);
      const key = `camera:${cameraId}`;
      const { sourceId } = await store.call('sources.ensure', { key, kind: 'camera', width: 640, height: 480 });
      await store.call('recordings.open', { ...segment, codec: 'h264' });
      const shed = Array.from({ length: frames }, (_, frame) => startMs + frame * 100);
      await store.call('live.commit', {
        ...{ commits: [], events: [] },
        shed: { sourceId, recipeId, frames: shed, pixels: { width: 640, height: 480 } },
      });
      await store.call('recordings.close', { ...segment, endMs: startMs + frames * 100, bytes: 100 });
    })(),
  );
  return { cameraId, jobId: `repair:${cameraId}`, file, startMs };
}
