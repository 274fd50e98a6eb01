import { expect, test } from 'vitest';
import type { ReportScope } from '../shared/domain/report.ts';
import type { ResultRow } from './operations.ts';
import { storeForEachTest } from './testing/each-test.ts';
import { camera, content, found, job, recipe, seen } from './testing/store-fixture.ts';

const store = storeForEachTest();

const everything: ReportScope = { jobId: null, cameraId: null, sinceMs: null, untilMs: null };
const hour = 3_600_000;

function scan(jobId: string, path: string, name: string, recipeId: number, rows: readonly ResultRow[], frames: number) {
  if (store.call('jobs.get', { id: jobId }) === null) store.call('jobs.save', job(jobId));
  store.call('items.found', { jobId, run: 1, items: [found(path, 'video')] });
  const item = store
    .call('items.page', { jobId, states: ['pending'], afterId: 0, limit: 500 })
    .find((one) => one.path === path)!;
  const source = content(name, 'video');
  const { sourceId } = store.call('items.bind', { itemId: item.id, source, recipeId, expectedFrames: null });
  store.call('results.commit', {
    commits: [{ sourceId, recipeId, rows, looked: [[0, frames]] }],
    items: [{ itemId: item.id, cursor: frames, ended: null, expectedFrames: frames }],
  });
}

const row = (frame: number, ...detections: ResultRow['detections']): ResultRow => ({
  frame,
  timeMs: frame * 200,
  detections,
});

function rowsInPages(scope: ReportScope, limit: number) {
  const rows = [];
  let after: string | null = null;
  for (;;) {
    const page: ReturnType<typeof nextPage> = nextPage(scope, after, limit);
    expect(page.rows.length).toBeLessThanOrEqual(limit);
    rows.push(...page.rows);
    if (page.next === null) return rows;
    after = page.next;
  }
}
const nextPage = (scope: ReportScope, after: string | null, limit: number) =>
  store.call('report.rows', { scope, after, limit });

test('rows are in order of source, frame, label and box over recipes and jobs, and any page size gives the same', () => {
  const a = store.call('recipes.ensure', recipe('a')).recipeId;
  const b = store.call('recipes.ensure', { ...recipe('b'), labels: ['zebra', 'ant'] }).recipeId;
  // Name order by bytes: an upper-case letter comes before a lower-case one, é after z.
  scan('j1', '/é', 'e', a, [row(0, seen(0, 0.5, [1, 1, 1, 1]))], 1);
  scan(
    'j1',
    '/a',
    'a',
    a,
    [row(3, seen(2, 0.5, [9, 1, 1, 1]), seen(2, 0.5, [3, 1, 1, 1]), seen(0, 0.5, [0, 0, 1, 1]))],
    9,
  );
  scan(
    'j2',
    '/a',
    'a',
    b,
    [row(3, seen(0, 0.5, [0, 0, 1, 1]), seen(1, 0.5, [0, 0, 1, 1])), row(4, seen(1, 0.9, [0, 0, 1, 1]))],
    9,
  );
  scan('j2', '/Z', 'a', b, [], 9);
  const many = Array.from({ length: 40 }, (_, frame) => row(frame, seen(frame % 3, 0.6, [frame, 0, 1, 1])));
  scan('j2', '/m', 'm', a, many, 40);

  const flat = rowsInPages(everything, 1_000).map(
    ({ source, frame, class: label, box }) => `${source} ${frame} ${label} ${box[0]}`,
  );
  expect(flat.slice(0, 10)).toEqual([
    '/Z 3 ant 0',
    '/Z 3 zebra 0',
    '/Z 4 ant 0',
    '/a 3 ant 0',
    '/a 3 car 3',
    '/a 3 car 9',
    '/a 3 person 0',
    '/a 3 zebra 0',
    '/a 4 ant 0',
    '/m 0 person 0',
  ]);
  expect(flat).toHaveLength(50);
  expect(flat[49]).toBe('/é 0 person 1');
  const whole = rowsInPages(everything, 1_000);
  for (const limit of [1, 2, 3, 7, 49, 50]) expect(rowsInPages(everything, limit)).toEqual(whole);
  expect(rowsInPages({ ...everything, jobId: 'j1' }, 2)).toHaveLength(4);
  expect(rowsInPages({ ...everything, jobId: 'unknown' }, 2)).toEqual([]);
  expect(() => nextPage(everything, '{"no":1}', 5)).toThrow(/page/);
});

