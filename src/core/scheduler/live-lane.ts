import type { CameraSettings, DropReason } from '../../shared/domain/camera.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import { clearArrivals, createArrivalCells, type ArrivalCells } from './arrival-cells.ts';
import { arrived, firstExpectedMonoMs, isPredictable, nextArrivalMonoMs } from './arrival-forecast.ts';
import type { CostCurve } from './cost-model.ts';
import type { FrameDrop } from './decision.ts';
import { createDueQueue, dueRemove, dueSet, type DueQueue } from './due-queue.ts';
import { createHeap, heapFirst, heapHas, heapKey, heapRemove, heapSet, type KeyedHeap } from './keyed-heap.ts';
import { createQueue, queuePush, queueShift, type TicketQueue } from './ticket-queue.ts';
import type { WorkShape } from './work-shape.ts';

/** Older frames of a camera say nothing that the newest two do not: more waiting would only be older results. */
export const maxWaitingPerCamera = 2;

/** Frames of a source are collected until `batch` of them wait or the oldest has waited `windowMs`; its deadline wins. */
export interface CollectWindow {
  readonly windowMs: number;
  readonly batch: number;
}

export interface CameraAdmission {
  readonly source: string;
  /** As operators know it; appears in the reasons of decisions. */
  readonly name: string;
  readonly sloMs: number;
  /** Among equal deadlines the heavier camera goes first; under overload the lighter ones give way (`fairWeights`). */
  readonly weight: CameraSettings['weight'];
  readonly shape: WorkShape;
  /** Bound of its queue; left out: `maxWaitingPerCamera`. A source of unrelated pictures has more of them waiting. */
  readonly maxWaiting?: number;
  /** Overrides the lane's own window for this source; left out or null: what the settings say. */
  readonly window?: CollectWindow | null;
}

/** Frames that may share a call. */
export interface LiveGroup {
  readonly compatKey: string;
  waiting: number;
  streams: number;
}

/** What every frame looks at comes first: it lies in the same lines of memory. */
export interface LiveStream {
  /** Small number by which the heaps know the stream; used again after it is closed. */
  readonly id: number;
  /** 0 critical, 1 normal, 2 low. */
  readonly rank: number;
  readonly sloMs: number;
  readonly window: CollectWindow | null;
  readonly group: LiveGroup;
  /** What its frames cost in the live lane. */
  readonly curve: CostCurve;
  /** Oldest first, at most `maxWaiting`. */
  readonly waiting: TicketQueue;
  isOpen: boolean;
  /** It keeps the place of a frame that was given up: see `turnMonoMs`. */
  keepsTurn: boolean;
  /** Shedding: only every second frame is taken in; the next one is left out. */
  isHalved: boolean;
  leavesNextOut: boolean;
  /** Frames heard of, and of these given up by shedding, since `Shedding` last looked. */
  heard: number;
  shed: number;
  readonly maxWaiting: number;
  readonly camera: CameraAdmission;
  /**
   * Deadline of the first frame given up since the camera was last served; meaningful while `keepsTurn`. If its newer frames
   * took their own places, a camera whose frames are always pushed out before their turn would never be served.
   */
  turnMonoMs: number;
  /**
   * Under overload: the weighted virtual time at which its next frame is to be done, and at which the one before was. A
   * frame that is given up leaves its place to the next one of the camera. Equal: no frame has a place.
   */
  dueVirtualMs: number;
  doneVirtualMs: number;
  /** Whether its tickets tell what moved, and how many frames in a row were left out because nothing did. */
  tellsMotion: boolean;
  quietInRow: number;
}

export interface LiveLane {
  readonly streams: (LiveStream | null)[];
  readonly bySource: Map<string, LiveStream>;
  readonly freeIds: number[];
  readonly groups: Map<string, LiveGroup>;
  /** Streams with waiting frames: by the deadline of their oldest or the turn they keep, or by `dueVirtualMs`. */
  readonly heads: DueQueue;
  /** Streams with a known rhythm, by the next frame expected when the key was set: true, or too early. */
  readonly expected: KeyedHeap;
  /** When the next frames are due, by stream number. */
  readonly forecasts: ArrivalCells;
  waiting: number;
  /** Of all open cameras, and of critical ones; infinite when none is open. */
  smallestSloMs: number;
  criticalSloMs: number;
  /** Cameras ask for more than there is: shares by weight take the place of deadlines. */
  isFair: boolean;
  /** Virtual start of the frame served last. */
  virtualMs: number;
}

