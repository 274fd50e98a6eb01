import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Camera } from '../../shared/domain/camera.ts';
import type { Box } from '../../shared/domain/detection.ts';
import { jobSpecSchema } from '../../shared/domain/job.ts';
import { openStore, type OpenedStore } from '../client.ts';
import type {
  FoundItem,
  Recipe,
  ResultRow,
  SourceIdentity,
  StoredEvent,
  StoredItem,
  StoredJob,
} from '../operations.ts';

export const storeWorkerFile = new URL('../worker.ts', import.meta.url);

/** A folder of its own for one test, and how to put it away. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'nightshift-store-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export const openFolder = (dataDir: string): Promise<OpenedStore> =>
  openStore({ dataDir, workerFile: storeWorkerFile });

export const job = (id: string, createdAtMs = 1_000): StoredJob => ({
  id,
  name: `Job ${id}`,
  spec: jobSpecSchema.parse({ paths: ['/footage'] }),
  state: 'queued',
  reason: null,
  createdAtMs,
  startedAtMs: null,
  endedAtMs: null,
});

export const recipe = (settingsHash = 'settings-a', fps: number | null = 5): Recipe => ({
  modelId: 'nanodet-g',
  modelSha256: 'ab'.repeat(32),
  settingsHash,
  settings: {
    tier: 'normal',
    input: { width: 416, height: 416 },
    fit: 'aspect',
    motionGate: false,
    fps,
    score: 0.4,
    iou: 0.6,
    classes: null,
    pipelineVersion: 1,
  },
  labels: ['person', 'bicycle', 'car', 'dog'],
});

export const found = (path: string, kind: 'picture' | 'video' = 'picture', size = 10, mtimeMs = 5): FoundItem => ({
  path,
  kind,
  size,
  mtimeMs,
});

export const content = (name: string, kind: SourceIdentity['kind'] = 'picture'): SourceIdentity => ({
  key: kind === 'camera' ? `camera:${name}` : `sha256:${name}`,
  kind,
  width: 640,
  height: 480,
});

export const camera = (id: string, name = `Camera ${id}`): Camera => ({
  id,
  name,
  url: 'test:colours',
  enabled: true,
  transport: 'auto',
  analysisFps: 5,
  sloMs: 200,
  weight: 'normal',
  modelId: 'nanodet-g',
  tier: 'normal',
  motionGate: false,
  recording: 'off',
  keepDays: null,
  repair: true,
  hardwareDecode: 'auto',
  largeUrl: null,
  allowLoopback: false,
  group: '',
  createdAtMs: 1_000,
});

export const seen = (
  classIndex: number,
  score: number,
  box: Box,
  trackId: number | null = null,
): ResultRow['detections'][number] => ({ classIndex, score, box, trackId });

export const event = (over: Partial<StoredEvent> & Pick<StoredEvent, 'sourceId' | 'recipeId'>): StoredEvent => ({
  cameraId: 'c1',
  classIndex: 0,
  trackId: 1,
  startMs: 1_000_000,
  endMs: 1_005_000,
  bestMs: 1_002_000,
  bestScore: 0.9,
  bestBox: [1, 2, 3, 4],
  frames: 25,
  width: 640,
  height: 480,
  ...over,
});

/** A job with its items found, bound to contents of their own names under the recipe. */
export async function boundJob(
  store: OpenedStore,
  id: string,
  files: readonly FoundItem[],
  contents: readonly SourceIdentity[],
  recipeId: number,
): Promise<{ item: StoredItem; sourceId: number }[]> {
  await store.call('jobs.save', job(id));
  await store.call('items.found', { jobId: id, run: 1, items: files });
  const items = await store.call('items.page', { jobId: id, states: ['pending'], afterId: 0, limit: 1_000 });
  return Promise.all(
    items.map(async (item, index) => {
      const source = contents[index];
      if (source === undefined) throw new Error(`no content for ${item.path}`);
      const { sourceId } = await store.call('items.bind', { itemId: item.id, source, recipeId, expectedFrames: null });
      return { item, sourceId };
    }),
  );
}
