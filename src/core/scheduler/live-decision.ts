import { batchLadder } from '../../shared/domain/lanes.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import { exactLadderIndex, largestOn, predictAt, usualAt, worthLookingShare } from './cost-model.ts';
import type { DecisionReason, FrameDrop, WaitDecision } from './decision.ts';
import { dueFirst, dueIsInRow } from './due-queue.ts';
import { createHeap, heapFirst, heapRemove, heapSet, type KeyedHeap } from './keyed-heap.ts';
import {
  deadlineMonoMs,
  dropOf,
  readyMonoMs,
  soonestArrival,
  virtualCostMs,
  type CollectWindow,
  type LiveLane,
  type LiveStream,
} from './live-lane.ts';
import { LiveRun } from './live-run.ts';
import type { Scheduler } from './scheduler.ts';
import { queueAt } from './ticket-queue.ts';
import { shortestWaitMs } from './timing.ts';

/** A larger batch must cut the time per frame to this share, or it only makes the first frame wait for the last. */
export const worthwhileShare = 0.9;
/** With more work waiting than the earliest deadline has room for, any real gain in throughput counts. */
const worthwhileShareUnderPressure = worthLookingShare;
/** A slot is kept free for a live frame that would join the batch for at most this long. */
const longestWindowMs = 5;
/**
 * A camera that was given up for this long gets one run even if it is predicted to end late: only runs correct a
 * prediction, so one slow spell of the machine would otherwise end the camera's results for good.
 */
const relearnAfterMs = 1000;
/** Largest live batch where the cost model chooses, and where a pinned window leaves the size open. */
const largestBatch = 32;
const largestCollected = 16;
/** A timer that wakes a hair early finds the window over. */
const windowEndsWithinMs = 0.05;
/** So many frames that are collecting company are stepped over in the search for one that can run at once. */
const mostCollecting = 64;
/** Frames of other models are stepped over when a batch is filled; after this many a place, it runs as it is. */
const visitsPerPlace = 4;

const none: readonly never[] = [];

interface LiveHead {
  readonly next: WaitingFrame;
  readonly deadlineMonoMs: number;
  /** Predicted duration of a batch of one. */
  readonly aloneMs: number;
}

/** Null: after the drops no frame is left. Adds to `drops`, which become part of the decision. */
export function decideLive(scheduler: Scheduler, nowMonoMs: number, drops: FrameDrop[]): LiveRun | WaitDecision | null {
  return decideFirst(scheduler, nowMonoMs) ?? decideAmong(scheduler, nowMonoMs, drops);
}

/** The usual case without any search: the first frame can run, in time, and by itself. Null: it is not that easy. */
export function decideFirst(scheduler: Scheduler, nowMonoMs: number): LiveRun | null {
  const { live, costs, settings } = scheduler;
  const stream = live.streams[dueFirst(live.heads)] as LiveStream;
  const { curve } = stream;
  if (curve.batchMayPay && (live.waiting > 1 || settings.liveWindowMs !== 0)) return null;
  if (settings.liveWindowMs !== 'auto' || settings.liveBatch !== 'auto' || stream.window !== null) return null;
  const ticket = stream.waiting.oldest as Ticket;
  const aloneMs = predictAt(costs, curve, 0);
  const leftMs = deadlineMonoMs(stream, ticket) - nowMonoMs;
  if (aloneMs === null || (usualAt(curve, 0) ?? 0) > leftMs) return null;
  return runOf(scheduler, nowMonoMs, none, stream, none, [ticket], aloneMs);
}

function runOf(
  { nextBatchId, live, archive }: Scheduler,
  nowMonoMs: number,
  drops: readonly FrameDrop[],
  head: LiveStream,
  others: readonly LiveStream[],
  tickets: readonly Ticket[],
  predictedMs: number,
): LiveRun {
  const liveWaiting = live.waiting - drops.length - tickets.length;
  return new LiveRun(nextBatchId, tickets, head, others, drops, predictedMs, nowMonoMs, liveWaiting, archive.waiting);
}

