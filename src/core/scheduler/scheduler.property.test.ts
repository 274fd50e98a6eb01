import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchLadder } from '../../shared/domain/lanes.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import {
  simulate,
  type SimulatedCamera,
  type SimulationLog,
  type SimulatedRun,
  type SimulationScript,
} from '../testing/simulated-slot.ts';
import { decide } from './decide.ts';
import { queueTickets } from './ticket-queue.ts';
import { workShape } from './work-shape.ts';

const post = { score: 0.4, iou: 0.5, classes: null };
const small = workShape('small', { width: 320, height: 320 }, post);
const large = workShape('large', { width: 640, height: 640 }, post);
const picky = workShape('small', { width: 320, height: 320 }, { ...post, score: 0.9 });
const shapes = [small, large, picky];

const camera = fc.record({
  sloMs: fc.integer({ min: 15, max: 400 }),
  weight: fc.constantFrom('critical' as const, 'normal' as const, 'low' as const),
  shape: fc.constantFrom(...shapes),
  openMonoMs: fc.integer({ min: 0, max: 500 }),
  closeAfterMs: fc.option(fc.integer({ min: 1, max: 1_500 }), { nil: undefined }),
  periodMs: fc.integer({ min: 5, max: 300 }),
  jitterMs: fc.integer({ min: 0, max: 60 }),
});

const job = fc.record({
  batch: fc.oneof(fc.constant('auto' as const), fc.integer({ min: 1, max: 128 })),
  openMonoMs: fc.integer({ min: 0, max: 1_000 }),
  frames: fc.integer({ min: 1, max: 400 }),
  decodeMs: fc.integer({ min: 0, max: 20 }),
  shapes: fc.subarray(shapes, { minLength: 1 }),
});

/** Any shift of one slot: some cameras, some jobs, a device that is linear as a CPU or launch-bound as a GPU. */
const shift = fc.record({
  seed: fc.integer(),
  mode: fc.constantFrom('strict' as const, 'balanced' as const, 'throughput' as const),
  archiveFloorShare: fc.constantFrom(0, 0.05, 0.3),
  cameras: fc.array(camera, { maxLength: 6 }),
  jobs: fc.array(job, { maxLength: 3 }),
  launchMs: fc.constantFrom(0.2, 8),
  frameMs: fc.constantFrom(0.4, 3, 12),
  noise: fc.constantFrom(0, 0.1, 0.6),
  widerLive: fc.subarray([2, 4, 8]),
  widerArchive: fc.subarray([2, 4, 8, 16, 32, 64, 128]),
});
type Shift = typeof shift extends fc.Arbitrary<infer T> ? T : never;

function scriptOf({ seed, mode, archiveFloorShare, launchMs, frameMs, noise, ...rest }: Shift): SimulationScript {
  const random = seededRandom(seed);
  return {
    endMonoMs: 3_000,
    settings: { mode, archiveFloorShare },
    warmed: { live: [1, ...rest.widerLive], archive: [1, ...rest.widerArchive] },
    durationMs: (_lane, batch, run) => {
      // By the number of the run, not by call: equal scripts must give equal runs.
      const noisy = run === 0 ? 0 : noise * seededRandom(seed + run)();
      return (launchMs + frameMs * batch) * (1 + noisy);
    },
    cameras: rest.cameras.map((one, index) => simulatedCamera(one, `camera ${index}`, random)),
    jobs: rest.jobs.map((one, index) => ({ ...one, jobId: `job ${index}` })),
  };
}

function simulatedCamera(
  { periodMs, jitterMs, closeAfterMs, ...one }: Shift['cameras'][number],
  source: string,
  random: () => number,
): SimulatedCamera {
  const closeMonoMs = closeAfterMs === undefined ? {} : { closeMonoMs: one.openMonoMs + closeAfterMs };
  const capturedAt: number[] = [];
  for (let dueMs = one.openMonoMs; dueMs < 2_900; dueMs += periodMs) capturedAt.push(dueMs + jitterMs * random());
  // One decoder a camera: frames are ready in the order in which they were captured, however long each one took.
  let readyMonoMs = 0;
  const captures = capturedAt
    .sort((a, b) => a - b)
    .map((capturedMonoMs) => {
      readyMonoMs = Math.max(readyMonoMs, capturedMonoMs + 3 * random());
      return { capturedMonoMs, readyMonoMs };
    });
  return { ...one, ...closeMonoMs, source, captures };
}

