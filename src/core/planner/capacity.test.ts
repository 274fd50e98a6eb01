import { describe, expect, test } from 'vitest';
import { batchLadder, type LadderCost, type SchedulingMode } from '../../shared/domain/lanes.ts';
import { tariffSchema } from '../../shared/domain/plan.ts';
import { workShape } from '../scheduler/work-shape.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { simulate, type SimulatedCamera, type SimulationLog } from '../testing/simulated-slot.ts';
import { planCapacity, type CapacityFacts } from './capacity.ts';

const runMs = 9.8;
const callMs = (batch: number): number => runMs * batch - 0.3 * (batch - 1);
const cost = (lane: LadderCost['lane'], batch: number): LadderCost => ({
  modelId: 'model',
  input: '416x416',
  lane,
  batch,
  q50Ms: callMs(batch),
  q95Ms: 1.02 * callMs(batch),
  samples: 20,
});
const facts: CapacityFacts = {
  input: '416x416',
  provider: 'cpu',
  cores: 2,
  mode: 'strict',
  archiveFloorShare: 0.05,
  costs: [
    ...[1, 2, 4].map((batch) => cost('live', batch)),
    ...batchLadder.slice(0, 6).map((batch) => cost('archive', batch)),
  ],
  cameras: [],
  endToEnd: null,
  keptShare: null,
  announceMs: 0,
  lateShare: null,
  // Pictures that cost nothing but their runs, as those of the simulation.
  processor: { archive: { coreMsPerSecond: 2_000, pictureMs: 0 }, cameraSecondMs: 0 },
  nightHours: 8,
  tariff: tariffSchema.parse({ perKwh: 0.4, perDeviceHour: 1, watts: 100 }),
};
const camerasOf = (count: number): CapacityFacts['cameras'] =>
  Array.from({ length: count }, (_, index) => ({ name: `camera ${String(index)}`, fps: 5, sloMs: 200 }));

/** The real scheduler in simulated time beside a job that never runs dry. */
function shift(count: number, mode: SchedulingMode, seed: number): { archivePerSecond: number; p95Ms: number } {
  const shape = workShape('model', { width: 416, height: 416 }, { score: 0.4, iou: 0.5, classes: null });
  const endMonoMs = 20_000;
  const random = seededRandom(seed);
  const bell = (): number => (random() + random() + random() + random() - 2) * Math.sqrt(3);
  const cameras = Array.from({ length: count }, (_, index): SimulatedCamera => {
    const captures = [];
    for (let dueMs = random() * 200; dueMs < endMonoMs; dueMs += 200) {
      const capturedMonoMs = Math.max(0, dueMs + 5 * bell());
      captures.push({ capturedMonoMs, readyMonoMs: capturedMonoMs });
    }
    return { source: `camera ${String(index)}`, sloMs: 200, weight: 'normal', shape, openMonoMs: 0, captures };
  });
  const log: SimulationLog = simulate({
    endMonoMs,
    settings: { mode },
    warmed: { live: [1, 2, 4], archive: [1, 2, 4, 8, 16, 32] },
    durationMs: (_lane, size, run) => callMs(size) * (run === 0 ? 1 : 1 + 0.05 * (random() - 0.5)),
    cameras,
    jobs: [{ jobId: 'night', batch: 'auto', openMonoMs: 0, frames: 1e6, decodeMs: 0.5, shapes: [shape] }],
  });
  const archived = log.runs.reduce((sum, { lane, tickets }) => sum + (lane === 'archive' ? tickets.length : 0), 0);
  const latencies = log.runs
    .filter(({ lane }) => lane === 'live')
    .flatMap(({ tickets, endedMonoMs }) => tickets.map(({ capturedMonoMs }) => endedMonoMs - capturedMonoMs))
    .sort((a, b) => a - b);
  return {
    archivePerSecond: (archived * 1000) / endMonoMs,
    p95Ms: latencies[Math.ceil(0.95 * latencies.length) - 1] ?? 0,
  };
}

describe('against the real scheduler in simulated time', () => {
  test.each([
    [0, 'strict'],
    [2, 'strict'],
    [6, 'strict'],
    [10, 'strict'],
    [14, 'strict'],
    [6, 'balanced'],
    [10, 'balanced'],
    [14, 'balanced'],
    [6, 'throughput'],
  ] as const)('%i cameras, %s: archive and live p95 within 15 %', (count, mode) => {
    const planned = planCapacity({ ...facts, mode, cameras: camerasOf(count) });
    const shifts = [1, 2, 3, 4].map((seed) => shift(count, mode, seed));
    const mean = (of: (one: (typeof shifts)[number]) => number): number =>
      shifts.reduce((sum, one) => sum + of(one), 0) / shifts.length;
    expect(Math.abs(planned.archivePerSecond / mean((one) => one.archivePerSecond) - 1)).toBeLessThan(0.15);
    if (count === 0) expect(planned.predictedLiveP95Ms).toBeNull();
    else expect(Math.abs((planned.predictedLiveP95Ms ?? 0) / mean((one) => one.p95Ms) - 1)).toBeLessThan(0.15);
  });
});

