import { describe, expect, test } from 'vitest';
import { defaultLaneSettings, type LaneSettings } from '../../shared/domain/lanes.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import { warmedUp } from './cost-model.ts';
import { decide } from './decide.ts';
import { explainDecision, type Decision } from './decision.ts';
import {
  admitArchive,
  admitLive,
  apply,
  archiveWindowSet,
  cameraGone,
  cameraOpened,
  configure,
  createScheduler,
  engineLost,
  finished,
  itemGone,
  jobExpects,
  jobGone,
  jobOpened,
  lanesSnapshot,
  runFailed,
  wantedArchiveWindow,
  type Scheduler,
} from './scheduler.ts';
import { workShape } from './work-shape.ts';

const post = { score: 0.4, iou: 0.5, classes: null };
const shape = workShape('model', { width: 416, height: 416 }, post);
const other = workShape('model', { width: 320, height: 320 }, post);

/** Runs take 10 ms a frame, at every size. */
function warmScheduler(settings: Partial<LaneSettings> = {}, sizes = [1, 2, 4, 8]): Scheduler {
  const scheduler = createScheduler(0, { ...defaultLaneSettings, ...settings });
  for (const input of ['416x416', '320x320']) {
    for (const lane of ['live', 'archive'] as const) {
      for (const batch of sizes) warmedUp(scheduler.costs, { modelId: 'model', input, lane, batch }, [10 * batch]);
    }
  }
  return scheduler;
}

let frameId = 0;
function ticket(source: string, capturedMonoMs: number, lane: 'live' | 'archive' = 'live'): Ticket {
  frameId += 1;
  const size = { sourceWidth: 640, sourceHeight: 480, motion: null };
  return { frameId, lane, source, frame: frameId, timeMs: 0, capturedMonoMs, capturedAtMs: 0, ...size };
}

function openCamera(scheduler: Scheduler, source: string, change: object = {}): void {
  cameraOpened(scheduler, { source, name: source, sloMs: 200, weight: 'normal', shape, ...change });
}

function fillArchive(scheduler: Scheduler, count: number, now = 0, frame = { shape }, jobId = 'night'): Ticket[] {
  if (!scheduler.archive.byId.has(jobId)) jobOpened(scheduler, { jobId, name: jobId, batch: 'auto' });
  return Array.from({ length: count }, (_, index) => {
    const one = ticket(`${jobId}/item ${Math.floor(index / 4)}`, now, 'archive');
    expect(admitArchive(scheduler, jobId, one, frame, now)).toBe(true);
    return one;
  });
}

/** A camera with a steady rhythm of 200 ms whose last frame came at 1,000. */
function steadyCamera(scheduler: Scheduler, source = 'Gate'): void {
  openCamera(scheduler, source);
  for (let capturedMonoMs = 200; capturedMonoMs <= 1_000; capturedMonoMs += 200) {
    admitLive(scheduler, ticket(source, capturedMonoMs), capturedMonoMs);
    const batch = apply(scheduler, decide(scheduler, capturedMonoMs), capturedMonoMs);
    finished(scheduler, batch?.batchId ?? -1, 10, capturedMonoMs + 10);
  }
}

function expectRun(decision: Decision): Decision & { kind: 'run' } {
  if (decision.kind !== 'run') throw new Error(`expected a run: ${JSON.stringify(decision)}`);
  return decision;
}

