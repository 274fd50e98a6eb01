import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OpenedStore } from './client.ts';
import { folderForEachTest } from './testing/each-test.ts';
import { boundJob, content, found, job, openFolder, recipe, seen } from './testing/store-fixture.ts';

const folder = folderForEachTest();
let store: OpenedStore;
let recipeId: number;

beforeEach(async () => {
  store = await openFolder(folder.path);
  ({ recipeId } = await store.call('recipes.ensure', recipe()));
});
afterEach(async () => {
  await store.close();
});

const everything = { jobId: null, cameraId: null, sinceMs: null, untilMs: null };
const person = seen(0, 0.87654, [10.129, 20.5, 30, 40]);
const car = seen(2, 0.6, [1, 2, 3, 4]);

test('a commit adds rows, ranges, cursor and totals; the same commit again adds nothing', async () => {
  const [bound] = await boundJob(store, 'j1', [found('/a.mp4', 'video')], [content('a', 'video')], recipeId);
  const { item, sourceId } = bound!;
  const commit = {
    commits: [
      {
        sourceId,
        recipeId,
        rows: [
          { frame: 0, timeMs: 0, detections: [car, person] },
          { frame: 1, timeMs: 200.366, detections: [] },
          { frame: 3, timeMs: 600, detections: [person] },
        ],
        looked: [[0, 4]] as const,
      },
    ],
    items: [{ itemId: item.id, cursor: 4, ended: null, expectedFrames: 40 }],
  };
  expect(await store.call('results.commit', commit)).toEqual({ newFrames: 4, newDetections: 3 });
  expect(await store.call('results.commit', commit)).toEqual({ newFrames: 0, newDetections: 0 });

  expect(await store.call('jobs.totals', { id: 'j1' })).toEqual({
    total: 1,
    pictures: 0,
    pending: 1,
    done: 0,
    failed: 0,
    frames: 4,
    detections: 3,
    expectedFrames: 40,
    unknownItems: 0,
  });
  const { rows, next } = await store.call('report.rows', { scope: everything, after: null, limit: 100 });
  expect(next).toBeNull();
  expect(rows).toEqual([
    { source: '/a.mp4', frame: 0, timeMs: 0, class: 'car', score: 0.6, box: [1, 2, 3, 4], inherited: false },
    {
      source: '/a.mp4',
      frame: 0,
      timeMs: 0,
      class: 'person',
      score: 0.8765,
      box: [10.13, 20.5, 30, 40],
      inherited: false,
    },
    {
      source: '/a.mp4',
      frame: 3,
      timeMs: 600,
      class: 'person',
      score: 0.8765,
      box: [10.13, 20.5, 30, 40],
      inherited: false,
    },
  ]);
  const [page] = await store.call('items.page', { jobId: 'j1', states: ['pending'], afterId: 0, limit: 10 });
  expect(page).toMatchObject({ cursor: 4, expectedFrames: 40, sourceId, recipeId, jobId: 'j1' });
});

test('only the frames of a commit that nobody looked at are taken', async () => {
  const { sourceId } = await store.call('sources.ensure', content('a', 'video'));
  const commit = (from: number, to: number) => ({
    commits: [
      {
        sourceId,
        recipeId,
        rows: Array.from({ length: to - from }, (_, i) => ({
          frame: from + i,
          timeMs: (from + i) * 200,
          detections: [person],
        })),
        looked: [[from, to]] as const,
      },
    ],
    items: [],
  });
  expect(await store.call('results.commit', commit(10, 20))).toEqual({ newFrames: 10, newDetections: 10 });
  expect(await store.call('results.commit', commit(30, 40))).toEqual({ newFrames: 10, newDetections: 10 });
  expect(await store.call('results.commit', commit(15, 35))).toEqual({ newFrames: 10, newDetections: 10 });
  expect(await store.call('results.commit', commit(0, 50))).toEqual({ newFrames: 20, newDetections: 20 });
  expect((await store.call('store.status', undefined)).detections).toBe(50);
});