test('a path that two jobs hold with the same content is reported once', () => {
  const { recipeId } = store.call('recipes.ensure', recipe());
  scan('j1', '/a', 'a', recipeId, [row(1, seen(0, 0.5, [1, 1, 1, 1]))], 5);
  scan('j2', '/a', 'a', recipeId, [row(1, seen(0, 0.5, [1, 1, 1, 1]))], 5);
  expect(rowsInPages(everything, 10)).toHaveLength(1);
  expect(store.call('report.totals', everything)).toMatchObject({ sources: 1, frames: 5, detections: 1 });
  expect(store.call('report.coverage', { scope: everything, offset: 0, limit: 9 }).rows).toHaveLength(1);
});

test('coverage says what was looked at and what was not, in pages', () => {
  const { recipeId } = store.call('recipes.ensure', recipe());
  scan('j1', '/b', 'b', recipeId, [], 5);
  store.call('items.found', { jobId: 'j1', run: 1, items: [found('/a'), found('/c')] });
  const c = store
    .call('items.page', { jobId: 'j1', states: ['pending'], afterId: 0, limit: 9 })
    .find(({ path }) => path === '/c')!;
  store.call('items.fail', { itemId: c.id, state: 'failed', kind: 'empty', reason: 'no bytes' });
  const page = (offset: number, limit: number) => store.call('report.coverage', { scope: everything, offset, limit });
  expect(page(0, 9)).toEqual({
    total: 3,
    rows: [
      { source: '/a', kind: 'picture', frames: 0, inherited: 0, ranges: [], state: 'partial' },
      { source: '/b', kind: 'video', frames: 5, inherited: 0, ranges: [[0, 5]], state: 'partial' },
      { source: '/c', kind: 'picture', frames: 0, inherited: 0, ranges: [], state: 'failed' },
    ],
  });
  expect([0, 1, 2, 3].flatMap((offset) => page(offset, 1).rows)).toEqual(page(0, 9).rows);
  expect(store.call('report.coverage', { scope: { ...everything, jobId: 'j1' }, offset: 0, limit: 9 })).toEqual(
    page(0, 9),
  );
});

test('a camera counts in its time span alone: boxes exactly, frames by the minute, ranges cut', () => {
  const { recipeId } = store.call('recipes.ensure', recipe());
  store.call('cameras.save', camera('c1', 'Gate'));
  const { sourceId } = store.call('sources.ensure', content('c1', 'camera'));
  // One frame every ten minutes over five hours; a person in each, a car in every third.
  const start = 480_000 * hour;
  const rows = Array.from({ length: 31 }, (_, i) => ({
    frame: start + i * 600_000,
    timeMs: start + i * 600_000,
    detections: [seen(0, 0.5, [1, 1, 1, 1]), ...(i % 3 === 0 ? [seen(2, 0.5, [1, 1, 1, 1])] : [])],
  }));
  const commit = { commits: [{ sourceId, recipeId, rows, looked: [[start, start + 5 * hour]] as const }], events: [] };
  expect(store.call('live.commit', commit)).toEqual({ newFrames: 31, newDetections: 42, eventIds: [] });
  expect(store.call('live.commit', commit)).toMatchObject({ newFrames: 0, newDetections: 0 });

  const scope = { ...everything, cameraId: 'c1' };
  expect(store.call('report.totals', scope)).toMatchObject({
    sources: 1,
    frames: 31,
    byClass: { car: 11, person: 31 },
  });
  for (const [from, to] of [
    [0.5, 3.4],
    [1, 3],
    [0.1, 0.3],
    [2.99, 3.01],
    [-2, 9],
    [7, 9],
  ] as const) {
    const span = { ...scope, sinceMs: start + from * hour, untilMs: start + to * hour };
    const inside = rows.filter(({ timeMs }) => timeMs >= span.sinceMs && timeMs <= span.untilMs);
    const totals = store.call('report.totals', span);
    expect(totals.detections, `${from} to ${to}`).toBe(
      inside.reduce((sum, { detections }) => sum + detections.length, 0),
    );
    expect(totals.frames).toBe(inside.length);
    expect(rowsInPages(span, 5)).toHaveLength(totals.detections);
  }
  const cut = store.call('report.coverage', {
    scope: { ...scope, sinceMs: start + hour, untilMs: start + 2 * hour },
    offset: 0,
    limit: 9,
  });
  expect(cut.rows).toEqual([
    {
      source: 'Gate',
      kind: 'camera',
      frames: 7,
      inherited: 0,
      ranges: [[start + hour, start + 2 * hour]],
      state: 'done',
    },
  ]);
  const density = store.call('report.density', scope);
  expect(density).toHaveLength(24);
  expect(density.reduce((sum, count) => sum + count, 0)).toBe(42);
  expect(rowsInPages(scope, 9)[0]).toEqual({
    source: 'Gate',
    inherited: false,
    frame: start,
    timeMs: start,
    class: 'car',
    score: 0.5,
    box: [1, 1, 1, 1],
  });
});

