import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { databaseName } from './client.ts';
import type { ResultRow, StoreOperations } from './operations.ts';
import { openDirectly, type DirectStore } from './testing/direct-store.ts';
import { repairedRow } from './testing/shed-night.ts';
import { camera, content, recipe, temporaryFolder } from './testing/store-fixture.ts';

const folder = { path: '', remove: (): void => {} };
let store: DirectStore;
let ids: { sourceId: number; recipeId: number };
beforeEach(() => {
  Object.assign(folder, temporaryFolder());
  store = openDirectly(join(folder.path, databaseName));
  ids = yard();
});
afterEach(() => {
  store.db.close();
  folder.remove();
});

const minute = 60_000;
const hour = 3_600_000;
const step = 200;

/** A camera that is analysed five times a second. */
function yard(): { sourceId: number; recipeId: number } {
  store.call('cameras.save', { ...camera('yard', 'Back yard'), recording: 'continuous' });
  const { sourceId } = store.call('sources.ensure', content('yard', 'camera'));
  const { recipeId } = store.call('recipes.ensure', recipe('live', null));
  return { sourceId, recipeId };
}
function recorded(startMs: number, endMs = startMs + minute, cameraId = 'yard'): string {
  const file = `${cameraId}/day/${String(startMs)}.mp4`;
  store.call('recordings.open', { cameraId, file, startMs, codec: 'h264' });
  store.call('recordings.close', { cameraId, file, startMs, endMs, bytes: 100 });
  return file;
}
/** Of the stretch every frame is seen live but those that are shed. */
function live(fromMs: number, toMs: number, shed: readonly number[]): void {
  const rows: ResultRow[] = [];
  for (let frame = fromMs; frame <= toMs; frame += step) {
    if (!shed.includes(frame)) rows.push({ frame, timeMs: frame, detections: repairedRow(frame).detections });
  }
  const first = rows[0]?.frame ?? fromMs;
  const last = rows[rows.length - 1]?.frame ?? toMs;
  const commits = rows.length === 0 ? [] : [{ ...ids, rows, looked: [[first, last]] as const }];
  store.call('live.commit', {
    commits,
    events: [],
    shed: { ...ids, frames: shed, pixels: { width: 640, height: 360 } },
  });
}
const next = (over: Partial<StoreOperations['repairs.next']['in']> = {}) =>
  store.call('repairs.next', { cameraIds: ['yard'], skipFiles: [], limit: 1_000, ...over });
const repair = (frames: readonly number[], over: Partial<StoreOperations['repairs.commit']['in']> = {}) =>
  store.call('repairs.commit', {
    commits: [{ ...ids, rows: frames.map(repairedRow), looked: frames.map((frame) => [frame, frame] as const) }],
    lost: [],
    joinsMs: 500,
    atMs: 9 * hour,
    ...over,
  });
const counts = () => store.call('repairs.counts', { cameraIds: ['yard'], sinceMs: 0 });
const settle = (over: Partial<StoreOperations['repairs.settle']['in']> = {}) =>
  store.call('repairs.settle', {
    cameraIds: ['yard'],
    nowMs: hour,
    waitMs: minute,
    mostOpen: 1_000,
    forgetBeforeMs: 0,
    ...over,
  });
const ledger = () => store.db.prepare('SELECT frame, state, why FROM shed_frames ORDER BY frame').raw().all();
const looked = () => store.db.prepare('SELECT start, "end" FROM looked ORDER BY start').raw().all();

test('the oldest shed frames come first, file by file, and only those of closed files', () => {
  const first = recorded(0);
  const second = recorded(minute);
  store.call('recordings.open', { cameraId: 'yard', file: 'yard/day/open.mp4', startMs: 2 * minute, codec: 'h264' });
  live(0, 3 * minute, [minute + 400, 2 * minute + 200, 1_000, 1_200]);
  expect(next()).toMatchObject({
    ...ids,
    cameraId: 'yard',
    modelId: 'nanodet-g',
    file: first,
    startMs: 0,
    pixels: { width: 640, height: 360 },
    frames: [1_000, 1_200],
  });
  expect(next({ limit: 1 })?.frames).toEqual([1_000]);
  expect(next({ skipFiles: [first] })).toMatchObject({ file: second, frames: [minute + 400] });
  expect(next({ skipFiles: [first, second] })).toBeNull();
  expect(next({ cameraIds: ['gate'] })).toBeNull();
});