const ranks = { critical: 0, normal: 1, low: 2 } as const;

/**
 * Shares of the device under overload, by rank. Far apart, so that lighter cameras give way nearly whole before a heavier
 * one does; not endless, so that none is silent for ever (ten busy normal cameras leave a low one every hundredth run).
 */
export const fairWeights = [100, 10, 1] as const;

/**
 * Cameras that are due at the same virtual time, as equals mostly are, go by deadline: so little of it is added that it decides
 * nothing else (those that wait lie within seconds, and frames of a millisecond are due a hundredth apart at least).
 */
const tieShare = 1e-6;

export const createLiveLane = (): LiveLane => ({
  streams: [],
  bySource: new Map(),
  freeIds: [],
  groups: new Map(),
  heads: createDueQueue(),
  expected: createHeap(),
  forecasts: createArrivalCells(),
  waiting: 0,
  smallestSloMs: Number.POSITIVE_INFINITY,
  criticalSloMs: Number.POSITIVE_INFINITY,
  isFair: false,
  virtualMs: 0,
});

/**
 * When it could be had. Everything here counts from then on: a frame is not given up for what nobody here can change, though
 * its latency is what it is.
 */
export const hadMonoMs = ({ capturedMonoMs, heldMs }: Ticket): number => capturedMonoMs + (heldMs ?? 0);

/** A picture that was handed in with a deadline of its own keeps that one. */
export const deadlineMonoMs = (stream: LiveStream, ticket: Ticket): number =>
  ticket.deadlineMonoMs ?? hadMonoMs(ticket) + stream.sloMs;

/** From when on the frame could have been run: a slot that is busy hears of it later. */
export const readyMonoMs = ({ forecasts }: LiveLane, { id }: LiveStream, ticket: Ticket): number =>
  hadMonoMs(ticket) + (forecasts.lagsMs[id] as number);

/** A camera that is open already is closed first: its waiting frames were made for other settings. */
export function openStream(lane: LiveLane, camera: CameraAdmission, curve: CostCurve): FrameDrop[] {
  const drops = closeStream(lane, camera.source);
  const id = lane.freeIds.pop() ?? lane.streams.length;
  const { compatKey } = camera.shape;
  const group = lane.groups.get(compatKey) ?? { compatKey, waiting: 0, streams: 0 };
  lane.groups.set(compatKey, group);
  group.streams += 1;
  const maxWaiting = Math.max(1, camera.maxWaiting ?? maxWaitingPerCamera);
  const stream: LiveStream = {
    id,
    rank: ranks[camera.weight],
    sloMs: camera.sloMs,
    window: camera.window ?? null,
    group,
    curve,
    waiting: createQueue(maxWaiting),
    isOpen: true,
    keepsTurn: false,
    isHalved: false,
    leavesNextOut: false,
    heard: 0,
    shed: 0,
    maxWaiting,
    camera,
    turnMonoMs: Number.POSITIVE_INFINITY,
    dueVirtualMs: lane.virtualMs,
    doneVirtualMs: lane.virtualMs,
    tellsMotion: false,
    quietInRow: 0,
  };
  lane.streams[id] = stream;
  clearArrivals(lane.forecasts, id);
  lane.bySource.set(camera.source, stream);
  noteSlo(lane, stream);
  return drops;
}

export function closeStream(lane: LiveLane, source: string): FrameDrop[] {
  const stream = lane.bySource.get(source);
  if (stream === undefined) return [];
  const drops = dropAll(lane, stream, 'stopped');
  stream.isOpen = false;
  heapRemove(lane.expected, stream.id);
  stream.group.streams -= 1;
  if (stream.group.streams === 0) lane.groups.delete(stream.group.compatKey);
  lane.bySource.delete(source);
  lane.streams[stream.id] = null;
  lane.freeIds.push(stream.id);
  lane.smallestSloMs = lane.criticalSloMs = Number.POSITIVE_INFINITY;
  for (const open of lane.bySource.values()) noteSlo(lane, open);
  return drops;
}