function decideAmong(scheduler: Scheduler, nowMonoMs: number, drops: FrameDrop[]): LiveRun | WaitDecision | null {
  const { costs, live } = scheduler;
  let unwarmed: { readonly modelId: string; readonly untilMonoMs: number } | null = null;
  let collecting: (WaitDecision & { readonly head: LiveHead }) | null = null;
  const passed: WaitingFrame[] = [];
  const queue = new InOrder(live);
  for (let next = queue.next(); next !== null && passed.length < mostCollecting; next = queue.next()) {
    const { stream, ticket } = next;
    const { camera, curve } = stream;
    const deadline = deadlineMonoMs(stream, ticket);
    const aloneMs = predictAt(costs, curve, 0);
    // Given up only where it would probably be late: a frame that is run in vain costs less than one not run in error.
    const isStarved = aloneMs !== null && stream.keepsTurn && nowMonoMs - stream.turnMonoMs > relearnAfterMs;
    const usualMs = isStarved ? 0 : (usualAt(curve, 0) ?? 0);
    if (nowMonoMs + usualMs > deadline) {
      drops.push(dropOf(ticket, 'too-late'));
      queue.follow(next, false);
      continue;
    }
    if (aloneMs === null) {
      unwarmed ??= { modelId: camera.shape.modelId, untilMonoMs: deadline + shortestWaitMs };
      continue;
    }
    const head = { next, deadlineMonoMs: deadline, aloneMs };
    const company = collects(scheduler, nowMonoMs, head, drops);
    if (company !== null) {
      const { untilMonoMs, places, waiting } = company;
      const reason: DecisionReason = { is: 'live-collecting', camera: camera.name, waiting, places };
      if (collecting === null || untilMonoMs < collecting.untilMonoMs)
        collecting = { kind: 'wait', untilMonoMs, drops, reason, head };
      passed.push(next);
      continue;
    }
    if (collecting === null) return formLiveBatch(scheduler, nowMonoMs, drops, head, queue, passed);
    const earlier = passed.find((one) => one.stream.group === stream.group);
    if (earlier !== undefined) {
      // It does not wait any longer, so those of its kind run with it.
      passed.push(next);
      const first = { next: earlier, deadlineMonoMs: deadlineMonoMs(earlier.stream, earlier.ticket), aloneMs };
      return formLiveBatch(scheduler, nowMonoMs, drops, first, queue, passed);
    }
    if (nowMonoMs + aloneMs + collecting.head.aloneMs <= collecting.head.deadlineMonoMs) {
      return formLiveBatch(scheduler, nowMonoMs, drops, head, queue, []);
    }
  }
  if (collecting !== null) {
    const { untilMonoMs, reason } = collecting;
    return { kind: 'wait', untilMonoMs: Math.max(untilMonoMs, nowMonoMs + shortestWaitMs), drops, reason };
  }
  if (unwarmed === null) return null;
  const { modelId, untilMonoMs } = unwarmed;
  return { kind: 'wait', untilMonoMs, drops, reason: { is: 'not-warmed', modelId } };
}

/** What was set for batches of the stream, by its owner or for the lane; null: the cost model decides. */
interface Pin extends CollectWindow {
  /** The size was set too, or follows from a window that was: all up to it are taken. */
  readonly takesAll: boolean;
}

function pinOf({ settings }: Scheduler, { window }: LiveStream): Pin | null {
  if (window !== null) return { ...window, takesAll: true };
  const { liveWindowMs, liveBatch } = settings;
  if (liveWindowMs === 'auto' && liveBatch === 'auto') return null;
  const windowMs = liveWindowMs === 'auto' ? 0 : liveWindowMs;
  if (liveBatch !== 'auto') return { windowMs, batch: liveBatch, takesAll: true };
  return windowMs > 0
    ? { windowMs, batch: largestCollected, takesAll: true }
    : { windowMs, batch: largestBatch, takesAll: false };
}

/**
 * How long the head goes on collecting company by a window that was set: until the largest batch of it that its deadline
 * allows is full, or the head has waited as long as it may. Null: no longer.
 */
function collects(
  scheduler: Scheduler,
  nowMonoMs: number,
  head: LiveHead,
  drops: readonly FrameDrop[],
): { readonly untilMonoMs: number; readonly places: number; readonly waiting: number } | null {
  const { stream, ticket } = head.next;
  const pin = pinOf(scheduler, stream);
  if (pin === null || pin.windowMs <= 0) return null;
  const { costs } = scheduler;
  const roomMs = head.deadlineMonoMs - nowMonoMs;
  const places = largestOn(costs, stream.curve, pin.batch, roomMs) ?? 1;
  const waiting = stream.group.waiting - drops.length;
  if (places === 1 || waiting >= places) return null;
  const runMs = predictAt(costs, stream.curve, exactLadderIndex(places)) ?? head.aloneMs;
  const endMonoMs = readyMonoMs(scheduler.live, stream, ticket) + pin.windowMs;
  const untilMonoMs = Math.min(endMonoMs, head.deadlineMonoMs - runMs);
  return untilMonoMs <= nowMonoMs + windowEndsWithinMs ? null : { untilMonoMs, places, waiting };
}