test('a frame captured a moment before its file begins, or after it ends, belongs to it all the same', () => {
  const first = recorded(1_000, minute);
  const second = recorded(minute);
  live(0, 400, [960, minute - 30, 2 * minute + 200]);
  expect(next()).toMatchObject({ file: first, frames: [960] });
  repair([960]);
  expect(next()).toMatchObject({ file: second, frames: [minute - 30, 2 * minute + 200] });
});

test('where one stream takes over from the other a frame is looked for in the file that began last before it', () => {
  const small = recorded(0, minute);
  const large = recorded(minute - 10_000, 2 * minute);
  live(0, 400, [minute - 11_000, minute - 5_000, minute + 200]);
  expect(next()).toMatchObject({ file: small, startMs: 0, frames: [minute - 11_000] });
  repair([minute - 11_000]);
  expect(next()).toMatchObject({ file: large, startMs: minute - 10_000, frames: [minute - 5_000, minute + 200] });
});

test('repaired frames are in the record as if they had been seen live, in every figure of the report', () => {
  recorded(0);
  const shed = [2_000, 2_200, 2_400, 2_600, 2_800, 8_000];
  live(0, 1_800, []);
  live(3_000, 10_000, shed);
  const scope = { jobId: null, cameraId: 'yard', sinceMs: null, untilMs: null };
  expect(looked()).toEqual([
    [0, 1_801],
    [3_000, 10_001],
  ]);
  expect(repair(shed)).toEqual({ newFrames: 6, newDetections: 7, repaired: 6 });
  // One stretch: nothing of it was left out in the end.
  expect(looked()).toEqual([[0, 10_001]]);
  const { frames, detections } = store.call('report.totals', scope);
  const all = Array.from({ length: 51 }, (_, index) => repairedRow(index * step).detections.length);
  expect({ frames, detections }).toEqual({ frames: 51, detections: all.reduce((a, b) => a + b, 0) });
  const { rows } = store.call('report.rows', { scope, after: null, limit: 1_000 });
  expect(rows).toHaveLength(detections);
  expect(store.call('report.density', scope).reduce((a, b) => a + b, 0)).toBe(detections);
  const [row] = store.call('report.coverage', { scope, offset: 0, limit: 10 }).rows;
  expect(row).toMatchObject({ frames: 51, shed: { shed: 6, repaired: 6, boxes: 7, left: 0, lost: [] } });
  // Nothing of it is an event: those were raised, or not, while it was seen.
  expect(store.db.prepare('SELECT count(*) FROM events').pluck().get()).toBe(0);
});

test('the same commit again, and a frame that is shed twice, change nothing', () => {
  recorded(0);
  live(0, 4_000, [400, 800]);
  repair([400]);
  const before = { ledger: ledger(), looked: looked(), counts: counts() };
  expect(repair([400])).toEqual({ newFrames: 0, newDetections: 0, repaired: 0 });
  live(0, 0, [400]);
  expect({ ledger: ledger(), looked: looked(), counts: counts() }).toEqual(before);
  expect(next()?.frames).toEqual([800]);
});

test('a commit that breaks off leaves neither results nor marks', () => {
  recorded(0);
  live(0, 4_000, [400, 800]);
  const before = { ledger: ledger(), looked: looked(), counts: counts() };
  store.db.exec(`CREATE TRIGGER breaks BEFORE UPDATE ON shed_frames WHEN OLD.frame = 800 BEGIN
    SELECT raise(ABORT, 'the disk is full'); END`);
  expect(() => repair([400, 800])).toThrow('the disk is full');
  store.db.exec('DROP TRIGGER breaks');
  expect({ ledger: ledger(), looked: looked(), counts: counts() }).toEqual(before);
  expect(repair([400, 800]).repaired).toBe(2);
});

test('frames that nobody can repair say why, once, and are never asked for again', () => {
  recorded(0);
  store.call('recordings.gap', { cameraId: 'yard', atMs: 2 * minute, reason: 'camera-offline' });
  store.call('recordings.gap', { cameraId: 'yard', atMs: 5 * minute, reason: null });
  const gone = recorded(5 * minute);
  live(0, 200, [1_000, 3 * minute, 5 * minute + 1_000, hour - 1_000]);
  store.call('recordings.leave', { ids: [2] });
  expect(gone).toContain('day');
  expect(settle()).toEqual({ marked: 2, givenUp: 0 });
  expect(ledger()).toEqual([
    [1_000, 'open', null],
    [3 * minute, 'lost', 'camera-offline'],
    [5 * minute + 1_000, 'lost', 'deleted'],
    [hour - 1_000, 'open', null], // its footage may still be on its way
  ]);
  repair([], { lost: [{ ...ids, frames: [1_000], why: 'unreadable' }] });
  expect(next()).toBeNull();
  expect(settle()).toEqual({ marked: 0, givenUp: 0 });
  expect(counts().map(({ state, why, frames }) => [state, why, frames])).toEqual([
    ['lost', 'camera-offline', 1],
    ['lost', 'deleted', 1],
    ['lost', 'unreadable', 1],
    ['open', '', 1],
  ]);
});