function noteSlo(lane: LiveLane, { sloMs, rank }: LiveStream): void {
  lane.smallestSloMs = Math.min(lane.smallestSloMs, sloMs);
  if (rank === ranks.critical) lane.criticalSloMs = Math.min(lane.criticalSloMs, sloMs);
}

/** A frame of the stream came, whatever becomes of it: its rhythm is known better. */
export function noteArrival(
  lane: LiveLane,
  stream: LiveStream,
  capturedMonoMs: number,
  silentUntilMonoMs: number,
  nowMonoMs: number,
): void {
  stream.heard += 1;
  arrived(lane.forecasts, stream.id, capturedMonoMs, silentUntilMonoMs, nowMonoMs);
  expectNext(lane, stream, nowMonoMs);
}

/** Takes the frame in; answers the frame that had to give way, if any. */
export function admitFrame(lane: LiveLane, stream: LiveStream, ticket: Ticket): FrameDrop | null {
  const { waiting } = stream;
  const pushedOut = waiting.size === stream.maxWaiting ? takeFirst(lane, stream) : null;
  queuePush(waiting, ticket);
  stream.group.waiting += 1;
  lane.waiting += 1;
  if (pushedOut === null) {
    if (waiting.size === 1) placeHead(lane, stream, ticket);
    return null;
  }
  keepTurn(stream, pushedOut);
  placeHead(lane, stream, waiting.oldest);
  return dropOf(pushedOut, 'queue-full');
}

/** Takes the oldest waiting frame of a camera out of the lane: it is served, or given up. */
export function takeOldest(lane: LiveLane, stream: LiveStream, served: boolean): Ticket {
  if (stream.waiting.size === 0) throw new Error(`no frame of ${stream.camera.source} is waiting`);
  const ticket = takeFirst(lane, stream);
  if (served) {
    stream.keepsTurn = false;
    if (lane.isFair) {
      lane.virtualMs = Math.max(lane.virtualMs, stream.dueVirtualMs - virtualCostMs(stream));
      stream.doneVirtualMs = stream.dueVirtualMs;
    }
  } else keepTurn(stream, ticket);
  placeHead(lane, stream, stream.waiting.oldest);
  return ticket;
}

/** The stream's frame was given up. */
function keepTurn(stream: LiveStream, gone: Ticket): void {
  const deadline = deadlineMonoMs(stream, gone);
  stream.turnMonoMs = stream.keepsTurn ? Math.min(stream.turnMonoMs, deadline) : deadline;
  stream.keepsTurn = true;
}

function takeFirst(lane: LiveLane, stream: LiveStream): Ticket {
  lane.waiting -= 1;
  stream.group.waiting -= 1;
  return queueShift(stream.waiting);
}

export function dropAll(lane: LiveLane, stream: LiveStream, reason: DropReason): FrameDrop[] {
  const drops: FrameDrop[] = [];
  while (stream.waiting.size > 0) drops.push(dropOf(takeFirst(lane, stream), reason));
  dueRemove(lane.heads, stream.id);
  return drops;
}

export const dropOf = (ticket: Ticket, reason: DropReason): FrameDrop => ({
  frameId: ticket.frameId,
  source: ticket.source,
  reason,
});

/** Between deadlines and shares by weight. Every waiting camera gets a new place; what it had earned is forgotten. */
export function setFair(lane: LiveLane, isFair: boolean): void {
  if (lane.isFair === isFair) return;
  lane.isFair = isFair;
  for (const stream of lane.bySource.values()) {
    stream.dueVirtualMs = stream.doneVirtualMs = lane.virtualMs;
    placeHead(lane, stream, stream.waiting.oldest);
  }
}

/** Device time of one frame, stretched by what the camera's weight is below the heaviest. */
export function virtualCostMs({ curve, rank }: LiveStream): number {
  const runMs = curve.q50Ms[0] as number;
  return (runMs > 0 ? runMs : 1) / (fairWeights[rank] as number);
}

