import { describe, expect, test } from 'vitest';
import { batchLadder, type LadderCost, type SchedulingMode } from '../../shared/domain/lanes.ts';
import { tariffSchema, type CapacityAnswer } from '../../shared/domain/plan.ts';
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

test('the decoding of cameras counts: what it takes of the processor, no archive picture gets', () => {
  const endToEnd = { imagesPerSecond: 80, measuredAtMs: 1 };
  const archive = { coreMsPerSecond: 2_000, pictureMs: 25 };
  const planned = (cameraSecondMs: number | null, count = 8): CapacityAnswer =>
    planCapacity({
      ...facts,
      endToEnd,
      cameras: camerasOf(count),
      keptShare: 1,
      processor: { archive, cameraSecondMs },
    });
  // Cameras that cost nothing but their frames leave most; 8 that decode 25 frames a second leave little.
  const [light, heavy] = [planned(0), planned(90)];
  expect(heavy.archivePerSecond / light.archivePerSecond).toBeLessThan(0.55);
  // In core-ms a second: 2,000, less 8 x (90 + 5 x 19.6), by 25 a picture; a chunk of one takes a little more.
  expect(Math.abs(heavy.archivePerSecond / ((2_000 - 8 * (90 + 5 * 19.6)) / 25) - 1)).toBeLessThan(0.05);
  expect(heavy.estimated).toEqual([]);
  expect(heavy.liveLoad).toBeCloseTo((8 * (90 + 5 * 19.6)) / 2_000, 3);
  // Not measured: no bold number, and it says how far it may be off.
  const unknown = planned(null);
  expect(unknown.archivePerSecond).toBeLessThan(light.archivePerSecond / 2);
  expect(unknown.estimated.join(' ')).toContain('decoding of the cameras');
});

test('what was never calibrated is told as an estimate, in a wide range', () => {
  const costs = facts.costs.filter(({ lane, batch }) => lane === 'live' && batch === 1);
  const unknown = { archive: null, cameraSecondMs: null };
  const planned = planCapacity({ ...facts, costs, announceMs: null, processor: unknown, cameras: camerasOf(8) });
  expect(planned).toMatchObject({ measured: true, measuredTo: null });
  expect(planned.estimated).toHaveLength(4);
  const { low, high } = planned.archiveRange;
  expect(low).toBeLessThan(planned.archivePerSecond);
  expect(high).toBeGreaterThan(1.5 * planned.archivePerSecond);
  expect(planned.reasoning.join(' ')).toContain('Estimated, not measured');
  expect(planned.predictedLiveP95Ms).toBeGreaterThan(
    planCapacity({ ...facts, cameras: camerasOf(8) }).predictedLiveP95Ms ?? 0,
  );
});

test('a ladder that was measured up to 8 answers for wider batches, and says so', () => {
  const costs = facts.costs.filter(({ lane, batch }) => lane === 'live' || batch <= 8);
  const planned = planCapacity({ ...facts, costs });
  expect(planned.measuredTo).toBe(8);
  expect(planned.batches.filter(({ estimated }) => estimated).map(({ batch }) => batch)).toEqual([16, 32]);
  expect(Math.abs((planned.batches.at(-1)?.runMs ?? 0) / callMs(32) - 1)).toBeLessThan(0.01);
  expect(planned.reasoning.join(' ')).toContain('measured up to 8');
});

test('a card waits for decoding where that is slower, and is not slowed down by it', () => {
  const card = { ...facts, provider: 'cuda', cores: 8, keptShare: 1 };
  const archive = { coreMsPerSecond: 1_000, pictureMs: 20 };
  const endToEnd = { imagesPerSecond: 50, measuredAtMs: 1 };
  const planned = (cameraSecondMs: number): CapacityAnswer =>
    planCapacity({ ...card, endToEnd, cameras: camerasOf(4), processor: { archive, cameraSecondMs } });
  // 8 cores would decode 400 a second, one reader makes 50, and the card has room for all of them.
  expect(planned(100).archivePerSecond).toBeCloseTo(50 * (1 - planned(100).liveLoad), 0);
  // Cameras that take nearly all cores leave what is left of them.
  expect(planned(1_900).archivePerSecond).toBeCloseTo((8_000 - 4 * 1_900) / 20, 0);
});

test('where frames would be late the archive gives way, so its range goes down to its share', () => {
  const late = camerasOf(6).map((camera) => ({ ...camera, sloMs: 15 }));
  const planned = planCapacity({ ...facts, cameras: late, keptShare: 1 });
  const kept = planCapacity({ ...facts, cameras: camerasOf(6), keptShare: 1 });
  expect(planned.archiveRange.low).toBeCloseTo(0.05 * kept.archiveRange.low);
  expect(planned.reasoning.join(' ')).toContain('The promise would be missed');
  expect(kept.reasoning.join(' ')).not.toContain('The promise would be missed');
});

test('what was seen beside cameras corrects the p95', () => {
  const plain = planCapacity({ ...facts, cameras: camerasOf(6) }).predictedLiveP95Ms ?? 0;
  const corrected = planCapacity({ ...facts, cameras: camerasOf(6), lateShare: 1.3 }).predictedLiveP95Ms;
  expect(corrected).toBeCloseTo(1.3 * plain);
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