/**
 * Takes frames that wait already into the head's batch as far as the cost model says that it pays and the earliest
 * deadline (the head's) still holds. Where time grows in step with the batch, as on CPUs, that is one frame.
 */
function formLiveBatch(
  scheduler: Scheduler,
  nowMonoMs: number,
  drops: readonly FrameDrop[],
  head: LiveHead,
  queue: InOrder,
  passed: readonly WaitingFrame[],
): LiveRun | WaitDecision {
  const { stream, ticket } = head.next;
  const roomMs = head.deadlineMonoMs - nowMonoMs;
  const ready = scheduler.live.waiting - drops.length;
  const pin = pinOf(scheduler, stream);
  if (ready === 1 && pin === null) {
    const joins = companionMonoMs(scheduler, nowMonoMs, head);
    if (joins !== null) {
      const reason = { is: 'live-window', camera: joins.camera } as const;
      return { kind: 'wait', untilMonoMs: joins.atMonoMs, drops, reason };
    }
  }
  const sizes = ready === 1 ? alone(head) : sizesFor(scheduler, head, ready, roomMs, pin);
  const tickets = [ticket];
  const others: LiveStream[] = [];
  const wanted = (sizes[sizes.length - 1] as LiveSize).batch;
  if (wanted > 1) {
    // By deadline nobody behind the head is in more of a hurry; by weight, one may be.
    const endMonoMs = nowMonoMs + (sizes[sizes.length - 1] as LiveSize).predictedMs;
    const notBefore = scheduler.live.isFair ? endMonoMs : Number.NEGATIVE_INFINITY;
    gather(tickets, others, head.next, queue, passed, wanted, notBefore);
  }
  const chosen = sizes.length === 1 ? sizes[0] : [...sizes].reverse().find(({ batch }) => batch <= tickets.length);
  const { batch, predictedMs } = chosen as LiveSize;
  tickets.length = batch;
  others.length = batch - 1;
  return runOf(scheduler, nowMonoMs, drops, stream, others, tickets, predictedMs);
}

interface LiveSize {
  readonly batch: number;
  readonly predictedMs: number;
}

const alone = ({ aloneMs }: LiveHead): LiveSize[] => [{ batch: 1, predictedMs: aloneMs }];

/**
 * Batch sizes that end before the head's deadline, each clearly cheaper per frame than the one before it. Where a window or
 * a size was set, all up to that: whoever pins does not ask whether it pays.
 */
function sizesFor({ costs }: Scheduler, head: LiveHead, ready: number, roomMs: number, pin: Pin | null): LiveSize[] {
  const { curve } = head.next.stream;
  const gain = ready * head.aloneMs > roomMs ? worthwhileShareUnderPressure : worthwhileShare;
  const sizes = alone(head);
  let perFrameMs = head.aloneMs;
  const largest = Math.min(ready, pin?.batch ?? largestBatch);
  for (let index = 1; index < batchLadder.length; index += 1) {
    const batch = batchLadder[index] as number;
    if (batch > largest) break;
    const predictedMs = predictAt(costs, curve, index);
    if (predictedMs === null) continue;
    if (predictedMs > roomMs) break;
    if (pin?.takesAll !== true && predictedMs >= gain * perFrameMs * batch) continue;
    perFrameMs = predictedMs / batch;
    sizes.push({ batch, predictedMs });
  }
  return sizes;
}

/** Adds the next frames that may share the head's batch, up to `wanted` in all. */
function gather(
  tickets: Ticket[],
  others: LiveStream[],
  head: WaitingFrame,
  queue: InOrder,
  passed: readonly WaitingFrame[],
  wanted: number,
  notBeforeMonoMs: number,
): void {
  const { group } = head.stream;
  const take = (frame: WaitingFrame): void => {
    if (deadlineMonoMs(frame.stream, frame.ticket) < notBeforeMonoMs) return;
    tickets.push(frame.ticket);
    others.push(frame.stream);
    queue.follow(frame, true);
  };
  queue.follow(head, true);
  for (const frame of passed) {
    if (tickets.length >= wanted) return;
    if (frame !== head && frame.stream.group === group) take(frame);
  }
  for (let looked = 0; tickets.length < wanted && looked < visitsPerPlace * wanted; looked += 1) {
    const next = queue.next();
    if (next === null) return;
    if (next.stream.group === group) take(next);
  }
}