test('the backlog has a bound: the oldest give way, and are counted', () => {
  recorded(0);
  live(0, 0, [200, 400, 600, 800, 1_000]);
  expect(settle({ mostOpen: 3 })).toEqual({ marked: 2, givenUp: 2 });
  expect(next()?.frames).toEqual([600, 800, 1_000]);
  // Of a camera that is gone nothing is repaired any more.
  expect(settle({ cameraIds: [] }).marked).toBe(3);
  expect(counts().map(({ why, frames }) => [why, frames])).toEqual([
    ['backlog-full', 2],
    ['camera-removed', 3],
  ]);
});

test('single frames are forgotten after a while, their counts are not', () => {
  recorded(0);
  live(0, 4_000, [400, 800, 1_200]);
  repair([400, 800]);
  const before = counts();
  settle({ forgetBeforeMs: 1_000 });
  expect(ledger()).toEqual([[1_200, 'open', null]]);
  settle({ forgetBeforeMs: 2_000 });
  expect(ledger()).toEqual([[1_200, 'open', null]]); // never one that is open
  expect(counts()).toEqual(before);
});

test('what is open and what a minute holds are found by an index', () => {
  const plan = (sql: string): string =>
    (store.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[])
      .map(({ detail }) => detail)
      .join('\n');
  expect(
    plan(`SELECT min(frame) FROM shed_frames INDEXED BY shed_frames_open
    WHERE scan_id = 1 AND state = 'open' AND frame >= 5`),
  ).toContain('shed_frames_open (scan_id=? AND frame>?)');
  expect(plan(`SELECT DISTINCT scan_id FROM shed_minutes WHERE state = 'open'`)).toContain('shed_minutes_open');
});

test('killed at any moment: no frame is repaired twice, and none is lost', async () => {
  const files = Array.from({ length: 4 }, (_, index) => recorded(index * minute));
  const shed = files.flatMap((_, file) =>
    Array.from({ length: 290 }, (_, index) => file * minute + (index + 1) * step),
  );
  live(0, 0, shed);
  store.db.close();
  const child = fileURLToPath(new URL('./testing/repairing-child.ts', import.meta.url));
  let acknowledged = 0;
  let kills = 0;
  for (let left = shed.length; left > 0; kills++) {
    const running = spawn(process.execPath, [child, folder.path], { stdio: ['pipe', 'pipe', 'inherit'] });
    let commits = 0;
    running.stdout.on('data', (data: Buffer) => {
      for (const line of data.toString().split('\n')) acknowledged += Number(line);
      // Later with every round, so that commits are cut at other places.
      if (kills < 3 && ++commits > 3 + kills * 2) running.kill('SIGKILL');
    });
    await once(running, 'close');
    store = openDirectly(join(folder.path, databaseName));
    left = counts().reduce((sum, { state, frames }) => sum + (state === 'open' ? frames : 0), 0);
    const repaired = store.db
      .prepare(`SELECT frame FROM shed_frames WHERE state = 'repaired'`)
      .pluck()
      .all() as number[];
    const boxes = repaired.reduce((sum, frame) => sum + repairedRow(frame).detections.length, 0);
    const held = (sql: string): unknown => store.db.prepare(sql).pluck().get();
    expect(repaired.length + left).toBe(shed.length);
    expect(repaired.length).toBeGreaterThanOrEqual(acknowledged);
    // One more frame and its boxes are of the live camera.
    const liveBoxes = repairedRow(0).detections.length;
    expect(held('SELECT count(*) FROM detections')).toBe(boxes + liveBoxes);
    expect(held('SELECT total(count) FROM scan_tally')).toBe(boxes + liveBoxes);
    expect(held('SELECT frames FROM scans')).toBe(repaired.length + 1);
    expect(held(`SELECT total(frames) FROM shed_minutes WHERE state = 'repaired'`)).toBe(repaired.length);
    expect(held(`SELECT total(boxes) FROM shed_minutes`)).toBe(boxes);
    if (left > 0) store.db.close();
  }
  expect(kills).toBe(4);
});
