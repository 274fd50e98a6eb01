import { describe, expect, test } from 'vitest';
import { simulate, type SimulationLog } from '../testing/simulated-slot.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import { warmedUp } from './cost-model.ts';
import { decide } from './decide.ts';
import {
  admitArchive,
  apply,
  createScheduler,
  finished,
  jobGone,
  jobOpened,
  wantedArchiveWindow,
  type Scheduler,
} from './scheduler.ts';
import { workShape } from './work-shape.ts';

const post = { score: 0.4, iou: 0.5, classes: null };
const small = workShape('model', { width: 320, height: 320 }, post);
const wide = workShape('model', { width: 640, height: 640 }, post);

function warmScheduler(): Scheduler {
  const scheduler = createScheduler(0);
  for (const batch of [1, 2, 4, 8]) {
    warmedUp(scheduler.costs, { modelId: 'model', input: '320x320', lane: 'archive', batch }, [5 * batch]);
    warmedUp(scheduler.costs, { modelId: 'model', input: '640x640', lane: 'archive', batch }, [20 * batch]);
  }
  return scheduler;
}

const ticketOf = (frameId: number, source: string, capturedMonoMs: number): Ticket => ({
  frameId,
  lane: 'archive',
  source,
  frame: frameId,
  timeMs: 0,
  capturedMonoMs,
  capturedAtMs: 0,
  sourceWidth: 1,
  sourceHeight: 1,
  motion: null,
});

/** Keeps `waiting` frames of every job in the lane and runs `runs` chunks; answers the slot time of each job. */
function share(jobs: readonly { jobId: string; weight: number; wide?: boolean; fromRun?: number }[], runs: number) {
  const scheduler = warmScheduler();
  const usedMs = new Map(jobs.map(({ jobId }) => [jobId, 0]));
  const order: string[] = [];
  let [frameId, now] = [1, 0];
  for (let run = 0; run < runs; run += 1) {
    for (const { jobId, weight, wide: isWide, fromRun = 0 } of jobs) {
      if (run < fromRun) continue;
      if (!scheduler.archive.byId.has(jobId)) jobOpened(scheduler, { jobId, name: jobId, batch: 4, weight });
      const job = scheduler.archive.byId.get(jobId);
      while ((job?.waiting ?? 0) < 8) {
        admitArchive(scheduler, jobId, ticketOf(frameId++, jobId, now), { shape: isWide === true ? wide : small }, now);
      }
    }
    const batch = apply(scheduler, decide(scheduler, now), now);
    if (batch === null) throw new Error('a chunk is ready');
    now += batch.predictedMs;
    finished(scheduler, batch.batchId, batch.predictedMs, now);
    const jobId = batch.jobId ?? '';
    order.push(jobId);
    usedMs.set(jobId, (usedMs.get(jobId) ?? 0) + batch.predictedMs);
  }
  return { usedMs, order };
}

describe('jobs beside each other', () => {
  test('share the time of the archive by weight', () => {
    const { usedMs } = share(
      [
        { jobId: 'one', weight: 1 },
        { jobId: 'three', weight: 3 },
        { jobId: 'ten', weight: 10 },
      ],
      1_400,
    );
    const total = [...usedMs.values()].reduce((sum, ms) => sum + ms);
    expect((usedMs.get('one') ?? 0) / total).toBeCloseTo(1 / 14, 2);
    expect((usedMs.get('three') ?? 0) / total).toBeCloseTo(3 / 14, 2);
    expect((usedMs.get('ten') ?? 0) / total).toBeCloseTo(10 / 14, 2);
  });

  test('wide frames do not cheat: time counts, not chunks', () => {
    const { usedMs, order } = share(
      [
        { jobId: 'wide', weight: 1, wide: true },
        { jobId: 'small', weight: 1 },
      ],
      1_000,
    );
    expect((usedMs.get('wide') ?? 0) / (usedMs.get('small') ?? 1)).toBeCloseTo(1, 1);
    expect(order.filter((jobId) => jobId === 'small').length).toBeCloseTo(800, -1);
  });

  test('a job that comes late owes nothing and is owed nothing', () => {
    const { order } = share(
      [
        { jobId: 'early', weight: 1 },
        { jobId: 'late', weight: 1, fromRun: 500 },
      ],
      520,
    );
    expect(order.slice(500).filter((jobId) => jobId === 'late').length).toBe(10);
  });
});