test('frames of a camera join into one stretch while it goes on, and leave a gap where it did not', () => {
  const { recipeId } = store.call('recipes.ensure', recipe());
  const { sourceId } = store.call('sources.ensure', content('c9', 'camera'));
  const look = (from: number, to: number) =>
    store.call('live.commit', {
      commits: [{ sourceId, recipeId, rows: [{ frame: to, timeMs: to, detections: [] }], looked: [[from, to]] }],
      events: [],
    });
  look(1_000.2, 1_400.7);
  look(1_400.7, 1_800);
  look(9_000, 9_200);
  const { rows } = store.call('report.coverage', { scope: { ...everything, cameraId: 'c9' }, offset: 0, limit: 9 });
  expect(rows).toMatchObject([
    {
      source: 'c9',
      frames: 3,
      ranges: [
        [1_000, 1_800],
        [9_000, 9_200],
      ],
    },
  ]);
});

test('density of a short video is counted by tenth, whatever its length divides by', () => {
  const { recipeId } = store.call('recipes.ensure', recipe());
  const rows = Array.from({ length: 63 }, (_, frame) => row(frame, seen(0, 0.5, [frame, 0, 1, 1])));
  scan('j1', '/short', 'short', recipeId, rows, 63);
  expect(store.call('report.density', everything)).toEqual([7, 6, 6, 7, 6, 6, 7, 6, 6, 6]);
});

test('density of a long video comes from its slots and adds up', () => {
  const { recipeId } = store.call('recipes.ensure', recipe());
  const boxes = Array.from({ length: 60 }, (_, i) => seen(0, 0.5, [i, 0, 1, 1]));
  const rows = Array.from({ length: 4_000 }, (_, frame) => row(frame, ...boxes));
  scan('j1', '/long', 'long', recipeId, rows, 4_000);
  const density = store.call('report.density', everything);
  expect(density).toHaveLength(10);
  expect(density.reduce((sum, count) => sum + count, 0)).toBe(240_000);
  for (const count of density) expect(Math.abs(count - 24_000)).toBeLessThanOrEqual(1);
});

test('recipes in scope are listed by model and hashes', () => {
  const b = store.call('recipes.ensure', recipe('b')).recipeId;
  const a = store.call('recipes.ensure', recipe('a')).recipeId;
  expect(store.call('recipes.ensure', recipe('a')).recipeId).toBe(a);
  scan('j1', '/x', 'x', b, [], 1);
  scan('j2', '/x', 'x', a, [], 1);
  const hashes = (scope: ReportScope) => store.call('report.recipes', scope).map(({ settingsHash }) => settingsHash);
  expect(hashes(everything)).toEqual(['a', 'b']);
  expect(hashes({ ...everything, jobId: 'j1' })).toEqual(['b']);
});