test('a row outside of what was looked at is a bug that says so, and nothing of the commit stays', async () => {
  const { sourceId } = await store.call('sources.ensure', content('a', 'video'));
  const rows = [
    { frame: 0, timeMs: 0, detections: [person] },
    { frame: 9, timeMs: 1800, detections: [person] },
  ];
  await expect(
    store.call('results.commit', { commits: [{ sourceId, recipeId, rows, looked: [[0, 5]] }], items: [] }),
  ).rejects.toMatchObject({ kind: 'internal', message: expect.stringContaining('frame 9') as string });
  expect((await store.call('store.status', undefined)).detections).toBe(0);
});

test('an item of known content is done at once, under another path and in another job', async () => {
  const [bound] = await boundJob(store, 'j1', [found('/a.mp4', 'video')], [content('a', 'video')], recipeId);
  const { item, sourceId } = bound!;
  const rows = [{ frame: 1, timeMs: 200, detections: [person, car] }];
  await store.call('results.commit', {
    commits: [{ sourceId, recipeId, rows, looked: [[0, 5]] }],
    items: [
      {
        itemId: item.id,
        cursor: 5,
        ended: { state: 'done', failureKind: null, failureReason: null },
        expectedFrames: 6,
      },
    ],
  });
  await store.call('jobs.save', job('j2', 2_000));
  await store.call('items.found', { jobId: 'j2', run: 1, items: [found('/copy.mp4', 'video')] });
  const [copy] = await store.call('items.page', { jobId: 'j2', states: ['pending'], afterId: 0, limit: 10 });
  const answer = await store.call('items.bind', {
    itemId: copy!.id,
    source: content('a', 'video'),
    recipeId,
    expectedFrames: 99,
  });
  expect(answer).toEqual({ sourceId, cursor: 5, complete: true });
  expect(await store.call('jobs.totals', { id: 'j2' })).toMatchObject({
    done: 1,
    pending: 0,
    frames: 5,
    detections: 2,
    expectedFrames: 5,
  });
  const totals = await store.call('report.totals', { ...everything, jobId: 'j2' });
  expect(totals).toEqual({ sources: 1, frames: 5, detections: 2, byClass: { car: 1, person: 1 }, failures: [] });
  expect((await store.call('report.totals', everything)).detections).toBe(4);
  expect((await store.call('report.rows', { scope: everything, after: null, limit: 9 })).rows).toHaveLength(4);
});

test('a partly looked-at video goes on from the end of the stretch that begins at 0; an estimate never completes it', async () => {
  const { sourceId } = await store.call('sources.ensure', content('a', 'video'));
  const looked = [
    [0, 7],
    [9, 20],
  ] as const;
  await store.call('results.commit', { commits: [{ sourceId, recipeId, rows: [], looked }], items: [] });
  await store.call('jobs.save', job('j1'));
  await store.call('items.found', { jobId: 'j1', run: 1, items: [found('/a.mp4', 'video')] });
  const [item] = await store.call('items.page', { jobId: 'j1', states: ['pending'], afterId: 0, limit: 10 });
  const bind = { itemId: item!.id, source: content('a', 'video'), recipeId, expectedFrames: 7 };
  expect(await store.call('items.bind', bind)).toEqual({ sourceId, cursor: 7, complete: false });
});

test('a picture that was looked at is done at once; under another recipe it is not', async () => {
  await boundJob(store, 'j1', [found('/p.jpg')], [content('p')], recipeId);
  const { sourceId } = await store.call('sources.ensure', content('p'));
  const rows = [{ frame: 0, timeMs: 0, detections: [person] }];
  await store.call('results.commit', { commits: [{ sourceId, recipeId, rows, looked: [[0, 1]] }], items: [] });
  const other = await store.call('recipes.ensure', recipe('settings-b'));
  await store.call('jobs.save', job('j2'));
  await store.call('items.found', { jobId: 'j2', run: 1, items: [found('/p.jpg')] });
  const [item] = await store.call('items.page', { jobId: 'j2', states: ['pending'], afterId: 0, limit: 10 });
  const bind = { itemId: item!.id, source: content('p'), expectedFrames: 1 };
  expect(await store.call('items.bind', { ...bind, recipeId: other.recipeId })).toEqual({
    sourceId,
    cursor: 0,
    complete: false,
  });
  expect(await store.call('items.bind', { ...bind, recipeId })).toEqual({ sourceId, cursor: 1, complete: true });
});
