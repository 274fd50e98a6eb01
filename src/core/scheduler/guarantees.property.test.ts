import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../testing/seeded-random.ts';
import { simulate, type SimulatedCamera, type SimulationLog, type SimulatedRun } from '../testing/simulated-slot.ts';
import { fairWeights } from './live-lane.ts';
import { workShape } from './work-shape.ts';

/**
 * What the scheduler promises of one slot, on any shift: A is the longest archive chunk that ran, L the longest live run,
 * phi the archive's floor. Runs are noisy, some stall, and the warm-up may have told half of what they take.
 */
const shape = workShape('model', { width: 320, height: 320 }, { score: 0.4, iou: 0.5, classes: null });
const endMonoMs = 4_000;

const given = fc.record({
  seed: fc.integer(),
  cameras: fc.array(
    fc.record({
      periodMs: fc.integer({ min: 20, max: 400 }),
      jitterMs: fc.integer({ min: 0, max: 20 }),
      sloMs: fc.integer({ min: 60, max: 400 }),
      weight: fc.constantFrom('critical' as const, 'normal' as const, 'low' as const),
    }),
    { minLength: 1, maxLength: 8 },
  ),
  runMs: fc.constantFrom(2, 6, 10),
  noise: fc.constantFrom<number>(0, 0.1, 0.5),
  /** Every so many runs one stalls for ten times its time; 0: none. */
  stallEvery: fc.constantFrom<number>(0, 40),
  /** What runs take / what the warm-up said. */
  lie: fc.constantFrom<number>(1, 2),
  floor: fc.constantFrom<number>(0, 0.05, 0.2),
});
type Given = typeof given extends fc.Arbitrary<infer T> ? T : never;

function shiftOf({ seed, cameras, runMs, noise, stallEvery, lie, floor }: Given): SimulationLog {
  const random = seededRandom(seed);
  return simulate({
    endMonoMs,
    settings: { archiveFloorShare: floor },
    warmed: { live: [1], archive: [1, 2, 4] },
    durationMs(_lane, batch, run) {
      if (run === 0) return (runMs * batch) / lie;
      const stall = stallEvery > 0 && run % stallEvery === 0 ? 10 : 1;
      return runMs * batch * (1 + noise * seededRandom(seed + run)()) * stall;
    },
    cameras: cameras.map(({ periodMs, jitterMs, sloMs, weight }, index): SimulatedCamera => {
      const captures = [];
      const phaseMs = periodMs * random();
      for (let dueMs = phaseMs; dueMs < endMonoMs - 500; dueMs += periodMs) {
        const capturedMonoMs = dueMs + Math.min(jitterMs, periodMs / 3) * random();
        captures.push({ capturedMonoMs, readyMonoMs: capturedMonoMs + 3 });
      }
      return { source: `camera ${index}`, sloMs, weight, shape, openMonoMs: 0, captures };
    }),
    jobs: [{ jobId: 'night', batch: 'auto', openMonoMs: 0, frames: 1e5, decodeMs: 0.2, shapes: [shape] }],
  });
}

/** Few in `npm test`; at night as many as are asked for. */
const runs = (few: number): fc.Parameters<unknown> => ({ numRuns: fc.readConfigureGlobal().numRuns ?? few });

const tookMs = ({ startedMonoMs, endedMonoMs }: SimulatedRun): number => endedMonoMs - startedMonoMs;
const ofLane = (log: SimulationLog, lane: 'live' | 'archive'): SimulatedRun[] =>
  log.runs.filter((run) => run.lane === lane);

