import { batchLadder } from '../../shared/domain/lanes.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import { predictMs } from './cost-model.ts';
import type { FrameDrop, RunDecision, WaitDecision } from './decision.ts';
import { createHeap, heapRemove, heapSet } from './keyed-heap.ts';
import { deadlineMonoMs, dropOf, soonestArrival, type LiveLane, type LiveStream } from './live-lane.ts';
import type { Scheduler } from './scheduler.ts';
import { shortestWaitMs } from './timing.ts';

/** A larger batch must cut the time per frame to this share, or it only makes the first frame wait for the last. */
const worthwhileShare = 0.9;
/** With more work waiting than the earliest deadline has room for, any real gain in throughput counts. */
const worthwhileShareUnderPressure = 0.97;
/** A slot is kept free for a live frame that would join the batch for at most this long. */
const longestWindowMs = 5;
/** Frames of other models are stepped over when a batch is filled; after this many a place, it runs as it is. */
const visitsPerPlace = 4;

interface LiveHead {
  readonly stream: LiveStream;
  readonly ticket: Ticket;
  readonly deadlineMonoMs: number;
  /** Predicted duration of a batch of one. */
  readonly aloneMs: number;
}

/** Null: after the drops no frame is left. Adds to `drops`. */
export function decideLive(
  scheduler: Scheduler,
  nowMonoMs: number,
  drops: FrameDrop[],
): RunDecision | WaitDecision | null {
  const { costs, live } = scheduler;
  let unwarmed: { readonly modelId: string; readonly untilMonoMs: number } | null = null;
  const queue = earliestFirst(live);
  for (let next = queue.next(); next !== null; next = queue.next()) {
    const { stream, ticket } = next;
    const { shape } = stream.camera;
    const deadline = deadlineMonoMs(stream, ticket);
    const aloneMs = predictMs(costs, 'live', shape.costKey, 1);
    if (nowMonoMs + assumedMs(aloneMs, stream.camera.sloMs) > deadline) {
      drops.push(dropOf(ticket, 'too-late'));
      queue.follow(next, false);
    } else if (aloneMs === null) {
      unwarmed ??= { modelId: shape.modelId, untilMonoMs: deadline + shortestWaitMs };
    } else {
      const head = { stream, ticket, deadlineMonoMs: deadline, aloneMs };
      queue.follow(next, true);
      return formLiveBatch(scheduler, nowMonoMs, drops, head, queue);
    }
  }
  if (unwarmed === null) return null;
  const { modelId, untilMonoMs } = unwarmed;
  return { kind: 'wait', untilMonoMs, drops, reason: { is: 'not-warmed', modelId } };
}

/**
 * What early drop reckons a run to take. A prediction beyond the whole promise would drop every frame, and with no run
 * there would never be a better prediction: then only what is late already is dropped.
 */
const assumedMs = (aloneMs: number | null, sloMs: number): number =>
  aloneMs === null || aloneMs > sloMs ? 0 : aloneMs;

/**
 * Takes frames that wait already into the head's batch as far as the cost model says that it pays and the earliest
 * deadline (the head's) still holds. Where time grows in step with the batch, as on CPUs, that is one frame.
 */