describe('live', () => {
  test('a frame that was late before anybody here could have it is run; one that is late through waiting is not', () => {
    const scheduler = warmScheduler();
    openCamera(scheduler, 'Slow stream');
    const held: Ticket = { ...ticket('Slow stream', 100), heldMs: 250 };
    admitLive(scheduler, held, 350);
    const decision = expectRun(decide(scheduler, 350));
    expect(decision.tickets).toEqual([held]);
    expect(decision.drops).toEqual([]);
    finished(scheduler, apply(scheduler, decision, 350)?.batchId ?? -1, 10, 360);
    const late = ticket('Slow stream', 400);
    admitLive(scheduler, late, 650);
    expect(decide(scheduler, 650).drops).toMatchObject([{ frameId: late.frameId, reason: 'too-late' }]);
  });

  test('the earliest deadline goes first, of equal ones the heavier camera', () => {
    const scheduler = warmScheduler();
    openCamera(scheduler, 'slow', { sloMs: 500 });
    openCamera(scheduler, 'low', { weight: 'low' });
    openCamera(scheduler, 'critical', { weight: 'critical' });
    for (const source of ['slow', 'low', 'critical']) admitLive(scheduler, ticket(source, 100), 100);
    const order = [100, 110, 120].map((now) => {
      const batch = apply(scheduler, decide(scheduler, now), now);
      finished(scheduler, batch?.batchId ?? -1, 10, now + 10);
      return batch?.tickets[0]?.source;
    });
    expect(order).toEqual(['critical', 'low', 'slow']);
  });

  test('the third waiting frame of a camera pushes the oldest out', () => {
    const scheduler = warmScheduler();
    openCamera(scheduler, 'Gate');
    const [first, second, third] = [ticket('Gate', 10), ticket('Gate', 20), ticket('Gate', 30)];
    expect(admitLive(scheduler, first, 10)).toBeNull();
    expect(admitLive(scheduler, second, 20)).toBeNull();
    expect(admitLive(scheduler, third, 30)).toEqual({ frameId: first.frameId, source: 'Gate', reason: 'queue-full' });
    expect(expectRun(decide(scheduler, 30)).tickets).toEqual([second]);
  });

  test('what cannot be in time any more is given up, and the next one runs', () => {
    const scheduler = warmScheduler();
    openCamera(scheduler, 'Gate');
    const [late, fresh] = [ticket('Gate', 10), ticket('Gate', 150)];
    admitLive(scheduler, late, 150);
    admitLive(scheduler, fresh, 150);
    // 10 ms of run are still possible at 200, not at 201.
    expect(decide(scheduler, 200).drops).toEqual([]);
    const decision = expectRun(decide(scheduler, 201));
    expect(decision.drops).toEqual([{ frameId: late.frameId, source: 'Gate', reason: 'too-late' }]);
    expect(decision.tickets).toEqual([fresh]);
    expect(apply(scheduler, decision, 201)?.tickets).toEqual([fresh]);
    expect(scheduler.records.live.dropped).toBe(1);
  });

  test('where time grows with the batch, frames run one by one', () => {
    const scheduler = warmScheduler();
    for (const source of ['a', 'b', 'c', 'd']) {
      openCamera(scheduler, source);
      admitLive(scheduler, ticket(source, 0), 0);
    }
    expect(expectRun(decide(scheduler, 0)).batch).toBe(1);
  });

  test('where a launch costs more than a frame, waiting frames share a call', () => {
    const scheduler = createScheduler(0);
    for (const batch of [1, 2, 4, 8]) {
      warmedUp(scheduler.costs, { modelId: 'model', input: '416x416', lane: 'live', batch }, [10 + batch]);
    }
    for (const source of ['a', 'b', 'c', 'd', 'e']) {
      openCamera(scheduler, source);
      admitLive(scheduler, ticket(source, 0), 0);
    }
    const decision = expectRun(decide(scheduler, 0));
    expect(decision.tickets.map(({ source }) => source)).toEqual(['a', 'b', 'c', 'd']);
    expect(decision.predictedMs).toBe(14);
  });

  test('there, the slot waits up to 5 ms for a frame that is about to come, and no longer', () => {
    const scheduler = createScheduler(0);
    for (const batch of [1, 2]) {
      warmedUp(scheduler.costs, { modelId: 'model', input: '416x416', lane: 'live', batch }, [10 + batch]);
    }
    steadyCamera(scheduler, 'Gate');
    openCamera(scheduler, 'Yard');
    admitLive(scheduler, ticket('Yard', 1_197), 1_197);
    const decision = decide(scheduler, 1_197);
    expect(decision).toMatchObject({ kind: 'wait', reason: { is: 'live-window', camera: 'Gate' } });
    expect(decision.kind === 'wait' && decision.untilMonoMs).toBeCloseTo(1_200, 3);
    expect(expectRun(decide(scheduler, 1_200.5)).batch).toBe(1);
    admitLive(scheduler, ticket('Gate', 1_200), 1_200);
    expect(expectRun(decide(scheduler, 1_200)).batch).toBe(2);
  });

  test('a frame whose model is not warmed waits for it until its deadline; others pass', () => {
    const scheduler = warmScheduler();
    const cold = workShape('cold', { width: 416, height: 416 }, post);
    openCamera(scheduler, 'Cold', { shape: cold, sloMs: 100 });
    admitLive(scheduler, ticket('Cold', 0), 0);
    expect(decide(scheduler, 50)).toMatchObject({ kind: 'wait', reason: { is: 'not-warmed', modelId: 'cold' } });
    openCamera(scheduler, 'Gate');
    admitLive(scheduler, ticket('Gate', 50), 50);
    expect(expectRun(decide(scheduler, 50)).tickets[0]?.source).toBe('Gate');
    expect(decide(scheduler, 101).drops).toMatchObject([{ source: 'Cold', reason: 'too-late' }]);
  });

  test('a closed camera drops what waits, and its late tickets', () => {
    const scheduler = warmScheduler();
    openCamera(scheduler, 'Gate');
    admitLive(scheduler, ticket('Gate', 0), 0);
    expect(cameraGone(scheduler, 'Gate')).toMatchObject([{ source: 'Gate', reason: 'stopped' }]);
    expect(admitLive(scheduler, ticket('Gate', 5), 5)).toMatchObject({ reason: 'stopped' });
    expect(decide(scheduler, 5)).toMatchObject({ kind: 'idle', reason: { is: 'empty' } });
  });
});

