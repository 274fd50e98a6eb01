import { beforeEach, expect, test } from 'vitest';
import type { FrameRange, ResultRow } from './operations.ts';
import { storeForEachTest } from './testing/each-test.ts';
import { recipe, seen } from './testing/store-fixture.ts';

const store = storeForEachTest();
let recipeId: number;
beforeEach(() => {
  ({ recipeId } = store.call('recipes.ensure', recipe()));
});

const stretches = (): unknown =>
  store.db.prepare('SELECT start, "end", frames FROM inherited ORDER BY start').raw().all();

/** `=`: the frame is as the one before, `R`: it was run; each `step` after the last. */
function commit(sourceId: number, pattern: string, from: number, looked: FrameRange, step = 1): void {
  const rows = [...pattern].map((mark, index): ResultRow => {
    const frame = from + index * step;
    return { frame, timeMs: frame, inherited: mark === '=', detections: [seen(0, 0.5, [1, 1, 1, 1])] };
  });
  store.call('results.commit', { commits: [{ sourceId, recipeId, rows, looked: [looked] }], items: [] });
}

test('a stretch goes on over commits until a frame is run; what is committed again changes nothing', () => {
  const { sourceId } = store.call('sources.ensure', { key: 'sha256:a', kind: 'video', width: null, height: null });
  commit(sourceId, 'R==', 0, [0, 3]);
  commit(sourceId, '==R=', 3, [3, 7]);
  commit(sourceId, '==R=', 3, [3, 7]);
  commit(sourceId, 'R', 7, [7, 8]);
  // Every second number is left out by a slow source.
  commit(sourceId, '==', 9, [8, 12], 2);
  expect(stretches()).toEqual([
    [1, 5, 4],
    [6, 7, 1],
    [9, 12, 2],
  ]);
});

test('a camera: still stretches join while it is looked at, and a report counts those of its time', () => {
  const { sourceId } = store.call('sources.ensure', { key: 'camera:c1', kind: 'camera', width: null, height: null });
  commit(sourceId, 'R==', 10_000, [10_000, 10_400], 200);
  commit(sourceId, '===', 10_600, [10_400, 11_000], 200);
  // It was away: a stretch of its own.
  commit(sourceId, '==', 60_000, [60_000, 60_200], 200);
  expect(stretches()).toEqual([
    [10_200, 11_001, 5],
    [60_000, 60_201, 2],
  ]);
  const coverage = (sinceMs: number | null): unknown =>
    store.call('report.coverage', {
      scope: { jobId: null, cameraId: 'c1', sinceMs, untilMs: null },
      offset: 0,
      limit: 9,
    }).rows;
  expect(coverage(null)).toMatchObject([{ frames: 8, inherited: 7 }]);
  expect(coverage(50_000)).toMatchObject([{ inherited: 2 }]);
  const { rows } = store.call('report.rows', {
    scope: { jobId: null, cameraId: 'c1', sinceMs: null, untilMs: null },
    after: null,
    limit: 100,
  });
  expect(rows.map(({ frame, inherited }) => [frame, inherited])).toEqual([
    [10_000, false],
    ...[10_200, 10_400, 10_600, 10_800, 11_000, 60_000, 60_200].map((frame) => [frame, true]),
  ]);
});
