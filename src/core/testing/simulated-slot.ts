import { defaultLaneSettings, type LaneName, type LaneSettings } from '../../shared/domain/lanes.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import { warmedUp } from '../scheduler/cost-model.ts';
import { decide } from '../scheduler/decide.ts';
import type { Decision, FrameDrop } from '../scheduler/decision.ts';
import type { CameraAdmission } from '../scheduler/live-lane.ts';
import {
  admitArchive,
  admitLive,
  apply,
  archiveWindowSet,
  cameraGone,
  cameraOpened,
  createScheduler,
  finished,
  jobExpects,
  jobOpened,
  wantedArchiveWindow,
  type RunningBatch,
  type Scheduler,
} from '../scheduler/scheduler.ts';
import { queueTickets } from '../scheduler/ticket-queue.ts';
import { inputText, type WorkShape } from '../scheduler/work-shape.ts';
import { manualClock } from './manual-clock.ts';

/**
 * A whole shift of one slot in no time: cameras and jobs by script, an executor whose runs take what the script says,
 * and the scheduler's owner as `app/` plays it. Like the real engine, it announces frames that are ready during a run
 * only when the run is over.
 */
export interface SimulationScript {
  readonly endMonoMs: number;
  readonly settings?: Partial<LaneSettings>;
  /** Sizes that are warmed at the start, by lane. */
  readonly warmed: Readonly<Record<LaneName, readonly number[]>>;
  /** What a run takes. The warm-up is told `durationMs(lane, batch, 0)`. */
  readonly durationMs: (lane: LaneName, batch: number, run: number) => number;
  readonly cameras: readonly SimulatedCamera[];
  readonly jobs: readonly SimulatedJob[];
  /** Frames that may be decoded but not run, all jobs together; default: what the scheduler wants. */
  readonly archiveWindow?: number;
  /** Looks on before every decision. */
  readonly beforeDecision?: (scheduler: Scheduler, nowMonoMs: number) => void;
}

export interface SimulatedCamera extends Omit<CameraAdmission, 'name'> {
  readonly openMonoMs: number;
  readonly closeMonoMs?: number;
  /** Capture times and when the frame is decoded; in order. */
  readonly captures: readonly {
    readonly capturedMonoMs: number;
    readonly readyMonoMs: number;
    readonly motion?: number;
  }[];
}

export interface SimulatedJob {
  readonly jobId: string;
  readonly batch: 'auto' | number;
  readonly weight?: number;
  readonly openMonoMs: number;
  readonly frames: number;
  /** Time to decode one frame, when the window has room. */
  readonly decodeMs: number;
  /** Frame n is run as `shapes[n % shapes.length]`. */
  readonly shapes: readonly WorkShape[];
}

export interface SimulatedRun extends Pick<
  RunningBatch,
  'batchId' | 'lane' | 'shape' | 'jobId' | 'tickets' | 'predictedMs' | 'startedMonoMs'
> {
  readonly endedMonoMs: number;
  readonly decision: Decision & { readonly kind: 'run' };
  /** Frames that waited when it was decided (the ones it took included). */
  readonly waitingLive: readonly Ticket[];
  /** Shares by weight had taken the place of deadlines. */
  readonly isFair: boolean;
}

export interface SimulationLog {
  readonly runs: SimulatedRun[];
  readonly drops: (FrameDrop & { readonly ticket: Ticket; readonly atMonoMs: number })[];
  /** Live frames in the order they became ready, with the time when the scheduler heard of them. */
  readonly admitted: { readonly ticket: Ticket; readonly readyMonoMs: number; readonly admittedMonoMs: number }[];
  /** Largest number of frames of one camera that ever waited. */
  mostWaitingOfOneCamera: number;
  decisions: number;
  readonly scheduler: Scheduler;
}

interface Arrival {
  readonly atMonoMs: number;
  readonly happen: (nowMonoMs: number) => void;
}