describe('on any shift', () => {
  test('P1 blocking: a frame that nothing live is ahead of starts within one archive chunk and what the floor is owed', () => {
    fc.assert(
      fc.property(given, (one) => {
        const log = shiftOf(one);
        const live = ofLane(log, 'live');
        const archive = ofLane(log, 'archive');
        const started = new Map(live.flatMap((run) => run.tickets.map(({ frameId }) => [frameId, run.startedMonoMs])));
        for (const { ticket, readyMonoMs } of log.admitted) {
          const startMonoMs = started.get(ticket.frameId);
          if (startMonoMs === undefined) continue;
          if (live.some((run) => run.endedMonoMs > readyMonoMs && run.startedMonoMs < startMonoMs)) continue;
          const between = archive.filter((run) => run.endedMonoMs > readyMonoMs && run.startedMonoMs < startMonoMs);
          const begun = between.filter(({ startedMonoMs }) => startedMonoMs >= readyMonoMs);
          expect(between.length - begun.length).toBeLessThanOrEqual(1);
          for (const { decision } of begun) expect(decision.reason.is).toMatch(/^archive-(floor|shed)$/);
          const busyMs = between.reduce(
            (sum, run) => sum + run.endedMonoMs - Math.max(readyMonoMs, run.startedMonoMs),
            0,
          );
          expect(startMonoMs - readyMonoMs).toBeLessThanOrEqual(busyMs + 1e-6);
        }
      }),
      runs(12),
    );
  });

  test('P2 feasibility: where the sum of C / min(SLO, T), and A / the smallest SLO, is at most 1, no promise is broken', () => {
    fc.assert(
      fc.property(given, (one) => {
        const honest = { ...one, noise: 0, stallEvery: 0, lie: 1, floor: 0 };
        const density = honest.cameras.reduce((sum, { sloMs, periodMs, jitterMs }) => {
          const closestMs = periodMs - Math.min(jitterMs, periodMs / 3);
          return sum + honest.runMs / Math.min(sloMs - 3, closestMs);
        }, 0);
        const smallest = Math.min(...honest.cameras.map(({ sloMs }) => sloMs)) - 3;
        const log = shiftOf(honest);
        const longestMs = Math.max(0, ...ofLane(log, 'archive').map(tookMs));
        fc.pre(density + longestMs / smallest <= 1);
        expect(log.drops).toEqual([]);
        for (const run of ofLane(log, 'live')) {
          for (const { source, capturedMonoMs } of run.tickets) {
            const sloMs = honest.cameras[Number(source.split(' ')[1])]?.sloMs ?? 0;
            expect(run.endedMonoMs - capturedMonoMs).toBeLessThanOrEqual(sloMs + 1e-6);
          }
        }
      }),
      runs(20),
    );
  });

  test('P3 misses: on a device with room, a stall costs frames of its own time and soon after, no others', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 100, max: 800 }), (seed, stallMs) => {
        let nowMonoMs = 0;
        const random = seededRandom(seed);
        const cameras = Array.from({ length: 5 }, (_, index): SimulatedCamera => {
          const phaseMs = 200 * random();
          const captures = Array.from({ length: 45 }, (__, frame) => ({
            capturedMonoMs: phaseMs + 200 * frame,
            readyMonoMs: phaseMs + 200 * frame + 3,
          }));
          return { source: `camera ${index}`, sloMs: 200, weight: 'normal', shape, openMonoMs: 0, captures };
        });
        let stalled = false;
        const log = simulate({
          endMonoMs: 10_000,
          warmed: { live: [1], archive: [1, 2] },
          durationMs(_lane, batch, run) {
            if (run === 0 || stalled || nowMonoMs < 4_000) return 8 * batch;
            stalled = true;
            return stallMs;
          },
          beforeDecision: (_scheduler, now) => (nowMonoMs = now),
          cameras,
          jobs: [{ jobId: 'night', batch: 'auto', openMonoMs: 0, frames: 1e5, decodeMs: 0.2, shapes: [shape] }],
        });
        const late = ofLane(log, 'live').flatMap(({ tickets, endedMonoMs }) =>
          tickets.filter(({ capturedMonoMs }) => endedMonoMs - capturedMonoMs > 200),
        );
        const missed = [...log.drops.map(({ ticket }) => ticket), ...late];
        for (const { capturedMonoMs } of missed) {
          expect(capturedMonoMs).toBeGreaterThan(4_000 - 250);
          expect(capturedMonoMs).toBeLessThan(4_000 + stallMs + 1_200);
        }
      }),
      runs(15),
    );
  });

  test('P4 archive: its share is the floor at least where cameras would take everything, and what they leave elsewhere', () => {
    fc.assert(
      fc.property(given, fc.constantFrom(0.05, 0.1, 0.3), (one, floor) => {
        const cameras = one.cameras.map((camera) => ({ ...camera, weight: 'normal' as const }));
        const log = shiftOf({ ...one, cameras, floor, lie: 1, stallEvery: 0 });
        const archive = ofLane(log, 'archive');
        const fromMs = 500; // credit is earned first
        const busyMs = archive.reduce(
          (sum, run) => sum + Math.max(0, run.endedMonoMs - Math.max(fromMs, run.startedMonoMs)),
          0,
        );
        const chunkMs = Math.max(...archive.map(tookMs));
        expect(busyMs).toBeGreaterThanOrEqual(0.85 * floor * (endMonoMs - fromMs) - 2 * chunkMs);
      }),
      runs(15),
    );
  });

  test('P5 no camera starves: its turn comes after as many runs of the others as their weights are above its own', () => {
    fc.assert(
      fc.property(given, (one) => {
        const log = shiftOf({ ...one, stallEvery: 0, lie: 1 });
        const weightOf = (weight: 'critical' | 'normal' | 'low'): number =>
          fairWeights[{ critical: 0, normal: 1, low: 2 }[weight]] as number;
        one.cameras.forEach(({ weight }, index) => {
          const runsAhead = one.cameras.reduce(
            (sum, other) => sum + Math.max(1, weightOf(other.weight) / weightOf(weight)),
            0,
          );
          // Runs are noisy, the floor has its share, and overload has to be noticed first.
          const longestMs = 2_500 + (runsAhead * one.runMs * 1.5) / (1 - one.floor);
          const ends = ofLane(log, 'live')
            .filter(({ tickets }) => tickets.some(({ source }) => source === `camera ${index}`))
            .map(({ endedMonoMs }) => endedMonoMs);
          const times = [0, ...ends, endMonoMs - 500];
          for (let at = 1; at < times.length; at += 1) {
            expect((times[at] as number) - (times[at - 1] as number)).toBeLessThan(longestMs);
          }
        });
      }),
      runs(15),
    );
  });

  test('P6 bounds: what waits is bounded by the cameras and two chunks, and nothing is decided over and over', () => {
    fc.assert(
      fc.property(given, (one) => {
        const log = shiftOf(one);
        const { live, archive } = log.scheduler;
        expect(log.mostWaitingOfOneCamera).toBeLessThanOrEqual(2);
        expect(live.heads.size).toBeLessThanOrEqual(one.cameras.length);
        expect(live.expected.size).toBeLessThanOrEqual(one.cameras.length);
        expect(archive.waiting).toBeLessThanOrEqual(8);
        // A late frame is looked for once a millisecond; the archive's decoding is heard of frame by frame.
        const archiveFrames = ofLane(log, 'archive').reduce((sum, { tickets }) => sum + tickets.length, 0);
        expect(log.decisions).toBeLessThanOrEqual(
          2 * (log.admitted.length + log.runs.length + archiveFrames) + endMonoMs,
        );
      }),
      runs(15),
    );
  });
});