const liveRuns = (log: SimulationLog): SimulatedRun[] => log.runs.filter(({ lane }) => lane === 'live');
const archiveRuns = (log: SimulationLog): SimulatedRun[] => log.runs.filter(({ lane }) => lane === 'archive');
const idsOf = (tickets: readonly Ticket[]): number[] => tickets.map(({ frameId }) => frameId);

describe('on any shift of one slot', () => {
  test('captured = analysed + dropped with a reason + waiting, every frame exactly once', () => {
    fc.assert(
      fc.property(shift, (given) => {
        const script = scriptOf(given);
        const log = simulate(script);
        const { live, running } = log.scheduler;
        const waiting = [...live.bySource.values()].flatMap((stream) => idsOf(queueTickets(stream.waiting)));
        const inRun = running?.lane === 'live' ? idsOf(running.tickets) : [];
        const ends = [
          ...liveRuns(log).flatMap(({ tickets }) => idsOf(tickets)),
          ...log.drops.map(({ frameId }) => frameId),
          ...waiting,
          ...inRun,
        ];
        expect(ends.sort((a, b) => a - b)).toEqual(idsOf(log.admitted.map(({ ticket }) => ticket)));
        expect(live.waiting).toBe(waiting.length);
        for (const drop of log.drops) {
          expect(['queue-full', 'too-late', 'stopped', 'shed-rate']).toContain(drop.reason);
        }
      }),
    );
  });

  test('archive frames run exactly once and, within what may share a batch, in order', () => {
    fc.assert(
      fc.property(shift, (given) => {
        const script = scriptOf(given);
        const log = simulate(script);
        const seen = new Map<string, number>();
        for (const { jobId, shape, tickets } of archiveRuns(log)) {
          for (const { frame } of tickets) {
            const key = `${jobId ?? ''} ${shape.compatKey}`;
            expect(frame).toBeGreaterThan(seen.get(key) ?? -1);
            seen.set(key, frame);
          }
        }
        for (const { jobId, shapes: jobShapes } of script.jobs) {
          const frames = archiveRuns(log).flatMap((run) => (run.jobId === jobId ? run.tickets : []));
          expect(new Set(idsOf(frames)).size).toBe(frames.length);
          for (const run of archiveRuns(log).filter((one) => one.jobId === jobId)) {
            for (const { frame } of run.tickets) expect(jobShapes[frame % jobShapes.length]).toBe(run.shape);
          }
        }
      }),
    );
  });

  test('never a batch off the ladder, never an unwarmed size, never two kinds of work in one batch', () => {
    fc.assert(
      fc.property(shift, (given) => {
        const script = scriptOf(given);
        const shapeOf = new Map(script.cameras.map(({ source, shape }) => [source, shape.compatKey]));
        for (const { lane, tickets, shape, decision } of simulate(script).runs) {
          expect(batchLadder).toContain(tickets.length);
          expect(script.warmed[lane]).toContain(tickets.length);
          expect(decision.batch).toBe(tickets.length);
          expect(decision.places).toBeGreaterThanOrEqual(decision.batch);
          if (lane === 'live') for (const { source } of tickets) expect(shapeOf.get(source)).toBe(shape.compatKey);
        }
      }),
    );
  });

  test('earliest deadline first, but under overload: no camera waits behind a later deadline than that of its first unserved frame', () => {
    fc.assert(
      fc.property(shift, (given) => {
        const script = scriptOf(given);
        const log = simulate(script);
        const cameras = new Map(script.cameras.map((one) => [one.source, one]));
        const deadline = (ticket: Ticket): number => ticket.capturedMonoMs + (cameras.get(ticket.source)?.sloMs ?? NaN);
        const shed = new Set(log.drops.flatMap(({ reason, frameId }) => (reason === 'shed-rate' ? [frameId] : [])));
        const lastServed = new Map<string, number>();
        for (const { tickets, decision, waitingLive, startedMonoMs, isFair } of liveRuns(log)) {
          const dropped = new Set(decision.drops.map(({ frameId }) => frameId));
          const waiting = new Set(waitingLive.filter((one) => !dropped.has(one.frameId)).map(({ source }) => source));
          const placeOf = (source: string): number => {
            const { openMonoMs } = cameras.get(source) as SimulatedCamera;
            const unserved = log.admitted.filter(
              ({ ticket, admittedMonoMs }) =>
                ticket.source === source &&
                admittedMonoMs >= openMonoMs &&
                admittedMonoMs <= startedMonoMs &&
                !shed.has(ticket.frameId) &&
                ticket.frame > (lastServed.get(source) ?? -1),
            );
            return Math.min(...unserved.map(({ ticket }) => deadline(ticket)));
          };
          const first = tickets[0] as Ticket;
          if (!isFair) expect(placeOf(first.source)).toBe(Math.min(...[...waiting].map(placeOf)));
          for (const { source, frame } of tickets) lastServed.set(source, frame);
        }
      }),
    );
  });

  test('at most two frames of a camera wait, and the oldest gives way', () => {
    fc.assert(
      fc.property(shift, (given) => {
        const script = scriptOf(given);
        const log = simulate(script);
        expect(log.mostWaitingOfOneCamera).toBeLessThanOrEqual(2);
        for (const drop of log.drops.filter(({ reason }) => reason === 'queue-full')) {
          const newer = log.admitted.filter(
            ({ ticket, admittedMonoMs }) =>
              ticket.source === drop.source && ticket.frame > drop.ticket.frame && admittedMonoMs <= drop.atMonoMs,
          );
          expect(newer.length).toBeGreaterThanOrEqual(2);
        }
      }),
    );
  });

  test('a live frame waits for at most one archive chunk; more only when the floor is owed them', () => {
    fc.assert(
      fc.property(shift, (given) => {
        const script = scriptOf(given);
        const log = simulate(script);
        const floorShare = script.settings?.archiveFloorShare ?? 0;
        const started = new Map(
          log.runs.flatMap(({ tickets, startedMonoMs }) => tickets.map(({ frameId }) => [frameId, startedMonoMs])),
        );
        for (const { ticket, readyMonoMs } of log.admitted) {
          const startMonoMs = started.get(ticket.frameId);
          if (startMonoMs === undefined) continue;
          const overtook = archiveRuns(log).filter(
            (run) => run.startedMonoMs >= readyMonoMs && run.startedMonoMs < startMonoMs,
          );
          // Saved credit is at most four chunks; after that one for every chunk / share.
          const shortest = Math.min(...overtook.map((run) => run.predictedMs));
          const owed = floorShare === 0 ? 0 : 5 + (floorShare * (startMonoMs - readyMonoMs)) / shortest;
          expect(overtook.length).toBeLessThanOrEqual(owed);
          for (const run of overtook) expect(run.decision.reason.is).toMatch(/^archive-(floor|shed)$/);
        }
      }),
    );
  });

  test('while a live frame waits, the slot is never idle but for a batch window', () => {
    fc.assert(
      fc.property(shift, (given) => {
        const script = scriptOf(given);
        const log = simulate(script);
        const started = new Map(
          log.runs.flatMap(({ tickets, startedMonoMs }) => tickets.map(({ frameId }) => [frameId, startedMonoMs])),
        );
        for (const { ticket, readyMonoMs } of log.admitted) {
          const startMonoMs = started.get(ticket.frameId);
          if (startMonoMs === undefined) continue;
          let busyMs = 0;
          for (const run of log.runs) {
            busyMs += Math.max(0, Math.min(run.endedMonoMs, startMonoMs) - Math.max(run.startedMonoMs, readyMonoMs));
          }
          const isLinear = script.durationMs('live', 2, 0) / 2 > 0.9 * script.durationMs('live', 1, 0);
          const windowMs = isLinear && given.noise === 0 ? 0 : 5;
          // On CPU-like devices there is no window at all; else one for each batch ahead of the frame.
          const batchesAhead = liveRuns(log).filter(
            (run) => run.startedMonoMs >= readyMonoMs && run.startedMonoMs <= startMonoMs,
          ).length;
          expect(startMonoMs - readyMonoMs - busyMs).toBeLessThanOrEqual(windowMs * (batchesAhead + 1) + 1e-6);
        }
      }),
    );
  });

  test('a frame is given up as too late only when it is', () => {
    fc.assert(
      fc.property(shift, (given) => {
        const script = scriptOf(given);
        const log = simulate(script);
        const sloOf = new Map(script.cameras.map(({ source, sloMs }) => [source, sloMs]));
        const aloneMs = script.durationMs('live', 1, 0);
        for (const { ticket, atMonoMs } of log.drops.filter(({ reason }) => reason === 'too-late')) {
          const leftMs = ticket.capturedMonoMs + (sloOf.get(ticket.source) ?? NaN) - atMonoMs;
          // Predictions may exceed a quiet run by noise and contention, by no more than three times the noisiest.
          expect(leftMs).toBeLessThan(3 * 1.6 * aloneMs);
        }
      }),
    );
  });

  test('equal scripts give equal shifts', () => {
    fc.assert(
      fc.property(shift, (given) => {
        const script = scriptOf(given);
        const essence = (log: SimulationLog) => ({
          runs: log.runs.map((run) => [run.lane, run.startedMonoMs, run.endedMonoMs, ...idsOf(run.tickets)]),
          drops: log.drops.map(({ frameId, reason, atMonoMs }) => [frameId, reason, atMonoMs]),
        });
        expect(essence(simulate(script))).toEqual(essence(simulate(script)));
      }),
      { numRuns: 30 },
    );
  });

  test('deciding changes nothing', () => {
    const image = (value: unknown): string =>
      JSON.stringify(value, (_, part: unknown) =>
        part instanceof Map ? [...part] : ArrayBuffer.isView(part) ? [...(part as Float64Array)] : part,
      );
    fc.assert(
      fc.property(shift, (given) => {
        const script = scriptOf(given);
        let left = 20;
        simulate({
          ...script,
          beforeDecision(scheduler, nowMonoMs) {
            if (left-- <= 0) return;
            const before = image(scheduler);
            const first = decide(scheduler, nowMonoMs);
            expect(image(scheduler)).toBe(before);
            expect(decide(scheduler, nowMonoMs)).toEqual(first);
          },
        });
      }),
      { numRuns: 10 },
    );
  });
});

