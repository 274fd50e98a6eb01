import type { Ticket } from '../../shared/engine/protocol.ts';
import { liveIsIdle, liveRan } from './archive-debt.ts';
import { recordPromise } from './archive-share.ts';
import { observeOn, type CostCurve } from './cost-model.ts';
import { recordBatch } from './lane-stats.ts';
import { deadlineMonoMs, hadMonoMs, readyMonoMs, type LiveLane, type LiveStream } from './live-lane.ts';
import { streamAt, type LiveRun } from './live-run.ts';
import { noteLiveFrame, noteLiveRun } from './risk-price.ts';
import type { Scheduler } from './scheduler.ts';
import { noteResult } from './shedding.ts';

/** What a live run of `slotMs` teaches: its cost, and for each of its frames whether the promise was kept. */
export function liveRunEnded(scheduler: Scheduler, run: LiveRun, slotMs: number, nowMonoMs: number): void {
  const { live, costs, debt } = scheduler;
  const { tickets, startedMonoMs } = run;
  const batch = tickets.length;
  recordBatch(scheduler.records.live, batch, batch, startedMonoMs, nowMonoMs);
  const head = openNow(live, run.head);
  // A camera that was closed meanwhile has left its curve, which it made when it was opened.
  const curve = head === null ? (costs.curves.live.get(run.shape.costKey) as CostCurve) : head.curve;
  observeOn(costs, curve, batch, slotMs);
  noteLiveRun(scheduler.risk, slotMs);
  if (batch === 1) {
    const ticket = tickets[0] as Ticket;
    liveRan(debt, head === null ? Number.POSITIVE_INFINITY : startedMonoMs - readyMonoMs(live, head, ticket));
    if (head !== null) judge(scheduler, head, ticket, nowMonoMs);
  } else {
    liveRan(debt, startedMonoMs - lastReadyMonoMs(live, run));
    for (let index = 0; index < batch; index += 1) {
      const stream = openNow(live, streamAt(run, index));
      if (stream !== null) judge(scheduler, stream, tickets[index] as Ticket, nowMonoMs);
    }
  }
  if (live.waiting === 0) liveIsIdle(debt);
}

function judge(scheduler: Scheduler, stream: LiveStream, ticket: Ticket, nowMonoMs: number): void {
  const startMonoMs = hadMonoMs(ticket);
  const behindMs = scheduler.debt.ms;
  const deadline = deadlineMonoMs(stream, ticket);
  const tookMs = nowMonoMs - startMonoMs;
  const promisedMs = deadline - startMonoMs;
  recordPromise(scheduler.slackShare, tookMs / promisedMs, (tookMs - behindMs) / promisedMs, scheduler.debt.isStall);
  const inTime = nowMonoMs <= deadline;
  noteResult(scheduler.shedding, stream.rank, inTime, inTime || nowMonoMs - behindMs > deadline ? 0 : 1);
  const latencyMs = nowMonoMs - readyMonoMs(scheduler.live, stream, ticket);
  noteLiveFrame(scheduler.risk, latencyMs, latencyMs - behindMs);
}

function lastReadyMonoMs(live: LiveLane, run: LiveRun): number {
  let last = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < run.tickets.length; index += 1) {
    const stream = openNow(live, streamAt(run, index));
    if (stream !== null) last = Math.max(last, readyMonoMs(live, stream, run.tickets[index] as Ticket));
  }
  return last;
}

/** The camera as it is open now, be it with other settings; null: it was closed meanwhile. */
const openNow = (live: LiveLane, stream: LiveStream): LiveStream | null =>
  stream.isOpen ? stream : (live.bySource.get(stream.camera.source) ?? null);
