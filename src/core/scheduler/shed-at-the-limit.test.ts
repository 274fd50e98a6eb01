import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jitteryShift, missedShare } from '../testing/jittery-cameras.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { simulate, type SimulatedCamera, type SimulationLog } from '../testing/simulated-slot.ts';
import { sixShape } from '../testing/six-cameras.ts';
import { drainShed } from './scheduler.ts';

/** The archive's guaranteed share beside cameras. */
const floor = 0.05;

/** One run in so many takes ten times as long, so that the runs ask for a little more than the cameras do. */
const stallEvery = 200;
const withStalls = 1 + 9 / stallEvery;

/** Eight cameras of equal weight at 5 fps, beside a job that never runs dry. */
const eightAt = (demand: number): SimulationLog =>
  jitteryShift(
    { cameras: 8, load: demand, frameMs: 25 * demand, jitter: 0.02, endMonoMs: 30_000, seed: 2 },
    true,
    stallEvery,
  );

/** Frames that were left out on purpose count as missed, like late ones. */
describe('eight cameras at the limit of a device that stalls now and then', () => {
  test.each([
    [0.94, 0.06],
    [0.96, 0.09],
  ])('demand %f: nobody is halved for lateness that costs less, %f is missed at most', (demand, most) => {
    expect(missedShare(eightAt(demand))).toBeLessThan(most);
  });

  test.each([1.1, 1.3])('demand %f: hardly more is missed than there is no time for', (demand) => {
    const lacking = 1 - (1 - floor) / (demand * withStalls);
    expect(missedShare(eightAt(demand))).toBeLessThan(lacking + 0.04);
  });

  test('cameras that were halved in a slow spell have their rate back when it is over', () => {
    const endMonoMs = 36_000;
    const spell = { fromMs: 8_000, toMs: 13_000 };
    const random = seededRandom(5);
    let nowMonoMs = 0;
    const log = simulate({
      endMonoMs,
      warmed: { live: [1], archive: [1] },
      durationMs: (_lane, size) =>
        23 * size * (nowMonoMs > spell.fromMs && nowMonoMs < spell.toMs ? 1.4 : 1) * (1 + 0.05 * (random() - 0.5)),
      beforeDecision: (_scheduler, now) => (nowMonoMs = now),
      cameras: Array.from({ length: 8 }, (_, index): SimulatedCamera => {
        const captures = Array.from({ length: 175 }, (__, frame) => {
          const capturedMonoMs = 25 * index + 200 * frame;
          return { capturedMonoMs, readyMonoMs: capturedMonoMs + 3 };
        });
        return { source: `${index}`, sloMs: 200, weight: 'normal', shape: sixShape, openMonoMs: 0, captures };
      }),
      jobs: [{ jobId: 'night', batch: 'auto', openMonoMs: 0, frames: 1e6, decodeMs: 0.5, shapes: [sixShape] }],
    });
    const facts = drainShed(log.scheduler).filter(({ step, frames }) => step === 'rate-halved' && frames === 0);
    expect(facts.length).toBeGreaterThan(1);
    expect(log.scheduler.shedding.halved).toEqual([]);
    const leftOut = log.drops.filter(({ reason, atMonoMs }) => reason === 'shed-rate' && atMonoMs > 28_000);
    expect(leftOut).toEqual([]);
  });
});

test('no camera is halved while a lighter one has its full rate', () => {
  const endMonoMs = 4_000;
  const given = fc.record({
    seed: fc.integer(),
    runMs: fc.integer({ min: 20, max: 40 }),
    cameras: fc.array(
      fc.record({
        weight: fc.constantFrom('critical' as const, 'normal' as const, 'low' as const),
        fps: fc.integer({ min: 8, max: 24 }),
      }),
      { minLength: 2, maxLength: 6 },
    ),
  });
  let halvedOnce = 0;
  fc.assert(
    fc.property(given, ({ seed, runMs, cameras }) => {
      const random = seededRandom(seed);
      const { scheduler } = simulate({
        endMonoMs,
        warmed: { live: [1], archive: [1] },
        durationMs: (_lane, size) => runMs * size,
        beforeDecision({ live, shedding }) {
          for (const { stream } of shedding.halved) {
            for (const other of live.bySource.values()) if (other.rank > stream.rank) expect(other.isHalved).toBe(true);
          }
        },
        cameras: cameras.map(({ weight, fps }, index): SimulatedCamera => {
          const phaseMs = (1_000 / fps) * random();
          const captures = Array.from({ length: fps * 4 }, (_, frame) => {
            const capturedMonoMs = phaseMs + (1_000 * frame) / fps;
            return { capturedMonoMs, readyMonoMs: capturedMonoMs + 3 };
          });
          return { source: `${index}`, sloMs: 200, weight, shape: sixShape, openMonoMs: 0, captures };
        }),
        jobs: [{ jobId: 'night', batch: 'auto', openMonoMs: 0, frames: 1e5, decodeMs: 0.5, shapes: [sixShape] }],
      });
      halvedOnce += scheduler.shedding.total['rate-halved'] > 0 ? 1 : 0;
    }),
    { numRuns: fc.readConfigureGlobal().numRuns ?? 8, seed: 11 },
  );
  expect(halvedOnce).toBeGreaterThan(2);
});
