import { beforeEach, expect, test } from 'vitest';
import type { ReviewFilter } from '../shared/contract/calls.ts';
import { storeForEachTest } from './testing/each-test.ts';
import { camera, content, event, found, job, recipe, seen } from './testing/store-fixture.ts';

const store = storeForEachTest();
let recipeId: number;
let cameraSource: number;
beforeEach(() => {
  ({ recipeId } = store.call('recipes.ensure', recipe()));
  store.call('cameras.save', camera('c1', 'Gate'));
  cameraSource = store.call('sources.ensure', content('c1', 'camera')).sourceId;
});

const open: ReviewFilter = {
  kind: 'all',
  cameraIds: [],
  jobIds: [],
  labels: [],
  minScore: 0,
  sinceMs: null,
  untilMs: null,
  reviewed: 'any',
};
const list = (filter: Partial<ReviewFilter>, offset = 0, limit = 100) =>
  store.call('review.list', { filter: { ...open, ...filter }, offset, limit });
const keys = (filter: Partial<ReviewFilter>, offset = 0, limit = 100) =>
  list(filter, offset, limit).entries.map((entry) =>
    entry.kind === 'event' ? `event ${entry.startMs} ${entry.label}` : `${entry.path} ${entry.frame} ${entry.label}`,
  );

/** Scans a video for the job: frame 2 has a person and a car, frame 4 a dog. */
function scanVideo(jobId: string, path: string, name: string): void {
  if (store.call('jobs.get', { id: jobId }) === null) store.call('jobs.save', job(jobId));
  store.call('items.found', { jobId, run: 1, items: [found(path, 'video')] });
  const item = store
    .call('items.page', { jobId, states: ['pending'], afterId: 0, limit: 100 })
    .find((one) => one.path === path)!;
  const { sourceId, complete } = store.call('items.bind', {
    itemId: item.id,
    source: content(name, 'video'),
    recipeId,
    expectedFrames: null,
  });
  if (complete) return;
  store.call('results.commit', {
    commits: [
      {
        sourceId,
        recipeId,
        rows: [
          { frame: 2, timeMs: 400, detections: [seen(2, 0.62, [1, 1, 1, 1]), seen(0, 0.97, [5, 6, 7, 8])] },
          { frame: 4, timeMs: 801.5, detections: [seen(3, 0.44, [2, 2, 2, 2])] },
        ],
        looked: [[0, 10]],
      },
    ],
    items: [
      {
        itemId: item.id,
        cursor: 10,
        ended: { state: 'done', failureKind: null, failureReason: null },
        expectedFrames: 10,
      },
    ],
  });
}
const addEvents = (...events: Parameters<typeof event>[0][] | Partial<Parameters<typeof event>[0]>[]) =>
  store.call('live.commit', {
    commits: [],
    events: events.map((one) => event({ sourceId: cameraSource, recipeId, ...one })),
  }).eventIds;

test('events come first, newest first, then archive detections, newest content first; pages fit together', () => {
  addEvents({ startMs: 1_000, trackId: 1 }, { startMs: 3_000, trackId: 2, classIndex: 2 });
  scanVideo('j1', '/a.mp4', 'a');
  scanVideo('j1', '/b.mp4', 'b');
  const whole = [
    'event 3000 car',
    'event 1000 person',
    '/b.mp4 2 person',
    '/b.mp4 2 car',
    '/b.mp4 4 dog',
    '/a.mp4 2 person',
    '/a.mp4 2 car',
    '/a.mp4 4 dog',
  ];
  expect(keys({})).toEqual(whole);
  expect(list({})).toMatchObject({
    total: 8,
    labels: [
      { label: 'car', count: 3 },
      { label: 'person', count: 3 },
      { label: 'dog', count: 2 },
    ],
  });
  for (let size = 1; size <= 8; size++) {
    const paged: string[] = [];
    for (let offset = 0; offset < 10; offset += size) paged.push(...keys({}, offset, size));
    expect(paged).toEqual(whole);
  }
});