test('with no camera on, the archive makes what was measured end to end, and decoding stretches everything', () => {
  const alone = planCapacity(facts);
  const decoded = planCapacity({ ...facts, endToEnd: { imagesPerSecond: 80, measuredAtMs: 1 } });
  expect(decoded.archivePerSecond).toBe(80);
  expect(decoded.archivePerHour).toBe(288_000);
  expect(decoded.archiveTonight).toBe(8 * 288_000);
  const stretch = alone.archivePerSecond / 80;
  const beside = (endToEnd: CapacityFacts['endToEnd']): number =>
    planCapacity({ ...facts, cameras: camerasOf(6), endToEnd }).liveLoad;
  expect(beside(decoded.endToEnd) / beside(null)).toBeCloseTo(stretch, 1);
  // An end-to-end pace above the runs alone was measured at another time: runs do not become shorter by it.
  expect(beside({ imagesPerSecond: 1_000, measuredAtMs: 1 })).toBe(beside(null));
});

test('what was measured beside cameras replaces what the mode is known to keep', () => {
  const planned = planCapacity({ ...facts, cameras: camerasOf(6), keptShare: 0.5 });
  expect(planned.archivePerSecond).toBeCloseTo((0.5 * (1 - planned.liveLoad) * 1000) / runMs, 6);
});

test('cameras that ask for more than there is leave the floor, and their p95 has no number', () => {
  const planned = planCapacity({ ...facts, cameras: camerasOf(25) });
  expect(planned.liveLoad).toBeGreaterThan(1);
  expect(planned.archivePerSecond).toBeCloseTo((0.05 * 1000) / runMs, 6);
  expect(planned).toMatchObject({ predictedLiveP95Ms: null, moreCameras: 0 });
});

test('further cameras fit up to the floor of the archive, or until the promise breaks', () => {
  const fit = planCapacity({ ...facts, archiveFloorShare: 0.3 }).moreCameras;
  expect(planCapacity({ ...facts, archiveFloorShare: 0.3, cameras: camerasOf(fit) }).liveLoad).toBeLessThan(0.7);
  expect(planCapacity({ ...facts, archiveFloorShare: 0.3, cameras: camerasOf(fit + 1) }).liveLoad).toBeGreaterThan(0.7);
  const tight = camerasOf(2).map((camera) => ({ ...camera, sloMs: 26 }));
  const { moreCameras } = planCapacity({ ...facts, cameras: tight });
  const [last] = tight;
  if (last === undefined) throw new Error('no camera');
  const p95 = (more: number): number =>
    planCapacity({ ...facts, cameras: [...tight, ...Array.from({ length: more }, () => last)] }).predictedLiveP95Ms ??
    0;
  expect(moreCameras).toBeGreaterThan(0);
  expect(p95(moreCameras)).toBeLessThanOrEqual(26);
  expect(p95(moreCameras + 1)).toBeGreaterThan(26);
});

test('each batch has its pace, its price, and the p95 it would cause beside cameras', () => {
  const { batches, cost } = planCapacity({ ...facts, cameras: camerasOf(2) });
  const one = batches[0];
  expect(one).toMatchObject({ batch: 1, runMs });
  expect(one?.deviceHoursPer1000).toBeCloseTo(runMs / 3_600, 9);
  expect(one?.costPer1000).toBeCloseTo((runMs / 3_600) * 1.04, 9);
  const rising = batches.map(({ liveP95Ms }) => liveP95Ms ?? 0);
  expect(rising).toEqual([...rising].sort((a, b) => a - b));
  expect(cost).toEqual({ currency: 'EUR', watts: 100, wattsEstimated: false });
  const guessed = planCapacity({ ...facts, tariff: { ...facts.tariff, watts: null } });
  expect(guessed.cost.wattsEstimated).toBe(true);
  expect(guessed.reasoning.join(' ')).toContain('estimated');
});

test('a size that seemed shorter than a smaller one is not believed', () => {
  const costs = [cost('archive', 1), { ...cost('archive', 2), q50Ms: 5, q95Ms: 6 }];
  const { batches } = planCapacity({ ...facts, costs });
  expect(batches.slice(0, 2).map((batch) => batch.runMs)).toEqual([runMs, runMs]);
  // Nor does the line through both promise everything for nothing.
  expect(Math.max(...batches.map(({ imagesPerSecond }) => imagesPerSecond))).toBeLessThan(4_000 / runMs);
});

test('nothing measured: it says so instead of guessing', () => {
  expect(planCapacity({ ...facts, costs: [] })).toMatchObject({ measured: false, archivePerSecond: 0, batches: [] });
});