/** Where the oldest frame of the stream stands among the others' (less: earlier). */
export function headKey(lane: LiveLane, stream: LiveStream, head: Ticket): number {
  const deadline = deadlineMonoMs(stream, head);
  const turn = stream.keepsTurn ? Math.min(stream.turnMonoMs, deadline) : deadline;
  return lane.isFair ? stream.dueVirtualMs + tieShare * turn : turn;
}

/** `head`: the stream's oldest waiting frame. */
function placeHead(lane: LiveLane, stream: LiveStream, head: Ticket | null): void {
  if (head === null) {
    dueRemove(lane.heads, stream.id);
    return;
  }
  if (lane.isFair && stream.dueVirtualMs <= stream.doneVirtualMs) {
    stream.dueVirtualMs = Math.max(lane.virtualMs, stream.doneVirtualMs) + virtualCostMs(stream);
  }
  dueSet(lane.heads, stream.id, headKey(lane, stream, head), stream.rank);
}

/** The camera whose next frame is expected first, and when (past: overdue, but still awaited). Null: no rhythm is known. */
export function soonestArrival(lane: LiveLane, nowMonoMs: number): { stream: LiveStream; atMonoMs: number } | null {
  const { order, keys, size } = lane.expected;
  let soonest: LiveStream | null = null;
  let atMonoMs = Number.POSITIVE_INFINITY;
  // A key may be out of date only towards the past, so whatever lies under a key that is too late is too late as well.
  const places = size === 0 ? [] : [0];
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    if (place >= size || (keys[place] as number) >= atMonoMs) continue;
    const stream = lane.streams[order[place] as number] as LiveStream;
    const next = nextArrivalMonoMs(lane.forecasts, stream.id, nowMonoMs);
    if (next < atMonoMs) [soonest, atMonoMs] = [stream, next];
    places.push(2 * place + 1, 2 * place + 2);
  }
  return soonest === null ? null : { stream: soonest, atMonoMs };
}

/** The next arrivals that are expected before `untilMonoMs`, in no order, at most `most` of them. */
export function arrivalsUntil(
  lane: LiveLane,
  nowMonoMs: number,
  untilMonoMs: number,
  most: number,
): { readonly stream: LiveStream; readonly atMonoMs: number }[] {
  const { order, keys, size } = lane.expected;
  const found: { stream: LiveStream; atMonoMs: number }[] = [];
  const places = size === 0 ? [] : [0];
  for (let place = places.pop(); place !== undefined && found.length < most; place = places.pop()) {
    if (place >= size || (keys[place] as number) >= untilMonoMs) continue;
    const stream = lane.streams[order[place] as number] as LiveStream;
    const atMonoMs = nextArrivalMonoMs(lane.forecasts, stream.id, nowMonoMs);
    if (atMonoMs < untilMonoMs) found.push({ stream, atMonoMs });
    places.push(2 * place + 1, 2 * place + 2);
  }
  return found;
}

/** Brings keys that lie in the past up to date, so that `soonestArrival` stays short; only who asks it pays for it. */
export function rollExpected(lane: LiveLane, nowMonoMs: number): void {
  const { expected } = lane;
  for (let id = heapFirst(expected); id >= 0; id = heapFirst(expected)) {
    const stream = lane.streams[id] as LiveStream;
    const next = nextArrivalMonoMs(lane.forecasts, stream.id, nowMonoMs);
    if (next <= (expected.keys[0] as number)) return;
    heapSet(expected, id, next, stream.rank);
  }
}

function expectNext({ expected, forecasts }: LiveLane, { id, rank }: LiveStream, nowMonoMs: number): void {
  if (!isPredictable(forecasts, id)) {
    heapRemove(expected, id);
    return;
  }
  // Its old key is earlier still, as a rule, and may stay until somebody asks.
  if (heapHas(expected, id) && firstExpectedMonoMs(forecasts, id) >= heapKey(expected, id)) return;
  heapSet(expected, id, nextArrivalMonoMs(forecasts, id, nowMonoMs), rank);
}
