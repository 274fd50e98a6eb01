import { beforeEach, expect, test } from 'vitest';
import type { ItemState } from '../shared/domain/job.ts';
import { storeForEachTest } from './testing/each-test.ts';
import { found, job, recipe, content, seen } from './testing/store-fixture.ts';

const store = storeForEachTest();
beforeEach(() => {
  store.call('jobs.save', job('j1'));
});

const all: readonly ItemState[] = ['pending', 'done', 'failed', 'quarantined', 'missing'];
const items = (states = all) => store.call('items.page', { jobId: 'j1', states, afterId: 0, limit: 100 });
const statesByPath = () => Object.fromEntries(items().map(({ path, state }) => [path, state]));
const done = { state: 'done', failureKind: null, failureReason: null } as const;

test('an unchanged file keeps its state, a changed one starts anew, a vanished one is missing unless it was done', () => {
  const files = ['/a', '/b', '/c', '/d'].map((path) => found(path));
  store.call('items.found', { jobId: 'j1', run: 1, items: files });
  const { recipeId } = store.call('recipes.ensure', recipe());
  for (const item of items().slice(0, 3)) {
    const source = content(item.path);
    const { sourceId } = store.call('items.bind', { itemId: item.id, source, recipeId, expectedFrames: 1 });
    const rows = [{ frame: 0, timeMs: 0, detections: [seen(0, 0.5, [1, 2, 3, 4])] }];
    store.call('results.commit', {
      commits: [{ sourceId, recipeId, rows, looked: [[0, 1]] }],
      items: [{ itemId: item.id, cursor: 1, ended: done, expectedFrames: 1 }],
    });
  }
  store.call('items.found', { jobId: 'j1', run: 2, items: [found('/a'), found('/b', 'picture', 11)] });
  expect(store.call('items.endFound', { jobId: 'j1', run: 2 })).toEqual({ missing: 1 });
  expect(statesByPath()).toEqual({ '/a': 'done', '/b': 'pending', '/c': 'done', '/d': 'missing' });
  expect(items(['pending'])[0]).toMatchObject({ cursor: 0, sourceId: null, recipeId: null, expectedFrames: 1 });
  expect(store.call('items.failures', { jobId: 'j1', offset: 0, limit: 10 })).toEqual({
    total: 1,
    failures: [{ path: '/d', kind: 'missing', reason: 'The file is no longer there.' }],
  });

  store.call('items.found', { jobId: 'j1', run: 3, items: files });
  expect(store.call('items.endFound', { jobId: 'j1', run: 3 })).toEqual({ missing: 0 });
  expect(statesByPath()).toEqual({ '/a': 'done', '/b': 'pending', '/c': 'done', '/d': 'pending' });
});

test('whoever goes through the ledger by ids while it is written comes to everything that starts anew', () => {
  const files = ['/a', '/b', '/c'].map((path) => found(path));
  const changed = ['/a', '/b', '/c'].map((path) => found(path, 'picture', 99));
  store.call('items.found', { jobId: 'j1', run: 1, items: files });
  const [a, b, c] = items();
  store.call('items.fail', { itemId: a!.id, state: 'failed', kind: 'undecodable', reason: 'no picture' });
  const { recipeId } = store.call('recipes.ensure', recipe());
  // In work since this run began: what it finds of the file now is for the next.
  const bind = { source: content('/b'), recipeId, expectedFrames: 1 };
  store.call('items.bind', { itemId: b!.id, ...bind, run: 2 });
  expect(store.call('items.found', { jobId: 'j1', run: 2, items: changed })).toEqual({ undone: 0, otherIds: [] });
  expect(items().map(({ path, state, size }) => [path, state, size])).toEqual([
    ['/b', 'pending', b!.size],
    ['/c', 'pending', 99],
    ['/a', 'pending', 99],
  ]);
  expect(items()[1]?.id).toBe(c!.id);
  expect(store.call('items.found', { jobId: 'j1', run: 2, items: files })).toEqual({ undone: 0, otherIds: [] });
  expect(items()[2]).toMatchObject({ path: '/a', size: 99 });
  store.call('results.commit', {
    commits: [],
    items: [{ itemId: b!.id, cursor: 1, ended: done, expectedFrames: 1 }],
  });
  expect(store.call('items.found', { jobId: 'j1', run: 3, items: changed })).toEqual({ undone: 1, otherIds: [] });
  expect(statesByPath()).toEqual({ '/a': 'pending', '/b': 'pending', '/c': 'pending' });
  expect(store.call('jobs.totals', { id: 'j1' })).toMatchObject({ total: 3, pictures: 3, pending: 3, done: 0 });
});