describe('pins', () => {
  test('a window holds a batch open until it is full, over, or the deadline calls', () => {
    const scheduler = warmScheduler({ liveWindowMs: 30, liveBatch: 4 });
    const sources = ['a', 'b', 'c', 'd', 'e'];
    for (const source of sources) openCamera(scheduler, source);
    admitLive(scheduler, ticket('a', 0), 2);
    const held = decide(scheduler, 2);
    expect(held).toMatchObject({ kind: 'wait', untilMonoMs: 32, reason: { waiting: 1, places: 4 } });
    expect(explainDecision(held)).toBe('collecting a live batch of 4 behind a: 1 wait');
    admitLive(scheduler, ticket('b', 10), 10);
    expect(decide(scheduler, 31)).toMatchObject({ kind: 'wait', untilMonoMs: 32 });
    expect(expectRun(decide(scheduler, 32)).tickets.map(({ source }) => source)).toEqual(['a', 'b']);
    for (const source of ['c', 'd', 'e']) admitLive(scheduler, ticket(source, 20), 20);
    expect(expectRun(decide(scheduler, 20)).tickets.map(({ source }) => source)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('the deadline ends the window early, and what was given up is not counted as company', () => {
    const scheduler = warmScheduler({ liveWindowMs: 50 });
    openCamera(scheduler, 'hasty', { sloMs: 60 });
    admitLive(scheduler, ticket('hasty', 0), 0);
    // Four are predicted to take 40 ms of the 60; eight would take more than there is.
    expect(decide(scheduler, 0)).toMatchObject({ kind: 'wait', untilMonoMs: 20, reason: { places: 4 } });
    expect(expectRun(decide(scheduler, 20)).batch).toBe(1);
  });

  test('a pinned size is taken as far as frames are there, also where it does not pay; a window of 0 never waits', () => {
    const scheduler = warmScheduler({ liveBatch: 6 });
    for (const source of ['a', 'b', 'c', 'd', 'e', 'f']) openCamera(scheduler, source);
    admitLive(scheduler, ticket('a', 0), 0);
    expect(expectRun(decide(scheduler, 0)).batch).toBe(1);
    for (const source of ['b', 'c']) admitLive(scheduler, ticket(source, 0), 0);
    expect(expectRun(decide(scheduler, 0)).batch).toBe(2);
    for (const source of ['d', 'e', 'f']) admitLive(scheduler, ticket(source, 0), 0);
    expect(expectRun(decide(scheduler, 0)).batch).toBe(4);
    configure(scheduler, { ...defaultLaneSettings, liveWindowMs: 0 });
    expect(expectRun(decide(scheduler, 0)).batch).toBe(1);
  });

  test('the archive works while a batch collects, but never beyond the window', () => {
    const scheduler = warmScheduler({ liveWindowMs: 30, mode: 'throughput' });
    openCamera(scheduler, 'a');
    fillArchive(scheduler, 8);
    admitLive(scheduler, ticket('a', 0), 0);
    expect(expectRun(decide(scheduler, 0))).toMatchObject({ lane: 'archive', batch: 1 });
    expect(expectRun(decide(scheduler, 15))).toMatchObject({ lane: 'archive', batch: 1 });
    expect(decide(scheduler, 25)).toMatchObject({ kind: 'wait', untilMonoMs: 30 });
  });

  test('a source with a window and a bound of its own collects beside cameras that do not wait', () => {
    const scheduler = warmScheduler();
    openCamera(scheduler, 'api', { sloMs: 300, maxWaiting: 4, window: { windowMs: 25, batch: 4 } });
    openCamera(scheduler, 'Gate', { sloMs: 400, shape: other });
    const pictures = Array.from({ length: 5 }, () => ticket('api', 0));
    const drops = pictures.slice(0, 3).map((one, index) => admitLive(scheduler, one, index));
    expect(drops).toEqual([null, null, null]);
    expect(decide(scheduler, 5)).toMatchObject({
      kind: 'wait',
      reason: { is: 'live-collecting', waiting: 3, places: 4 },
    });
    admitLive(scheduler, ticket('Gate', 5), 5);
    expect(expectRun(decide(scheduler, 5)).tickets[0]?.source).toBe('Gate');
    admitLive(scheduler, pictures[3] as Ticket, 6);
    const full = expectRun(decide(scheduler, 6));
    expect(full.tickets).toEqual(pictures.slice(0, 4));
    expect(admitLive(scheduler, pictures[4] as Ticket, 7)).toMatchObject({
      frameId: pictures[0]?.frameId,
      reason: 'queue-full',
    });
  });

  test('a picture keeps the deadline it was handed in with', () => {
    const scheduler = warmScheduler();
    openCamera(scheduler, 'api', { sloMs: 300 });
    admitLive(scheduler, { ...ticket('api', 0), deadlineMonoMs: 50 }, 0);
    expect(decide(scheduler, 41).drops).toMatchObject([{ reason: 'too-late' }]);
  });

  test('the archive size that was set counts for jobs that leave it open', () => {
    const scheduler = warmScheduler({ archiveBatch: 4 });
    fillArchive(scheduler, 20);
    jobOpened(scheduler, { jobId: 'own', name: 'own', batch: 2 });
    expect(expectRun(decide(scheduler, 0)).batch).toBe(4);
    fillArchive(scheduler, 20, 0, { shape }, 'own');
    jobGone(scheduler, 'night', 0);
    expect(expectRun(decide(scheduler, 0)).batch).toBe(2);
  });
});

describe('archive', () => {
  test('alone it takes the largest chunk within 3 % of the best', () => {
    const scheduler = warmScheduler();
    fillArchive(scheduler, 20);
    expect(expectRun(decide(scheduler, 0))).toMatchObject({ batch: 8, reason: { is: 'archive-alone' } });
  });

  test('beside a camera, the chunk must be done before the next frame but for half a run', () => {
    const scheduler = warmScheduler();
    steadyCamera(scheduler);
    fillArchive(scheduler, 20, 1_010);
    // 10 ms a chunk, at most 5 of them after 1,200.
    expect(expectRun(decide(scheduler, 1_194)).batch).toBe(1);
    const held = decide(scheduler, 1_196);
    expect(held).toMatchObject({ kind: 'wait', reason: { is: 'archive-held', camera: 'Gate' } });
    expect(explainDecision(held)).toBe("archive held for Gate's next frame: a chunk takes 10 ms, 9 ms are left");
  });

  test('a chunk that is not full waits for company, but not for ever and not in vain', () => {
    const scheduler = warmScheduler();
    fillArchive(scheduler, 5);
    expect(decide(scheduler, 1)).toMatchObject({
      kind: 'wait',
      untilMonoMs: 80,
      reason: { is: 'archive-filling', waiting: 5, places: 8 },
    });
    expect(expectRun(decide(scheduler, 80))).toMatchObject({ batch: 4, places: 8 });
    archiveWindowSet(scheduler, 5);
    expect(expectRun(decide(scheduler, 1)).batch).toBe(4);
    archiveWindowSet(scheduler, 16);
    jobExpects(scheduler, 'night', false);
    expect(expectRun(decide(scheduler, 1)).batch).toBe(4);
  });

  test('a size that was set by hand waits longer for company where no camera is on', () => {
    const scheduler = warmScheduler();
    jobOpened(scheduler, { jobId: 'night', name: 'night', batch: 8 });
    fillArchive(scheduler, 5);
    expect(decide(scheduler, 80)).toMatchObject({
      kind: 'wait',
      untilMonoMs: 250,
      reason: { is: 'archive-filling', waiting: 5, places: 8 },
    });
    expect(expectRun(decide(scheduler, 250)).batch).toBe(4);
  });

  test('a pinned batch is put on the ladder; one that is not warmed is not used', () => {
    const scheduler = warmScheduler();
    jobOpened(scheduler, { jobId: 'night', name: 'night', batch: 7 });
    fillArchive(scheduler, 20);
    expect(expectRun(decide(scheduler, 0)).batch).toBe(4);
    const narrow = warmScheduler({}, [1, 2]);
    jobOpened(narrow, { jobId: 'night', name: 'night', batch: 128 });
    fillArchive(narrow, 20);
    expect(expectRun(decide(narrow, 0)).batch).toBe(2);
  });

  test('frames that differ in input size or post-processing do not share a chunk; a suspect shares with none', () => {
    const scheduler = warmScheduler();
    fillArchive(scheduler, 3);
    fillArchive(scheduler, 8, 1, { shape: other });
    const alone = ticket('night/suspect', 0, 'archive');
    admitArchive(scheduler, 'night', alone, { shape, alone: true }, 0);
    jobExpects(scheduler, 'night', false);
    const batches = [];
    for (let now = 10; scheduler.archive.waiting > 0; now += 100) {
      const batch = apply(scheduler, decide(scheduler, now), now);
      if (batch === null) break;
      batches.push([batch.shape.costKey, batch.tickets.length]);
      if (batch.tickets.includes(alone)) expect(batch.tickets).toEqual([alone]);
      finished(scheduler, batch.batchId, 10, now + 10);
    }
    expect(batches).toEqual([
      ['model@416x416', 2],
      ['model@416x416', 1],
      ['model@416x416', 1],
      ['model@320x320', 8],
    ]);
  });

  test('jobs take turns', () => {
    const scheduler = warmScheduler();
    for (const jobId of ['one', 'two', 'three']) fillArchive(scheduler, 40, 0, { shape }, jobId);
    const order = Array.from({ length: 6 }, (_, index) => {
      const batch = apply(scheduler, decide(scheduler, 100 * index), 100 * index);
      finished(scheduler, batch?.batchId ?? -1, 80, 100 * index + 80);
      return batch?.jobId;
    });
    expect(order).toEqual(['one', 'two', 'three', 'one', 'two', 'three']);
  });

  test('the wanted window is two chunks, and does not fall when the lane runs dry', () => {
    const scheduler = warmScheduler();
    expect(wantedArchiveWindow(scheduler)).toBe(8);
    fillArchive(scheduler, 8);
    expect(wantedArchiveWindow(scheduler)).toBe(16);
    apply(scheduler, decide(scheduler, 0), 0);
    expect(scheduler.archive.waiting).toBe(0);
    expect(wantedArchiveWindow(scheduler)).toBe(16);
  });

  test('a job or an item that is gone gives its frames back', () => {
    const scheduler = warmScheduler();
    const frames = fillArchive(scheduler, 10);
    expect(itemGone(scheduler, 'night', 'night/item 1', 0)).toEqual(frames.slice(4, 8));
    expect(scheduler.archive.waiting).toBe(6);
    expect(jobGone(scheduler, 'night', 0)).toEqual([...frames.slice(0, 4), ...frames.slice(8)]);
    expect(scheduler.archive.waiting).toBe(0);
    expect(admitArchive(scheduler, 'night', ticket('night/item 9', 0, 'archive'), { shape }, 0)).toBe(false);
  });
});

describe('an engine that fails', () => {
  test('gives up live frames, gives archive frames back and has nothing warmed', () => {
    const scheduler = warmScheduler();
    openCamera(scheduler, 'Gate');
    const archived = fillArchive(scheduler, 9);
    const running = apply(scheduler, decide(scheduler, 0), 0);
    const waiting = ticket('Gate', 5);
    admitLive(scheduler, waiting, 5);
    const lost = engineLost(scheduler, 10);
    expect(lost.running).toEqual(running);
    expect(lost.drops).toEqual([{ frameId: waiting.frameId, source: 'Gate', reason: 'engine-lost' }]);
    expect([...(running?.tickets ?? []), ...lost.archiveFrames]).toEqual(archived);
    fillArchive(scheduler, 4, 20);
    expect(decide(scheduler, 20)).toMatchObject({ kind: 'idle', reason: { is: 'not-warmed' } });
  });

  test('in one call only: live frames of it are dropped, archive frames are the caller’s', () => {
    const scheduler = warmScheduler();
    openCamera(scheduler, 'Gate');
    const frame = ticket('Gate', 0);
    admitLive(scheduler, frame, 0);
    const live = apply(scheduler, decide(scheduler, 0), 0);
    expect(runFailed(scheduler, live?.batchId ?? -1, 5).drops).toMatchObject([{ reason: 'engine-lost' }]);
    cameraGone(scheduler, 'Gate');
    fillArchive(scheduler, 8, 5);
    const archive = apply(scheduler, decide(scheduler, 5), 5);
    const failed = runFailed(scheduler, archive?.batchId ?? -1, 9);
    expect(failed.drops).toEqual([]);
    expect(failed.batch.tickets).toHaveLength(8);
    expect(() => finished(scheduler, archive?.batchId ?? -1, 1, 9)).toThrow('not the one that runs');
  });
});

test('decisions in words', () => {
  const scheduler = warmScheduler();
  steadyCamera(scheduler);
  fillArchive(scheduler, 8, 1_010);
  expect(explainDecision(decide(scheduler, 1_170))).toBe(
    "archive chunk of 1, predicted 10 ms, fits 35 ms until Gate's next frame",
  );
  admitLive(scheduler, ticket('Gate', 1_200), 1_205);
  const decision = decide(scheduler, 1_205);
  expect(explainDecision(decision)).toBe(
    'live batch of 1, predicted 10 ms: Gate has waited 5 ms, 195 ms left of its promise',
  );
  apply(scheduler, decision, 1_205);
  expect(explainDecision(decide(scheduler, 1_206))).toBe('the device is busy');
  expect(lanesSnapshot(scheduler, 1_210, 77)).toMatchObject({
    atMs: 77,
    mode: 'strict',
    live: { waiting: 0 },
    archive: { waiting: 8 },
    knee: 1,
    why: explainDecision(decision),
  });
});
