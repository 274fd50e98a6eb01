import { join } from 'node:path';
import { expect, test } from 'vitest';
import { migrations } from './migrations/index.ts';
import { folderForEachTest, storeForEachTest } from './testing/each-test.ts';
import { camera, job } from './testing/store-fixture.ts';

const folder = folderForEachTest();
const store = storeForEachTest(folder);

test('cameras are saved whole, changed in place, and gone from the list once removed', () => {
  store.call('cameras.save', camera('c2', 'Yard'));
  store.call('cameras.save', { ...camera('c1'), createdAtMs: 500 });
  expect(store.call('cameras.list', undefined)).toEqual([{ ...camera('c1'), createdAtMs: 500 }, camera('c2', 'Yard')]);
  store.call('cameras.save', { ...camera('c2', 'Yard north'), sloMs: 400, enabled: false });
  expect(store.call('cameras.list', undefined)[1]).toMatchObject({ name: 'Yard north', sloMs: 400, enabled: false });
  store.call('cameras.remove', { id: 'c2' });
  expect(store.call('cameras.list', undefined).map(({ id }) => id)).toEqual(['c1']);
});

test('of a removed camera its name stays, and nothing that lets somebody in', () => {
  store.call('cameras.save', { ...camera('c1', 'Yard'), sealedLogin: 'key-file:AAAA' });
  store.call('cameras.remove', { id: 'c1' });
  expect(store.db.prepare('SELECT name, settings FROM cameras').all()).toEqual([{ name: 'Yard', settings: '{}' }]);
});

test('jobs are saved whole and listed newest first', () => {
  const first = job('a', 1_000);
  const second = { ...job('b', 2_000), state: 'paused', reason: 'by hand', startedAtMs: 5, endedAtMs: 6 } as const;
  store.call('jobs.save', first);
  store.call('jobs.save', second);
  expect(store.call('jobs.list', undefined)).toEqual([second, first]);
  store.call('jobs.save', { ...first, state: 'done', endedAtMs: 9_000 });
  expect(store.call('jobs.get', { id: 'a' })).toEqual({ ...first, state: 'done', endedAtMs: 9_000 });
});

test('cameras and jobs of earlier versions read with what their settings lacked', () => {
  const { motionGate: _gate, recording: _recording, keepDays: _days, repair: _repair, ...known } = camera('c1');
  const { id, createdAtMs, largeUrl: _large, ...settings } = known;
  store.db
    .prepare('INSERT INTO cameras (id, name, settings, created_at_ms) VALUES (?, ?, ?, ?)')
    .run(id, settings.name, JSON.stringify(settings), createdAtMs);
  expect(store.call('cameras.list', undefined)).toEqual([camera('c1')]);
  store.call('jobs.save', job('a'));
  const { motionGate: _jobGate, weight: _weight, ...spec } = job('a').spec;
  store.db.prepare('UPDATE jobs SET spec = ?').run(JSON.stringify(spec));
  expect(store.call('jobs.get', { id: 'a' })?.spec).toEqual({ ...spec, motionGate: false, weight: 1 });
});

test('costs are kept a device and provider, the newest measurement of each step', () => {
  const cost = {
    modelId: 'nanodet-g',
    modelSha256: 'aa',
    input: '416x416',
    lane: 'archive',
    batch: 8,
    q50Ms: 10.25,
    q95Ms: 12,
    samples: 30,
  } as const;
  const key = { device: 'CPU', provider: 'cpu' };
  store.call('costs.save', { ...key, costs: [cost, { ...cost, lane: 'live', batch: 1 }] });
  store.call('costs.save', { ...key, costs: [{ ...cost, q50Ms: 9, samples: 31 }] });
  expect(store.call('costs.load', key)).toEqual([
    { ...cost, q50Ms: 9, samples: 31 },
    { ...cost, lane: 'live', batch: 1 },
  ]);
  expect(store.call('costs.load', { ...key, provider: 'cuda' })).toEqual([]);
  store.call('costs.forget', { ...key, modelSha256: 'aa', input: '416x416', lane: 'archive' });
  expect(store.call('costs.load', key)).toEqual([{ ...cost, lane: 'live', batch: 1 }]);
});

test('notices: open ones first, newest first; cleared by topic or one by one; old cleared ones are forgotten', () => {
  const add = (atMs: number, topic: string) =>
    store.call('notices.add', { atMs, level: 'warning', topic, text: `at ${atMs}` });
  const first = add(1, 'engine-lost');
  add(2, 'camera');
  add(3, 'engine-lost');
  store.call('notices.clear', { topic: 'engine-lost', atMs: 9 });
  const listed = store.call('notices.list', undefined);
  expect(listed.map(({ atMs, clearedAtMs }) => [atMs, clearedAtMs])).toEqual([
    [2, null],
    [3, 9],
    [1, 9],
  ]);
  store.call('notices.dismiss', { id: listed[0]!.id, atMs: 11 });
  store.call('notices.dismiss', { id: first.id, atMs: 12 });
  expect(store.call('notices.list', undefined).map(({ clearedAtMs }) => clearedAtMs)).toEqual([9, 11, 9]);
  for (let n = 0; n < 1_200; n++) add(100 + n, 'flood');
  expect(store.call('notices.list', undefined)).toHaveLength(200);
  expect(store.db.prepare('SELECT count(*) FROM notices WHERE cleared_at_ms IS NOT NULL').pluck().get()).toBe(0);
  expect(store.db.prepare('SELECT count(*) FROM notices').pluck().get()).toBe(1_200);
});

test('settings and written reports come back as they were', () => {
  store.call('settings.set', { key: 'k', value: '1' });
  store.call('settings.set', { key: 'k', value: '2' });
  expect(store.call('settings.get', { key: 'k' })).toBe('2');
  const scope = { jobId: 'j', cameraId: null, sinceMs: 1, untilMs: null };
  const report = { atMs: 5, title: 'T', scope, format: 'csv', file: '/r.csv', rows: 3, bytes: 99 } as const;
  const first = store.call('reports.add', report);
  const second = store.call('reports.add', { ...report, title: 'U' });
  expect(store.call('reports.list', undefined)).toEqual([second, first]);
  expect(first).toEqual({ ...report, id: 1 });
});

test('the status tells where, how large and what', () => {
  expect(store.call('store.status', undefined)).toMatchObject({
    path: join(folder.path, 'test.db'),
    detections: 0,
    schemaVersion: migrations[migrations.length - 1]?.version,
    sqlite: expect.stringMatching(/^3\./) as string,
  });
  expect(store.call('store.status', undefined).bytes).toBeGreaterThan(4_096);
});