test('failures are counted and listed in order of path, and a retry puts all of them back', () => {
  store.call('items.found', { jobId: 'j1', run: 1, items: ['/z', '/a', '/m'].map((path) => found(path)) });
  const [z, a, m] = items();
  store.call('items.fail', { itemId: z!.id, state: 'failed', kind: 'undecodable', reason: 'no picture' });
  store.call('items.fail', { itemId: a!.id, state: 'quarantined', kind: 'crashes-engine', reason: 'twice' });
  store.call('items.fail', { itemId: m!.id, state: 'pending', kind: 'unreadable', reason: 'share gone' });
  expect(items().map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
  expect(store.call('items.failures', { jobId: 'j1', offset: 1, limit: 1 })).toEqual({
    total: 2,
    failures: [{ path: '/z', kind: 'undecodable', reason: 'no picture' }],
  });
  expect(store.call('report.totals', { jobId: 'j1', cameraId: null, sinceMs: null, untilMs: null }).failures).toEqual([
    { path: '/a', kind: 'crashes-engine', reason: 'twice' },
    { path: '/z', kind: 'undecodable', reason: 'no picture' },
  ]);
  expect(store.call('items.retry', { jobId: 'j1' })).toEqual({ count: 2 });
  expect(store.call('jobs.totals', { id: 'j1' })).toMatchObject({ pending: 3, failed: 0 });
  expect(items()[0]).toMatchObject({ attempts: 0, failureKind: null, failureReason: null });
});

test('an item that a commit ends as failed says why; a cursor never goes back', () => {
  store.call('items.found', { jobId: 'j1', run: 1, items: [found('/a', 'video')] });
  const [item] = items();
  const progress = { itemId: item!.id, ended: null, expectedFrames: null };
  store.call('results.commit', { commits: [], items: [{ ...progress, cursor: 9 }] });
  store.call('results.commit', { commits: [], items: [{ ...progress, cursor: 4 }] });
  const ended = { state: 'failed', failureKind: 'undecodable', failureReason: 'broken at 9' } as const;
  store.call('results.commit', { commits: [], items: [{ ...progress, cursor: 9, ended }] });
  expect(items()[0]).toMatchObject({ cursor: 9, state: 'failed', failureReason: 'broken at 9', attempts: 1 });
});

test('pages go on after an id, over several states at once', () => {
  store.call('items.found', { jobId: 'j1', run: 1, items: [1, 2, 3, 4, 5].map((n) => found(`/${n}`)) });
  const ids = items().map(({ id }) => id);
  store.call('items.fail', { itemId: ids[1]!, state: 'failed', kind: 'empty', reason: '' });
  const page = (afterId: number) =>
    store.call('items.page', { jobId: 'j1', states: ['pending', 'failed'], afterId, limit: 2 }).map(({ id }) => id);
  expect(page(0)).toEqual(ids.slice(0, 2));
  expect(page(ids[1]!)).toEqual(ids.slice(2, 4));
  expect(page(ids[4]!)).toEqual([]);
});

test('a binding does not wait for the disk, and everything after it does again, even after a refusal', () => {
  store.call('items.found', { jobId: 'j1', run: 1, items: [found('/a')] });
  const { recipeId } = store.call('recipes.ensure', recipe());
  const bind = { itemId: items()[0]!.id, source: content('a'), recipeId, expectedFrames: 1 };
  store.call('items.bind', bind);
  expect(store.db.pragma('synchronous', { simple: true })).toBe(2);
  store.db.pragma('synchronous = OFF');
  expect(() => store.call('items.bind', { ...bind, itemId: 99 })).toThrow(/no item 99/);
  expect(store.db.pragma('synchronous', { simple: true })).toBe(2);
});

test('what does not exist is not found', () => {
  const missing = { kind: 'not-found' };
  const attempt = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (caught) {
      return caught;
    }
  };
  expect(attempt(() => store.call('jobs.totals', { id: 'no' }))).toMatchObject(missing);
  expect(attempt(() => store.call('items.found', { jobId: 'no', run: 1, items: [] }))).toMatchObject(missing);
  expect(attempt(() => store.call('items.retry', { jobId: 'no' }))).toMatchObject(missing);
  expect(
    attempt(() => store.call('items.fail', { itemId: 99, state: 'failed', kind: 'empty', reason: '' })),
  ).toMatchObject(missing);
  expect(
    attempt(() => store.call('items.bind', { itemId: 99, source: content('a'), recipeId: 1, expectedFrames: null })),
  ).toMatchObject(missing);
  expect(store.call('jobs.get', { id: 'no' })).toBeNull();
});
