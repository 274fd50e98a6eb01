import { expect, test } from 'vitest';
import { workShape } from '../scheduler/work-shape.ts';
import { burstyArrivals, steadyArrivals } from '../testing/simulated-batch-server.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { simulate, type SimulatedCamera } from '../testing/simulated-slot.ts';
import { planBatch } from './batch-plan.ts';
import { callMs } from './call-curve.ts';

const question = { singleMs: 20, overheadMs: 5, linearTo: 8, p95Ms: 120, rate: 200 };
const sources = 40;

/** The real scheduler on a device of this curve; the pictures come from many sources in turn, as from a picture API. */
function liveP95(arrivalsMs: readonly number[]): { p95Ms: number; answeredShare: number; largest: number } {
  const shape = workShape('model', { width: 416, height: 416 }, { score: 0.4, iou: 0.5, classes: null });
  const cameras = Array.from({ length: sources }, (_, index): SimulatedCamera => {
    const captures = arrivalsMs
      .filter((_arrival, picture) => picture % sources === index)
      .map((atMs) => ({ capturedMonoMs: atMs, readyMonoMs: atMs }));
    return { source: String(index), sloMs: question.p95Ms, weight: 'normal', shape, openMonoMs: 0, captures };
  });
  const { runs } = simulate({
    endMonoMs: (arrivalsMs[arrivalsMs.length - 1] ?? 0) + 1_000,
    warmed: { live: [1, 2, 4, 8], archive: [] },
    durationMs: (_lane, batch) => callMs(question, batch),
    cameras,
    jobs: [],
  });
  const latencies = runs
    .flatMap(({ tickets, endedMonoMs }) => tickets.map(({ capturedMonoMs }) => endedMonoMs - capturedMonoMs))
    .sort((a, b) => a - b);
  return {
    p95Ms: latencies[Math.ceil(0.95 * latencies.length) - 1] ?? 0,
    answeredShare: latencies.length / arrivalsMs.length,
    largest: Math.max(...runs.map(({ tickets }) => tickets.length)),
  };
}

test('the real scheduler: the planned p95 in bursts within 15 %, steady arrivals within the promise', () => {
  const planned = planBatch(question);
  const steady = liveP95(steadyArrivals(question.rate, 8_000));
  const bursty = liveP95(burstyArrivals(question.rate, 12_000, 8, seededRandom(11)));
  // Five pictures come in a call, but the ladder has 4 and 8: now and then one of them waits for a call more.
  expect(steady.p95Ms).toBeLessThanOrEqual((planned.p95Ms.steady as number) + planned.batchLatencyMs);
  expect(steady.p95Ms).toBeGreaterThan(0.85 * (planned.p95Ms.steady as number));
  expect(steady.answeredShare).toBe(1);
  expect(Math.abs(bursty.p95Ms / (planned.p95Ms.bursty as number) - 1)).toBeLessThan(0.15);
  expect(bursty.answeredShare).toBeGreaterThan(0.97);
  expect(bursty.largest).toBe(planned.batch);
});