test('filters by kind, label, score, job, camera and mark', () => {
  const [first] = addEvents({ startMs: 1_000, bestScore: 0.5 }, { startMs: 2_000, trackId: 2, cameraId: 'c2' });
  scanVideo('j1', '/a.mp4', 'a');
  scanVideo('j2', '/b.mp4', 'b');
  expect(keys({ kind: 'event' })).toEqual(['event 2000 person', 'event 1000 person']);
  expect(keys({ kind: 'detection', labels: ['dog'] })).toEqual(['/b.mp4 4 dog', '/a.mp4 4 dog']);
  expect(list({ labels: ['dog'] }).labels).toContainEqual({ label: 'person', count: 4 });
  expect(keys({ labels: ['unknown'] })).toEqual([]);
  expect(keys({ minScore: 0.6 })).toEqual([
    'event 2000 person',
    '/b.mp4 2 person',
    '/b.mp4 2 car',
    '/a.mp4 2 person',
    '/a.mp4 2 car',
  ]);
  expect(list({ minScore: 0.6 }).total).toBe(5);
  expect(keys({ jobIds: ['j1'] })).toEqual(['/a.mp4 2 person', '/a.mp4 2 car', '/a.mp4 4 dog']);
  expect(keys({ jobIds: ['none'] })).toEqual([]);
  expect(list({ jobIds: ['j1', 'j2'] }).total).toBe(6);
  expect(keys({ cameraIds: ['c1'] })).toEqual(['event 1000 person']);
  expect(list({ cameraIds: ['c1'], jobIds: ['j2'] }).total).toBe(4);
  store.call('events.mark', { eventIds: [first!], reviewed: true });
  expect(list({ reviewed: 'yes' }).entries).toMatchObject([{ kind: 'event', id: first, reviewed: true }]);
  expect(list({ kind: 'event', reviewed: 'no' }).total).toBe(1);
});

test('an event belongs to every time span that it overlaps', () => {
  addEvents({ startMs: 1_000, endMs: 5_000 }, { startMs: 6_000, endMs: null, trackId: 2 });
  expect(keys({ sinceMs: 4_000, untilMs: 5_500 })).toEqual(['event 1000 person']);
  expect(keys({ sinceMs: 9_000 })).toEqual(['event 6000 person']);
  expect(keys({ untilMs: 900 })).toEqual([]);
});

test('content that two files and two jobs share appears once, under the newest file of the chosen jobs', () => {
  scanVideo('j1', '/a.mp4', 'same');
  scanVideo('j1', '/b.mp4', 'same');
  scanVideo('j2', '/c.mp4', 'same');
  expect(keys({})).toEqual(['/c.mp4 2 person', '/c.mp4 2 car', '/c.mp4 4 dog']);
  expect(list({}).total).toBe(3);
  expect(keys({ jobIds: ['j1'], labels: ['dog'] })).toEqual(['/b.mp4 4 dog']);
  expect(list({ jobIds: ['j1'] }).total).toBe(3);
  expect(store.call('report.totals', { jobId: 'j1', cameraId: null, sinceMs: null, untilMs: null }).detections).toBe(6);
});

test('a detection is found again by its id', () => {
  scanVideo('j1', '/a.mp4', 'a');
  const dog = list({ labels: ['dog'] }).entries[0]!;
  expect(dog).toMatchObject({ kind: 'detection', jobId: 'j1', timeMs: 801.5, sourceWidth: 640, sourceHeight: 480 });
  expect(store.call('review.locate', { id: String(dog.id) })).toEqual({
    path: '/a.mp4',
    kind: 'video',
    timeMs: 801.5,
    box: [2, 2, 2, 2],
    width: 640,
    height: 480,
  });
  expect(store.call('review.locate', { id: '1-1-4-7' })).toBeNull();
  expect(store.call('review.locate', { id: '../etc' })).toBeNull();
});

test('a track is one event from its first commit to its last, and a crash leaves none open', () => {
  const [id] = addEvents({ endMs: null, frames: 1, bestScore: 0.5 });
  const [same] = addEvents({ endMs: null, frames: 9, bestScore: 0.8, bestMs: 1_004_000 });
  expect(same).toBe(id);
  expect(store.call('events.get', { id: id! })).toMatchObject({
    frames: 9,
    bestScore: 0.8,
    cameraName: 'Gate',
    endMs: null,
  });
  expect(store.call('events.closeOpen', { endMs: 0 })).toEqual({ count: 1 });
  expect(store.call('events.get', { id: id! })?.endMs).toBe(1_004_000);
  expect(store.call('events.closeOpen', { endMs: 0 })).toEqual({ count: 0 });
  store.call('cameras.remove', { id: 'c1' });
  expect(store.call('events.get', { id: id! })?.cameraName).toBe('Gate');
  expect(store.call('events.get', { id: 999 })).toBeNull();
});