test('a cancelled job is out of the lane within the chunk that runs', () => {
  const scheduler = warmScheduler();
  for (const jobId of ['gone', 'stays']) jobOpened(scheduler, { jobId, name: jobId, batch: 'auto' });
  for (let frame = 0; frame < 16; frame += 1) {
    admitArchive(scheduler, 'gone', ticketOf(frame, 'gone', 0), { shape: small }, 0);
    admitArchive(scheduler, 'stays', ticketOf(100 + frame, 'stays', 0), { shape: small }, 0);
  }
  const running = apply(scheduler, decide(scheduler, 0), 0);
  expect(running?.jobId).toBe('gone');
  const given = jobGone(scheduler, 'gone', 1);
  expect(given.length + (running?.tickets.length ?? 0)).toBe(16);
  finished(scheduler, running?.batchId ?? -1, 40, 40);
  for (let now = 40; scheduler.archive.waiting > 0; now += 40) {
    const next = apply(scheduler, decide(scheduler, now), now);
    expect(next?.jobId).toBe('stays');
    finished(scheduler, next?.batchId ?? -1, 40, now + 40);
  }
});

test('a job of ten million pictures costs the lane its window: frames are let in against what was run', () => {
  const scheduler = warmScheduler();
  const frames = 10_000_000;
  jobOpened(scheduler, { jobId: 'night', name: 'night', batch: 'auto' });
  let [next, done, now, most, kept] = [0, 0, 0, 0, 0];
  const checked = 60_000;
  // Its first and its last pictures: what lies between is a number in the job's cursor, nothing in the lane.
  for (const until of [checked, frames]) {
    if (until === frames) next = done = frames - checked;
    while (done < until) {
      const window = wantedArchiveWindow(scheduler);
      for (; next < until && next - done < window; next += 1) {
        admitArchive(scheduler, 'night', ticketOf(next, 'night', now), { shape: small }, now);
      }
      const batch = apply(scheduler, decide(scheduler, now), now);
      now += 40;
      if (batch === null) continue;
      finished(scheduler, batch.batchId, 40, now);
      done += batch.tickets.length;
      most = Math.max(most, scheduler.archive.waiting);
      for (const job of scheduler.archive.jobs) {
        for (const group of job.groups.values()) kept = Math.max(kept, group.frames.length);
      }
    }
  }
  expect(done).toBe(frames);
  expect(most).toBeLessThanOrEqual(16);
  // Taken frames are let go of in blocks.
  expect(kept).toBeLessThanOrEqual(256 + 16);
});

test('with no floor, the archive comes back after a slow spell where cameras leave it room', () => {
  let nowMonoMs = 0;
  const log: SimulationLog = simulate({
    endMonoMs: 60_000,
    settings: { archiveFloorShare: 0 },
    warmed: { live: [1], archive: [1, 2, 4] },
    // From 10 to 20 s everything takes 40 times as long.
    durationMs: (_lane, batch) => (nowMonoMs > 10_000 && nowMonoMs < 20_000 ? 400 : 10) * batch,
    beforeDecision: (_scheduler, now) => (nowMonoMs = now),
    cameras: [
      {
        source: 'Gate',
        sloMs: 200,
        weight: 'normal',
        shape: small,
        openMonoMs: 0,
        captures: Array.from({ length: 295 }, (_, frame) => ({
          capturedMonoMs: 200 * frame,
          readyMonoMs: 200 * frame + 3,
        })),
      },
    ],
    jobs: [{ jobId: 'night', batch: 'auto', openMonoMs: 0, frames: 1e6, decodeMs: 1, shapes: [small] }],
  });
  const chunks = (fromMs: number, toMs: number): number =>
    log.runs.filter((run) => run.lane === 'archive' && run.startedMonoMs >= fromMs && run.startedMonoMs < toMs).length;
  expect(chunks(1_000, 10_000)).toBeGreaterThan(700);
  expect(chunks(40_000, 49_000)).toBeGreaterThan(0.95 * chunks(1_000, 10_000));
  // Nothing was run for the archive in spite of a promise while the spell lasted.
  expect(chunks(12_000, 20_000)).toBeLessThanOrEqual(2);
});