/** The frame worth waiting for, so that two run in one batch: both rules of the cost model and the deadline must agree. */
function companionMonoMs(
  { costs, live }: Scheduler,
  nowMonoMs: number,
  head: LiveHead,
): { readonly camera: string; readonly atMonoMs: number } | null {
  const { curve, group } = head.next.stream;
  const pairMs = predictAt(costs, curve, 1);
  if (pairMs === null || pairMs / 2 >= worthwhileShare * head.aloneMs) return null;
  const next = soonestArrival(live, nowMonoMs);
  if (next?.stream.group !== group) return null;
  const waitMs = next.atMonoMs - nowMonoMs;
  const savedMs = 2 * head.aloneMs - pairMs;
  if (waitMs < shortestWaitMs || waitMs > longestWindowMs || waitMs >= savedMs) return null;
  if (nowMonoMs + waitMs + pairMs > head.deadlineMonoMs) return null;
  return { camera: next.stream.camera.name, atMonoMs: next.atMonoMs };
}

interface WaitingFrame {
  readonly stream: LiveStream;
  readonly ticket: Ticket;
  /** Among the frames of its camera. */
  readonly index: number;
  readonly key: number;
  /** In the row and in the heap of the lane's queue; -1 where it is not in that, as frames behind their camera's oldest. */
  readonly rowPlace: number;
  readonly heapPlace: number;
}

/**
 * Walks the waiting frames in the lane's order without taking any out: the frontier of its queue, in a heap of its own.
 * Most decisions need only the first frame, so the frontier is made when the second is asked for.
 */
class InOrder {
  readonly #live: LiveLane;
  #frontier: KeyedHeap | null = null;
  readonly #entries: WaitingFrame[] = [];
  #first: WaitingFrame | null = null;

  constructor(live: LiveLane) {
    this.#live = live;
  }

  next(): WaitingFrame | null {
    if (this.#first === null) {
      const { heads } = this.#live;
      this.#first = dueIsInRow(heads, dueFirst(heads)) ? this.#inRow(heads.start) : this.#inHeap(0);
      return this.#first;
    }
    const frontier = this.#opened(this.#first);
    const top = heapFirst(frontier);
    if (top < 0) return null;
    heapRemove(frontier, top);
    const entry = this.#entries[top] as WaitingFrame;
    this.#addBehind(frontier, entry);
    return entry;
  }

  /** The frame is served or given up: its camera's next one joins the order, in the latter case in the same place. */
  follow({ stream, index, key }: WaitingFrame, served: boolean): void {
    const ticket = queueAt(stream.waiting, index + 1);
    if (ticket === null || this.#first === null) return;
    const next = this.#live.isFair ? key : deadlineMonoMs(stream, ticket);
    const behind = this.#live.isFair ? key + virtualCostMs(stream) : next;
    const follower = { stream, ticket, index: index + 1, key: served ? behind : Math.min(key, next) };
    this.#add(this.#opened(this.#first), { ...follower, rowPlace: -1, heapPlace: -1 });
  }

  #opened(first: WaitingFrame): KeyedHeap {
    if (this.#frontier === null) {
      this.#frontier = createHeap();
      this.#add(this.#frontier, first.rowPlace < 0 ? this.#inRow(this.#live.heads.start) : this.#inHeap(0));
      this.#addBehind(this.#frontier, first);
    }
    return this.#frontier;
  }

  #inRow(rowPlace: number): WaitingFrame | null {
    const { order, keys, end } = this.#live.heads;
    return rowPlace < end ? this.#oldestOf(order, keys, rowPlace, { rowPlace, heapPlace: -1 }) : null;
  }

  #inHeap(heapPlace: number): WaitingFrame | null {
    const { order, keys, size } = this.#live.heads.heap;
    return heapPlace < size ? this.#oldestOf(order, keys, heapPlace, { rowPlace: -1, heapPlace }) : null;
  }

  #oldestOf(
    order: Int32Array,
    keys: Float64Array,
    place: number,
    places: Pick<WaitingFrame, 'rowPlace' | 'heapPlace'>,
  ): WaitingFrame {
    const stream = this.#live.streams[order[place] as number] as LiveStream;
    return { stream, ticket: stream.waiting.oldest as Ticket, index: 0, key: keys[place] as number, ...places };
  }

  #addBehind(frontier: KeyedHeap, { rowPlace, heapPlace }: WaitingFrame): void {
    if (rowPlace >= 0) this.#add(frontier, this.#inRow(rowPlace + 1));
    if (heapPlace < 0) return;
    this.#add(frontier, this.#inHeap(2 * heapPlace + 1));
    this.#add(frontier, this.#inHeap(2 * heapPlace + 2));
  }

  #add(frontier: KeyedHeap, entry: WaitingFrame | null): void {
    if (entry === null) return;
    this.#entries.push(entry);
    heapSet(frontier, this.#entries.length - 1, entry.key, entry.stream.rank);
  }
}
