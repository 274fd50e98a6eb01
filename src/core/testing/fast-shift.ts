import type { DropReason } from '../../shared/domain/camera.ts';
import { defaultLaneSettings, type LaneName, type LaneSettings } from '../../shared/domain/lanes.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import { warmedUp } from '../scheduler/cost-model.ts';
import { decide } from '../scheduler/decide.ts';
import { createHeap, heapFirst, heapKey, heapSet } from '../scheduler/keyed-heap.ts';
import type { CameraAdmission } from '../scheduler/live-lane.ts';
import {
  admitArchive,
  admitLive,
  apply,
  archiveWindowSet,
  cameraOpened,
  createScheduler,
  drainShed,
  finished,
  jobExpects,
  jobOpened,
  wantedArchiveWindow,
  type RunningBatch,
  type Scheduler,
} from '../scheduler/scheduler.ts';
import { inputText, type WorkShape } from '../scheduler/work-shape.ts';

/**
 * A shift of any length that keeps sums instead of a log: for a thousand cameras and millions of frames. As in
 * `simulated-slot.ts`, the scheduler is the real one and nobody is heard while the slot runs.
 */
export interface FastScript {
  readonly endMonoMs: number;
  readonly settings?: Partial<LaneSettings>;
  readonly warmed: Readonly<Record<LaneName, readonly number[]>>;
  /** What a run takes, and what the warm-up was told it would. */
  readonly durationMs: (lane: LaneName, batch: number, run: number, nowMonoMs: number) => number;
  readonly promisedMs: (lane: LaneName, batch: number) => number;
  readonly cameras: readonly (CameraAdmission & {
    /** Capture time of the next frame after one at `capturedMonoMs` (below 0: of the first). */
    readonly next: (capturedMonoMs: number) => number;
  })[];
  /** A job with so many frames that are decoded as fast as they are run; null: none. */
  readonly archive: { readonly shape: WorkShape; readonly frames: number } | null;
  readonly stopAfterFrames: number;
}

export interface FastLog {
  captured: number;
  analysed: number;
  inTime: number;
  readonly dropped: Map<DropReason, number>;
  archiveFrames: number;
  readonly busyMs: Record<LaneName, number>;
  decisions: number;
  runs: number;
  /** The most frames that ever waited in each lane. */
  readonly mostWaiting: Record<LaneName, number>;
  /** Longest time that the slot was neither running nor waiting for a window while a live frame waited. */
  longestIdleMs: number;
  /** By camera: frames analysed, and the longest time without a result while it was sending. */
  readonly analysedBy: Float64Array;
  endMonoMs: number;
  shedEntries: number;
  readonly scheduler: Scheduler;
}

const lagMs = 3;

