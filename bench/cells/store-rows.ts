import type { ResultRow, SourceIdentity, StoreClient } from '../../src/store/operations.ts';
import { jobSpecSchema } from '../../src/shared/domain/job.ts';

/** Frames with so many boxes each, from frame `first` on: made beforehand, so that making them is not measured. */
export const rowsFrom = (first: number, frames: number, boxesPerFrame: number): ResultRow[] =>
  Array.from({ length: frames }, (_, i) => ({
    frame: first + i,
    timeMs: (first + i) * 200,
    detections: Array.from({ length: boxesPerFrame }, (__, k) => ({
      classIndex: Math.min(k, 2),
      score: 0.35 + ((first + i * 7 + k * 13) % 60) / 100,
      box: [k * 100 + ((first + i) % 97), 120.25, 64.5, 128.75] as const,
      trackId: null,
    })),
  }));

/** A video item of the job `bench`, tied to its content and recipe: what results are committed to. */
export interface StoreItem {
  readonly itemId: number;
  readonly sourceId: number;
  readonly recipeId: number;
}

/** Makes a job with so many video items. */
export async function makeItems(store: StoreClient, count: number): Promise<StoreItem[]> {
  const { recipeId } = await store.call('recipes.ensure', {
    modelId: 'bench',
    modelSha256: '00',
    settingsHash: 'bench',
    settings: {
      tier: 'normal',
      input: { width: 416, height: 416 },
      fit: 'tier',
      motionGate: false,
      fps: 5,
      score: 0.35,
      iou: 0.6,
      classes: null,
      pipelineVersion: 1,
    },
    labels: ['person', 'car', 'dog'],
  });
  await store.call('jobs.save', {
    id: 'bench',
    name: 'bench',
    state: 'running',
    reason: null,
    createdAtMs: 1,
    startedAtMs: 1,
    endedAtMs: null,
    spec: jobSpecSchema.parse({ paths: ['/v'] }),
  });
  const found = Array.from({ length: count }, (_, index) => ({
    path: `/v/${String(index).padStart(6, '0')}.mp4`,
    kind: 'video' as const,
    size: 1,
    mtimeMs: 1,
  }));
  await store.call('items.found', { jobId: 'bench', run: 1, items: found });
  const pending = await store.call('items.page', { jobId: 'bench', states: ['pending'], afterId: 0, limit: count });
  const items: StoreItem[] = [];
  for (const { id: itemId, path } of pending) {
    const source: SourceIdentity = { key: `sha256:${path}`, kind: 'video', width: 1280, height: 720 };
    const { sourceId } = await store.call('items.bind', { itemId, source, recipeId, expectedFrames: null });
    items.push({ itemId, sourceId, recipeId });
  }
  return items;
}

/** The product's own operation: results and the cursor that covers them, in one transaction. */
export async function commitRows(store: StoreClient, item: StoreItem, rows: readonly ResultRow[]): Promise<void> {
  const { itemId, sourceId, recipeId } = item;
  const from = rows[0]?.frame ?? 0;
  const to = from + rows.length;
  await store.call('results.commit', {
    commits: [{ sourceId, recipeId, rows, looked: [[from, to]] }],
    items: [{ itemId, cursor: to, ended: null, expectedFrames: null }],
  });
}