function formLiveBatch(
  scheduler: Scheduler,
  nowMonoMs: number,
  drops: readonly FrameDrop[],
  head: LiveHead,
  queue: LiveQueue,
): RunDecision | WaitDecision {
  const { costs, live, options } = scheduler;
  const { shape, name } = head.stream.camera;
  const roomMs = head.deadlineMonoMs - nowMonoMs;
  const ready = live.waiting - drops.length;
  const gain = ready * head.aloneMs > roomMs ? worthwhileShareUnderPressure : worthwhileShare;
  const sizes = [{ batch: 1, predictedMs: head.aloneMs }];
  for (const batch of batchLadder) {
    const best = sizes[sizes.length - 1] as (typeof sizes)[number];
    if (batch === 1) continue;
    if (batch > ready || batch > options.maxLiveBatch) break;
    const predictedMs = predictMs(costs, 'live', shape.costKey, batch);
    if (predictedMs === null) continue;
    if (predictedMs > roomMs) break;
    if (predictedMs / batch < (gain * best.predictedMs) / best.batch) sizes.push({ batch, predictedMs });
  }
  const tickets = [head.ticket];
  const wanted = (sizes[sizes.length - 1] as (typeof sizes)[number]).batch;
  for (let looked = 0; tickets.length < wanted && looked < visitsPerPlace * wanted; looked += 1) {
    const next = queue.next();
    if (next === null) break;
    if (next.stream.camera.shape.compatKey !== shape.compatKey) continue;
    tickets.push(next.ticket);
    queue.follow(next, true);
  }
  const chosen = [...sizes].reverse().find(({ batch }) => batch <= tickets.length) as (typeof sizes)[number];
  tickets.length = chosen.batch;

  if (ready === 1 && chosen.batch === 1) {
    const joins = companionMonoMs(scheduler, nowMonoMs, head);
    if (joins !== null) {
      const reason = { is: 'live-window', camera: joins.camera } as const;
      return { kind: 'wait', untilMonoMs: joins.atMonoMs, drops, reason };
    }
  }
  return {
    kind: 'run',
    batchId: scheduler.nextBatchId,
    lane: 'live',
    shape,
    jobId: null,
    tickets,
    batch: chosen.batch,
    places: chosen.batch,
    predictedMs: chosen.predictedMs,
    drops,
    reason: { is: 'live', camera: name, waitedMs: nowMonoMs - head.ticket.capturedMonoMs, leftMs: roomMs },
  };
}

/** The frame worth waiting for, so that two run in one batch: both rules of the cost model and the deadline must agree. */
function companionMonoMs(
  { costs, live }: Scheduler,
  nowMonoMs: number,
  head: LiveHead,
): { readonly camera: string; readonly atMonoMs: number } | null {
  const { shape } = head.stream.camera;
  const pairMs = predictMs(costs, 'live', shape.costKey, 2);
  if (pairMs === null || pairMs / 2 >= worthwhileShare * head.aloneMs) return null;
  const next = soonestArrival(live, nowMonoMs);
  if (next === null || next.stream.camera.shape.compatKey !== shape.compatKey) return null;
  const waitMs = next.atMonoMs - nowMonoMs;
  const savedMs = 2 * head.aloneMs - pairMs;
  if (waitMs < shortestWaitMs || waitMs > longestWindowMs || waitMs >= savedMs) return null;
  if (nowMonoMs + waitMs + pairMs > head.deadlineMonoMs) return null;
  return { camera: next.stream.camera.name, atMonoMs: next.atMonoMs };
}

interface WaitingFrame {
  readonly stream: LiveStream;
  readonly ticket: Ticket;
  readonly index: number;
  readonly key: number;
}

interface LiveQueue {
  next(): WaitingFrame | null;
  /** The frame is served or given up: its camera's next one joins the order, in the latter case in the same place. */
  follow(frame: WaitingFrame, served: boolean): void;
}

/** Walks the waiting frames by deadline without taking any out: the frontier of the lane's heap, in a heap of its own. */
function earliestFirst(live: LiveLane): LiveQueue {
  const { order, keys } = live.heads;
  const frontier = createHeap();
  const entries: (WaitingFrame & { readonly place: number })[] = [];
  const add = (stream: LiveStream, index: number, place: number, key: number): void => {
    entries.push({ stream, ticket: stream.waiting[index] as Ticket, index, key, place });
    heapSet(frontier, entries.length - 1, key, stream.rank);
  };
  const addPlace = (place: number): void => {
    const id = order[place];
    if (id !== undefined) add(live.streams[id] as LiveStream, 0, place, keys[id] as number);
  };
  addPlace(0);
  return {
    next() {
      const top = frontier.order[0];
      if (top === undefined) return null;
      const entry = entries[top] as (typeof entries)[number];
      heapRemove(frontier, top);
      if (entry.index === 0) {
        addPlace(2 * entry.place + 1);
        addPlace(2 * entry.place + 2);
      }
      return entry;
    },
    follow({ stream, index, key }, served) {
      const following = stream.waiting[index + 1];
      if (following !== undefined)
        add(
          stream,
          index + 1,
          -1,
          Math.min(served ? Number.POSITIVE_INFINITY : key, deadlineMonoMs(stream, following)),
        );
    },
  };
}
