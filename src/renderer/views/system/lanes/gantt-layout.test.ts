import { expect, test } from 'vitest';
import type { RunRecord, Timeline } from '../../../../shared/domain/timeline.ts';
import { maxBuckets, maxRuns, questionFor } from '../../../state/time-window.ts';
import { layoutGantt, shapeAt } from './gantt-layout.ts';
import { ticksOf } from '../../../components/time-axis.ts';

const nowMs = 1_800_000_000_000;
const window = { fromMs: nowMs - 1_000, toMs: nowMs };

const run = (seq: number, startedAtMs: number, part: Partial<RunRecord> = {}): RunRecord => ({
  seq,
  slot: 0,
  lane: 'live',
  startedAtMs,
  actualMs: 20,
  predictedMs: 18,
  batch: 1,
  places: 1,
  subject: 'Gate',
  waitedMs: 3,
  liveWaiting: 0,
  archiveWaiting: 2,
  why: 'live batch of 1',
  ...part,
});

const timeline = (part: Partial<Timeline>): Timeline => ({
  ...{ fromMs: window.fromMs, toMs: window.toMs, keptFromMs: 0, buckets: [], runs: null, shed: [] },
  ...part,
});

test('a run lies where and as long as it ran, in the row of its executor and lane', () => {
  const runs = [
    run(1, nowMs - 500, { actualMs: 100, predictedMs: 60 }),
    run(2, nowMs - 300, { lane: 'archive', batch: 32, slot: 1 }),
  ];
  const gantt = layoutGantt(timeline({ runs }), window, 1_000, nowMs);
  const [live, archive] = gantt.shapes.filter(({ kind }) => kind === 'bar');
  expect(live).toMatchObject({ lane: 'live', x: 500, width: 100, text: '1', predictedX: 560 });
  expect(archive).toMatchObject({ lane: 'archive', x: 700, width: 20, text: '32' });
  expect(gantt.slots).toEqual([0, 1]);
  expect(archive?.y).toBeGreaterThan((live?.y ?? 0) + 2 * 34);
  const [one, thirtyTwo] = gantt.shapes.filter(({ kind }) => kind === 'batch');
  expect(thirtyTwo?.y).toBeLessThan(one?.y ?? 0);
});

test('what runs now reaches to the present; what lies outside of the window is not drawn', () => {
  const runs = [run(1, nowMs - 5_000), run(2, nowMs - 100, { actualMs: null })];
  const bars = layoutGantt(timeline({ runs }), window, 1_000, nowMs).shapes.filter(({ kind }) => kind === 'bar');
  expect(bars).toHaveLength(1);
  expect(bars[0]).toMatchObject({ x: 900, width: 100, isOpen: true });
});

test('a stretch is as high as the share that its lane had', () => {
  const bucket = { fromMs: nowMs - 200, toMs: nowMs - 100, live: 0.5, archive: 0, runs: 3, shed: 0 };
  const buckets = [{ ...bucket, largestLive: 4, largestArchive: 0 }];
  const gantt = layoutGantt(timeline({ buckets }), window, 1_000, nowMs);
  expect(gantt.mode).toBe('buckets');
  expect(gantt.shapes.map(({ kind, lane, height }) => [kind, lane, height])).toEqual([
    ['bar', 'live', 17],
    ['batch', 'live', 3],
  ]);
});

test('before the first run that is kept, shares of time are drawn beside single runs', () => {
  const share = { live: 0.5, archive: 0, runs: 3, shed: 0, largestLive: 1, largestArchive: 0 };
  const buckets = [
    { ...share, fromMs: nowMs - 900, toMs: nowMs - 800 },
    { ...share, fromMs: nowMs - 300, toMs: nowMs - 200 },
  ];
  const runs = [run(1, nowMs - 250)];
  const gantt = layoutGantt(timeline({ runs, buckets, keptFromMs: nowMs - 500 }), window, 1_000, nowMs);
  const bars = gantt.shapes.filter(({ kind }) => kind === 'bar');
  expect(bars.map(({ told, x }) => [told.kind, x])).toEqual([
    ['run', 750],
    ['bucket', 100],
  ]);
});

test('the most that is ever drawn stays at about two thousand shapes', () => {
  const shed = Array.from({ length: 20_000 }, (_, index) => ({
    ...{ step: 'oldest-out' as const, camera: 'Gate', frames: 1, why: 'full' },
    atMs: window.fromMs + index / 20,
  }));
  const runs = Array.from({ length: maxRuns }, (_, index) => run(index, window.fromMs + index));
  expect(layoutGantt(timeline({ runs, shed }), window, 1_200, nowMs).shapes.length).toBeLessThanOrEqual(2_000);
  const hour = { fromMs: nowMs - 3_600_000, toMs: nowMs };
  const { buckets: count } = questionFor(hour);
  const each = 3_600_000 / count;
  const buckets = Array.from({ length: maxBuckets }, (_, index) => ({
    ...{ live: 0.3, archive: 0.6, runs: 50, largestLive: 1, largestArchive: 32, shed: 0 },
    fromMs: hour.fromMs + index * each,
    toMs: hour.fromMs + (index + 1) * each,
  }));
  expect(layoutGantt(timeline({ buckets }), hour, 1_200, nowMs).shapes.length).toBeLessThanOrEqual(1_600);
  const both = layoutGantt(timeline({ buckets, runs, keptFromMs: nowMs - 1_800_000 }), hour, 1_200, nowMs);
  expect(both.shapes.length).toBeLessThanOrEqual(2_000);
});

test('a bar of one pixel can be pointed at, and the nearer of two is meant', () => {
  const runs = [run(1, nowMs - 500, { actualMs: 1 }), run(2, nowMs - 494, { actualMs: 1 })];
  const gantt = layoutGantt(timeline({ runs }), window, 1_000, nowMs);
  const told = shapeAt(gantt, 505, 30)?.told;
  expect(told).toMatchObject({ kind: 'run', run: { seq: 2 } });
  expect(shapeAt(gantt, 520, 30)).toBeNull();
});

test('ticks are round moments with room for their words', () => {
  for (const spanMs of [2_000, 60_000, 3_600_000, 86_400_000]) {
    const ticks = ticksOf({ fromMs: nowMs - spanMs, toMs: nowMs }, 1_000);
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.length).toBeLessThanOrEqual(13);
    expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length);
  }
});