export function simulate(script: SimulationScript): SimulationLog {
  const clock = manualClock();
  const scheduler = createScheduler(0, { ...defaultLaneSettings, ...script.settings });
  const log: SimulationLog = {
    runs: [],
    drops: [],
    admitted: [],
    mostWaitingOfOneCamera: 0,
    decisions: 0,
    scheduler,
  };
  const tickets = new Map<number, Ticket>();
  let nextFrameId = 1;
  const ticketOf = (
    lane: LaneName,
    source: string,
    frame: number,
    capturedMonoMs: number,
    motion: number | null = null,
  ): Ticket => {
    const ticket: Ticket = {
      frameId: nextFrameId,
      lane,
      source,
      frame,
      timeMs: capturedMonoMs,
      capturedMonoMs,
      capturedAtMs: capturedMonoMs,
      sourceWidth: 640,
      sourceHeight: 480,
      motion,
    };
    nextFrameId += 1;
    tickets.set(ticket.frameId, ticket);
    return ticket;
  };
  const dropped = (drops: readonly FrameDrop[]): void => {
    for (const drop of drops) {
      log.drops.push({ ...drop, ticket: tickets.get(drop.frameId) as Ticket, atMonoMs: clock.monoMs() });
    }
  };
  const shapes = new Set([...script.cameras.map(({ shape }) => shape), ...script.jobs.flatMap((job) => job.shapes)]);
  for (const lane of ['live', 'archive'] as const) {
    for (const { modelId, input } of shapes) {
      for (const batch of script.warmed[lane]) {
        const runMs = script.durationMs(lane, batch, 0);
        warmedUp(scheduler.costs, { modelId, input: inputText(input), lane, batch }, [runMs, runMs, runMs]);
      }
    }
  }

  // Everything that happens by itself, earliest first; decoding of archive frames goes on as the window allows.
  const happenings: Arrival[] = [];
  for (const camera of script.cameras) {
    const { source, openMonoMs, closeMonoMs, captures } = camera;
    happenings.push({
      atMonoMs: openMonoMs,
      happen: () => dropped(cameraOpened(scheduler, { ...camera, name: source })),
    });
    captures.forEach(({ capturedMonoMs, readyMonoMs, motion }, frame) => {
      happenings.push({
        atMonoMs: readyMonoMs,
        happen: (now) => {
          const ticket = ticketOf('live', source, frame, capturedMonoMs, motion ?? null);
          log.admitted.push({ ticket, readyMonoMs, admittedMonoMs: now });
          const drop = admitLive(scheduler, ticket, now);
          if (drop !== null) dropped([drop]);
          const waiting = scheduler.live.bySource.get(source)?.waiting.size ?? 0;
          log.mostWaitingOfOneCamera = Math.max(log.mostWaitingOfOneCamera, waiting);
        },
      });
    });
    if (closeMonoMs !== undefined) {
      happenings.push({ atMonoMs: closeMonoMs, happen: () => dropped(cameraGone(scheduler, source)) });
    }
  }
  const decoders = script.jobs.map((job) => ({ job, next: 0, readyMonoMs: job.openMonoMs + job.decodeMs }));
  for (const { jobId, batch, weight = 1, openMonoMs } of script.jobs) {
    happenings.push({
      atMonoMs: openMonoMs,
      happen: () => jobOpened(scheduler, { jobId, name: jobId, batch, weight }),
    });
  }
  happenings.sort((a, b) => a.atMonoMs - b.atMonoMs);

  let decodedAhead = 0;
  const window = (): number => script.archiveWindow ?? wantedArchiveWindow(scheduler);
  const nextDecoded = (): number => {
    let soonest = Number.POSITIVE_INFINITY;
    if (decodedAhead >= window()) return soonest;
    for (const { job, next, readyMonoMs } of decoders) {
      if (next < job.frames) soonest = Math.min(soonest, readyMonoMs);
    }
    return soonest;
  };
  const decodeUntil = (now: number): void => {
    for (;;) {
      const at = nextDecoded();
      if (at > now) return;
      const decoder = decoders.find(({ job, next, readyMonoMs }) => next < job.frames && readyMonoMs === at);
      if (decoder === undefined) return;
      const { job, next } = decoder;
      const shape = job.shapes[next % job.shapes.length] as WorkShape;
      decoder.next += 1;
      decoder.readyMonoMs = at + job.decodeMs;
      decodedAhead += 1;
      const ticket = ticketOf('archive', `${job.jobId}/item`, next, at);
      if (!admitArchive(scheduler, job.jobId, ticket, { shape }, now)) throw new Error('the job is open');
      if (decoder.next === job.frames) jobExpects(scheduler, job.jobId, false);
    }
  };

  let happened = 0;
  let untilMonoMs = Number.POSITIVE_INFINITY;
  let runEndsMonoMs = Number.POSITIVE_INFINITY;
  let running: Omit<SimulatedRun, 'endedMonoMs'> | null = null;
  for (;;) {
    // While the slot runs, nobody is heard.
    const nextHeard =
      running === null
        ? Math.min(happenings[happened]?.atMonoMs ?? Number.POSITIVE_INFINITY, nextDecoded())
        : runEndsMonoMs;
    const next = Math.min(nextHeard, running === null ? untilMonoMs : Number.POSITIVE_INFINITY);
    if (next > script.endMonoMs) break;
    clock.advanceTo(Math.max(next, clock.monoMs()));
    const now = clock.monoMs();
    if (running !== null) {
      const batch = running;
      finished(scheduler, batch.batchId, now - batch.startedMonoMs, now);
      log.runs.push({ ...batch, endedMonoMs: now });
      running = null;
      for (const decoder of decoders) {
        // The window opens now: decoding that was blocked by it goes on from here.
        if (decodedAhead >= window()) decoder.readyMonoMs = Math.max(decoder.readyMonoMs, now);
      }
      if (batch.lane === 'archive') decodedAhead -= batch.tickets.length;
    }
    for (
      let arrival = happenings[happened];
      arrival !== undefined && arrival.atMonoMs <= now;
      arrival = happenings[happened]
    ) {
      happened += 1;
      arrival.happen(now);
    }
    decodeUntil(now);
    archiveWindowSet(scheduler, window());

    script.beforeDecision?.(scheduler, now);
    const decision = decide(scheduler, now);
    log.decisions += 1;
    const waitingLive = [...scheduler.live.bySource.values()].flatMap(({ waiting }) => queueTickets(waiting));
    const batch = apply(scheduler, decision, now);
    dropped(decision.drops);
    untilMonoMs = decision.kind === 'wait' ? decision.untilMonoMs : Number.POSITIVE_INFINITY;
    if (batch === null || decision.kind !== 'run') continue;
    const { batchId, lane, shape, jobId, tickets: taken, predictedMs, startedMonoMs } = batch;
    const run = { batchId, lane, shape, jobId, tickets: taken, predictedMs, startedMonoMs };
    running = { ...run, decision, waitingLive, isFair: scheduler.live.isFair };
    runEndsMonoMs = now + script.durationMs(batch.lane, batch.tickets.length, log.runs.length + 1);
  }
  return log;
}