describe('cameras that would take everything', () => {
  const flood = (archiveFloorShare: number): SimulationScript => ({
    endMonoMs: 20_000,
    settings: { archiveFloorShare },
    warmed: { live: [1, 2, 4], archive: [1, 2, 4, 8] },
    durationMs: (_lane, batch) => 10 * batch,
    cameras: [0, 1, 2, 3].map((index) => ({
      source: `camera ${index}`,
      sloMs: 200,
      weight: 'normal',
      shape: small,
      openMonoMs: 0,
      captures: Array.from({ length: 800 }, (_, frame) => {
        const capturedMonoMs = 25 * frame + 3 * index;
        return { capturedMonoMs, readyMonoMs: capturedMonoMs + 2 };
      }),
    })),
    jobs: [{ jobId: 'job', batch: 'auto', openMonoMs: 0, frames: 100_000, decodeMs: 1, shapes: [small] }],
  });
  const archiveShare = (log: SimulationLog): number =>
    archiveRuns(log).reduce((sum, run) => sum + run.endedMonoMs - run.startedMonoMs, 0) / 20_000;

  test('leave the archive its floor', () => {
    expect(archiveShare(simulate(flood(0.05)))).toBeGreaterThan(0.045);
    expect(archiveShare(simulate(flood(0.05)))).toBeLessThan(0.06);
    expect(archiveShare(simulate(flood(0.2)))).toBeGreaterThan(0.19);
  });

  test('take it all at a floor of nothing', () => {
    // The first chunk ran before the first frame was there.
    expect(archiveRuns(simulate(flood(0))).length).toBeLessThanOrEqual(1);
  });

  test('all get their turn', () => {
    const runs = liveRuns(simulate(flood(0.05)));
    for (let index = 0; index < 4; index += 1) {
      const own = runs.filter(({ tickets }) => tickets.some(({ source }) => source === `camera ${index}`)).length;
      expect(own / runs.length).toBeGreaterThan(0.2);
    }
  });
});