export function fastShift(script: FastScript): FastLog {
  const scheduler = createScheduler(0, { ...defaultLaneSettings, ...script.settings });
  const { cameras, archive } = script;
  const log: FastLog = {
    captured: 0,
    analysed: 0,
    inTime: 0,
    dropped: new Map(),
    archiveFrames: 0,
    busyMs: { live: 0, archive: 0 },
    decisions: 0,
    runs: 0,
    mostWaiting: { live: 0, archive: 0 },
    longestIdleMs: 0,
    analysedBy: new Float64Array(cameras.length),
    endMonoMs: 0,
    shedEntries: 0,
    scheduler,
  };
  const shapes = new Set([...cameras.map(({ shape }) => shape), ...(archive === null ? [] : [archive.shape])]);
  for (const lane of ['live', 'archive'] as const) {
    for (const { modelId, input } of shapes) {
      for (const batch of script.warmed[lane]) {
        warmedUp(scheduler.costs, { modelId, input: inputText(input), lane, batch }, [script.promisedMs(lane, batch)]);
      }
    }
  }
  const indexOf = new Map(cameras.map(({ source }, index) => [source, index]));
  const upcoming = createHeap();
  cameras.forEach((camera, index) => {
    cameraOpened(scheduler, camera);
    heapSet(upcoming, index, camera.next(-1), 0);
  });
  if (archive !== null) jobOpened(scheduler, { jobId: 'job', name: 'job', batch: 'auto' });

  let [now, frameId, decoded, untilMonoMs, endsMonoMs] = [0, 1, 0, Infinity, Infinity];
  let running: RunningBatch | null = null;
  const ticketOf = (lane: LaneName, source: string, capturedMonoMs: number): Ticket => ({
    frameId: frameId++,
    lane,
    source,
    frame: frameId,
    timeMs: 0,
    capturedMonoMs,
    capturedAtMs: 0,
    sourceWidth: 1,
    sourceHeight: 1,
    motion: null,
  });
  const count = (reason: DropReason): void => void log.dropped.set(reason, (log.dropped.get(reason) ?? 0) + 1);
  for (;;) {
    const next = heapFirst(upcoming);
    const heardMonoMs = next < 0 ? Infinity : heapKey(upcoming, next) + lagMs;
    const at = running === null ? Math.min(heardMonoMs, untilMonoMs) : endsMonoMs;
    if (at > script.endMonoMs || log.captured >= script.stopAfterFrames) break;
    if (running === null && scheduler.live.waiting > 0) log.longestIdleMs = Math.max(log.longestIdleMs, at - now);
    now = Math.max(now, at);
    if (running !== null) {
      const batch: RunningBatch = running;
      running = null;
      finished(scheduler, batch.batchId, now - batch.startedMonoMs, now);
      log.busyMs[batch.lane] += now - batch.startedMonoMs;
      log.runs += 1;
      if (batch.lane === 'archive') log.archiveFrames += batch.tickets.length;
      else {
        for (const { source, capturedMonoMs } of batch.tickets) {
          const index = indexOf.get(source) as number;
          log.analysed += 1;
          log.analysedBy[index] = (log.analysedBy[index] as number) + 1;
          if (now - capturedMonoMs <= (cameras[index] as CameraAdmission).sloMs) log.inTime += 1;
        }
      }
    }
    for (
      let index = heapFirst(upcoming);
      index >= 0 && heapKey(upcoming, index) + lagMs <= now;
      index = heapFirst(upcoming)
    ) {
      const camera = cameras[index] as FastScript['cameras'][number];
      const capturedMonoMs = heapKey(upcoming, index);
      log.captured += 1;
      const drop = admitLive(scheduler, ticketOf('live', camera.source, capturedMonoMs), now);
      if (drop !== null) count(drop.reason);
      heapSet(upcoming, index, camera.next(capturedMonoMs), 0);
    }
    if (archive !== null) {
      const window = wantedArchiveWindow(scheduler);
      archiveWindowSet(scheduler, window);
      for (; decoded < archive.frames && scheduler.archive.waiting < window; decoded += 1) {
        admitArchive(scheduler, 'job', ticketOf('archive', 'item', now), { shape: archive.shape }, now);
        if (decoded === archive.frames - 1) jobExpects(scheduler, 'job', false);
      }
    }
    log.mostWaiting.live = Math.max(log.mostWaiting.live, scheduler.live.waiting);
    log.mostWaiting.archive = Math.max(log.mostWaiting.archive, scheduler.archive.waiting);
    const decision = decide(scheduler, now);
    log.decisions += 1;
    running = apply(scheduler, decision, now);
    for (const { reason } of decision.drops) count(reason);
    untilMonoMs = decision.kind === 'wait' ? decision.untilMonoMs : Infinity;
    if (running !== null) {
      endsMonoMs = now + script.durationMs(running.lane, running.tickets.length, log.runs, now);
    }
    if ((log.decisions & 0xff) === 0) log.shedEntries += drainShed(scheduler).length;
  }
  log.endMonoMs = now;
  return log;
}
