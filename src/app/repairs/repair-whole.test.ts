import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cameraSettingsSchema } from '../../shared/domain/camera.ts';
import { jobSpecSchema } from '../../shared/domain/job.ts';
import type { ReportDetection, ReportScope } from '../../shared/domain/report.ts';
import { openStore, type OpenedStore } from '../../store/client.ts';
import type { App } from '../app.ts';
import { composeApp } from '../compose.ts';
import { forkEngine } from '../engine-host/forked-channel.ts';
import { ModelService } from '../models/model-service.ts';
import { prepareWork } from '../models/work.ts';
import { keyFileSecrets } from '../secrets/key-file-secrets.ts';
import { systemClock } from '../system-clock.ts';

const at = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const clip = at('resources/demo/camera.mp4'); // 20 s at 10 pictures a second
const modelsDir = at('models');
const storeWorkerFile = at('src/store/worker.ts');

let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'nightshift-repair-'));
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

const scope = (over: Partial<ReportScope>): ReportScope => ({
  ...{ jobId: null, cameraId: null, sinceMs: null, untilMs: null },
  ...over,
});

/** Resolves when the job has ended. */
function ended(app: App, jobId: (id: string) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    app.subscribe(({ event, payload }) => {
      if (event !== 'jobs.progress' || !jobId(payload.id)) return;
      if (payload.state === 'done') resolve();
      if (payload.state === 'failed') reject(new Error(payload.reason ?? 'it failed'));
    });
  });
}

async function rowsOf(store: OpenedStore, over: Partial<ReportScope>): Promise<readonly ReportDetection[]> {
  return (await store.call('report.rows', { scope: scope(over), after: null, limit: 10_000 })).rows;
}

test('the real decoder and model find in the footage what they find in a scan of the same pictures', async () => {
  const startMs = Date.now() - 600_000;
  const seconds = [2, 3, 9, 17];
  let store = await openStore({ dataDir, workerFile: storeWorkerFile });
  const settings = { name: 'Yard', url: `file:${clip}`, enabled: false, recording: 'continuous', tier: 'fast' };
  await store.call('cameras.save', { ...cameraSettingsSchema.parse(settings), id: 'yard', createdAtMs: 1 });
  const choice = { tier: 'fast', score: null, classes: null, fps: null, motionGate: false } as const;
  const { recipeId } = await prepareWork(await new ModelService(modelsDir).find('nanodet-g'), choice, store);
  const { sourceId } = await store.call('sources.ensure', {
    ...{ key: 'camera:yard', kind: 'camera', width: null, height: null },
  });
  const file = 'yard/2026-11-24/22-14-00-000Z.mp4';
  mkdirSync(dirname(join(dataDir, 'recordings', file)), { recursive: true });
  copyFileSync(clip, join(dataDir, 'recordings', file));
  await store.call('recordings.open', { cameraId: 'yard', file, startMs, codec: 'h264' });
  await store.call('recordings.close', { cameraId: 'yard', file, startMs, endMs: startMs + 20_000, bytes: 1 });
  // Times of frames as a network camera gives them: a few ms beside those of the footage; the last one has no picture.
  const frames = [...seconds.map((second, index) => startMs + second * 1_000 + index * 4 - 6), startMs + 20_240];
  await store.call('live.commit', { commits: [], events: [], shed: { sourceId, recipeId, frames, pixels: null } });
  await store.close();

  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const app = await composeApp({
    ...{ host: 'browser', dataDir, modelsDir, storeWorkerFile, version: '0.0.0' },
    resourcesDir: at('resources'),
    reportsDir: join(dataDir, 'reports'),
    spawnEngine: () => forkEngine({ file: at('src/engine/index.ts'), execPath: process.execPath }),
    providers: ['cpu'],
    dialogs: null,
    secrets: keyFileSecrets(dataDir),
    clock: systemClock,
    log,
    openCameras: true,
    resumeJobs: true,
    onFatal: (error) => {
      throw error;
    },
  });
  let jobId = '';
  try {
    await ended(app, (id) => id === 'repair:yard');
    const spec = jobSpecSchema.parse({ paths: [clip], tier: 'fast', fps: 1 });
    const scanned = ended(app, (id) => !id.startsWith('repair:'));
    jobId = (await app.handlers['jobs.create'](spec)).id;
    await scanned;
  } finally {
    await app.close();
  }

  store = await openStore({ dataDir, workerFile: storeWorkerFile });
  const repaired = await rowsOf(store, { cameraId: 'yard' });
  const scanned = await rowsOf(store, { jobId });
  const of = (rows: readonly ReportDetection[], frame: number): unknown[] =>
    rows.flatMap(({ frame: own, class: label, score, box }) => (own === frame ? [{ label, score, box }] : []));
  seconds.forEach((second, index) => {
    expect(of(repaired, frames[index] ?? 0), `second ${String(second)}`).toEqual(of(scanned, second));
  });
  expect(repaired.length).toBeGreaterThan(0);
  const page = { scope: scope({ cameraId: 'yard' }), offset: 0, limit: 10 };
  const [row] = (await store.call('report.coverage', page)).rows;
  await store.close();
  expect(row).toMatchObject({
    frames: seconds.length,
    shed: { shed: 5, repaired: 4, boxes: repaired.length, left: 0, lost: [{ why: 'no-picture', frames: 1 }] },
  });
});
