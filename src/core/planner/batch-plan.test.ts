import { describe, expect, test } from 'vitest';
import { seededRandom } from '../testing/seeded-random.ts';
import { burstyArrivals, simulateBatchServer, steadyArrivals } from '../testing/simulated-batch-server.ts';
import { planBatch } from './batch-plan.ts';
import { plannedP95 } from './batch-queue.ts';

const question = { singleMs: 20, overheadMs: 5, linearTo: 8, p95Ms: 120, rate: 200 };

describe('20 ms a picture, 5 ms a call, 8 side by side, 120 ms promised, 200/s', () => {
  const answer = planBatch(question);

  test('a batch of 8 at 320/s', () => {
    expect(answer).toMatchObject({
      batch: 8,
      batchLatencyMs: 25,
      imagesPerSecond: 320,
      utilisation: 0.625,
      p95Ms: { steady: 50 },
      queueCap: 24,
      controls: ['bounded queue with shedding', 'scale instances on backlog'],
    });
    expect(answer.p95Ms.bursty).toBeCloseTo(91.67, 1);
  });

  test('4 gives 160/s and is refused, 16 gains nothing', () => {
    const four = answer.considered.find(({ batch }) => batch === 4);
    expect(four).toMatchObject({ imagesPerSecond: 160, taken: false, p95Ms: { steady: null, bursty: null } });
    expect(four?.why).toBe('refused: 160/s do not carry 200/s');
    expect(answer.considered.find(({ batch }) => batch === 16)?.why).toBe('refused: nothing is gained beyond 8');
    expect(answer.reasoning.join(' ')).toContain('A batch of 4 gives 160/s and is refused');
  });

  test('a simulated queue confirms both within 15 %, and that a queue of 24 keeps the promise', () => {
    const [batch, runMs] = [8, 25];
    const steady = simulateBatchServer({ batch, runMs, arrivalsMs: steadyArrivals(200, 50_000) });
    expect(Math.abs(steady.p95Ms / 50 - 1)).toBeLessThan(0.15);
    const arrivalsMs = burstyArrivals(200, 100_000, batch, seededRandom(11));
    const bursty = simulateBatchServer({ batch, runMs, arrivalsMs });
    expect(Math.abs(bursty.p95Ms / (answer.p95Ms.bursty as number) - 1)).toBeLessThan(0.15);
    const bounded = simulateBatchServer({ batch, runMs, arrivalsMs, queueCap: answer.queueCap });
    expect(Math.abs(bounded.p95Ms / (answer.p95Ms.bursty as number) - 1)).toBeLessThan(0.15);
    expect(bounded.longestMs).toBeLessThanOrEqual(120);
    expect(bounded.shedShare).toBeLessThan(0.03);
    const oneMore = simulateBatchServer({ batch, runMs, arrivalsMs, queueCap: answer.queueCap + batch });
    expect(oneMore.longestMs).toBeGreaterThan(120);
  });
});

test.each([1, 2, 4, 8, 16, 32].flatMap((batch) => [0.3, 0.55, 0.8].map((load) => [batch, load] as const)))(
  'batch %i at utilisation %d: the bursty p95 is within 15 % of a simulated queue',
  (batch, utilisation) => {
    const runMs = 40;
    const rate = (utilisation * batch * 1000) / runMs;
    const arrivalsMs = burstyArrivals(rate, 60_000, batch, seededRandom(5));
    const { p95Ms } = simulateBatchServer({ batch, runMs, arrivalsMs });
    expect(Math.abs(p95Ms / (plannedP95(batch, runMs, utilisation).bursty as number) - 1)).toBeLessThan(0.15);
  },
);

test('a smaller batch that carries the rate but breaks the promise in bursts is refused', () => {
  const answer = planBatch({ ...question, rate: 150 });
  expect(answer.batch).toBe(8);
  expect(answer.considered.find(({ batch }) => batch === 4)?.why).toMatch(/p95 425 ms in bursts is over 120 ms/);
});

test('a low rate needs no batch and no second instance', () => {
  const answer = planBatch({ ...question, rate: 10 });
  expect(answer.batch).toBe(1);
  expect(answer.controls).toEqual(['bounded queue with shedding']);
});

test('a promise that only steady arrivals keep: taken, and bursts are said to be shed', () => {
  const answer = planBatch({ ...question, p95Ms: 60 });
  expect(answer).toMatchObject({ batch: 8, queueCap: 8 });
  expect(answer.reasoning.join(' ')).toContain('over the promise: bursts are shed');
});

test('more than any batch carries: none, and what is missing', () => {
  const answer = planBatch({ ...question, rate: 500 });
  expect(answer).toMatchObject({ batch: null, imagesPerSecond: 320, utilisation: 1.5625, queueCap: 0 });
  expect(answer.p95Ms).toEqual({ steady: null, bursty: null });
  expect(answer.reasoning.join(' ')).toContain('Missing: 180/s. 2 such devices carry it');
});

test('a promise shorter than one call: none, and what is missing', () => {
  const answer = planBatch({ ...question, p95Ms: 20 });
  expect(answer.batch).toBeNull();
  expect(answer.reasoning[0]).toContain('shorter than one call of 25 ms');
  const between = planBatch({ ...question, p95Ms: 40 });
  expect(between.batch).toBeNull();
  expect(between.reasoning[1]).toContain('a promise of 50 ms');
});

test('no gain from batches: the largest useful one is 1', () => {
  const answer = planBatch({ ...question, linearTo: 1, rate: 20 });
  expect(answer).toMatchObject({ batch: 1, imagesPerSecond: 40 });
});
