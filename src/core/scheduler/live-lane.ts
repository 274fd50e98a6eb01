import type { CameraSettings, DropReason } from '../../shared/domain/camera.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import { arrived, createForecast, isPredictable, nextArrivalMonoMs, type ArrivalForecast } from './arrival-forecast.ts';
import type { FrameDrop } from './decision.ts';
import { createHeap, heapRemove, heapSet, type KeyedHeap } from './keyed-heap.ts';
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
  /** Among equal deadlines the heavier camera goes first. */
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

export interface LiveStream {
  /** Small number by which the heaps know the stream; used again after it is closed. */
  readonly id: number;
  readonly camera: CameraAdmission;
  readonly rank: number;
  readonly group: LiveGroup;
  /** Oldest first, at most `maxWaiting`; and when each was heard of. */
  readonly waiting: Ticket[];
  readonly heardMonoMs: number[];
  readonly maxWaiting: number;
  /**
   * Deadline of the first frame given up since the camera was last served; infinite when there is none. The camera keeps
   * the place of that frame: if its newer frames took their own, a camera whose frames are always pushed out before
   * their turn would never be served.
   */
  turnMonoMs: number;
  readonly forecast: ArrivalForecast;
}

export interface LiveLane {
  readonly streams: (LiveStream | null)[];
  readonly bySource: Map<string, LiveStream>;
  readonly freeIds: number[];
  readonly groups: Map<string, LiveGroup>;
  /** Streams with waiting frames, by the deadline of their oldest or the turn they keep. */
  readonly heads: KeyedHeap;
  /** Streams with a known rhythm, by the next frame expected when the key was set. */
  readonly expected: KeyedHeap;
  waiting: number;
  /** Of all open cameras; infinite when none is open. */
  smallestSloMs: number;
  /** How long an overdue frame is awaited at most: the slot stands still for it, which pays for part of a live run. */
  longestLateMs: number;
}

const ranks = { critical: 0, normal: 1, low: 2 } as const;

export const createLiveLane = (): LiveLane => ({
  streams: [],
  bySource: new Map(),
  freeIds: [],
  groups: new Map(),
  heads: createHeap(),
  expected: createHeap(),
  waiting: 0,
  smallestSloMs: Number.POSITIVE_INFINITY,
  longestLateMs: Number.POSITIVE_INFINITY,
});

export const deadlineMonoMs = (stream: LiveStream, ticket: Ticket): number =>
  ticket.deadlineMonoMs ?? ticket.capturedMonoMs + stream.camera.sloMs;

/** A camera that is open already is closed first: its waiting frames were made for other settings. */
export function openStream(lane: LiveLane, camera: CameraAdmission): FrameDrop[] {
  const drops = closeStream(lane, camera.source);
  const id = lane.freeIds.pop() ?? lane.streams.length;
  const { compatKey } = camera.shape;
  const group = lane.groups.get(compatKey) ?? { compatKey, waiting: 0, streams: 0 };
  lane.groups.set(compatKey, group);
  group.streams += 1;
  const stream = {
    id,
    camera,
    rank: ranks[camera.weight],
    group,
    waiting: [],
    heardMonoMs: [],
    maxWaiting: Math.max(1, camera.maxWaiting ?? maxWaitingPerCamera),
    turnMonoMs: Number.POSITIVE_INFINITY,
    forecast: createForecast(),
  };
  lane.streams[id] = stream;
  lane.bySource.set(camera.source, stream);
  lane.smallestSloMs = Math.min(lane.smallestSloMs, camera.sloMs);
  return drops;
}

export function closeStream(lane: LiveLane, source: string): FrameDrop[] {
  const stream = lane.bySource.get(source);
  if (stream === undefined) return [];
  const drops = dropAll(lane, stream, 'stopped');
  heapRemove(lane.expected, stream.id);
  stream.group.streams -= 1;
  if (stream.group.streams === 0) lane.groups.delete(stream.group.compatKey);
  lane.bySource.delete(source);
  lane.streams[stream.id] = null;
  lane.freeIds.push(stream.id);
  lane.smallestSloMs = Number.POSITIVE_INFINITY;
  for (const { camera } of lane.bySource.values()) lane.smallestSloMs = Math.min(lane.smallestSloMs, camera.sloMs);
  return drops;
}

/** Takes the frame in; answers the frame that had to give way, if any (the frame itself where its camera is closed). */
export function admitFrame(
  lane: LiveLane,
  ticket: Ticket,
  silentUntilMonoMs: number,
  nowMonoMs: number,
): FrameDrop | null {
  const stream = lane.bySource.get(ticket.source);
  if (stream === undefined) return dropOf(ticket, 'stopped');
  arrived(stream.forecast, ticket.capturedMonoMs, silentUntilMonoMs, nowMonoMs);
  expectNext(lane, stream, nowMonoMs);
  const pushedOut = stream.waiting.length === stream.maxWaiting ? takeFirst(lane, stream) : null;
  if (pushedOut !== null) stream.turnMonoMs = Math.min(stream.turnMonoMs, deadlineMonoMs(stream, pushedOut));
  stream.waiting.push(ticket);
  stream.heardMonoMs.push(nowMonoMs);
  stream.group.waiting += 1;
  lane.waiting += 1;
  if (pushedOut !== null || stream.waiting.length === 1) placeHead(lane, stream);
  return pushedOut === null ? null : dropOf(pushedOut, 'queue-full');
}

/** Takes the oldest waiting frame of a camera out of the lane: it is served, or given up. */
export function takeOldest(lane: LiveLane, source: string, served: boolean): Ticket {
  const stream = lane.bySource.get(source);
  if (stream === undefined || stream.waiting.length === 0) throw new Error(`no frame of ${source} is waiting`);
  const ticket = takeFirst(lane, stream);
  stream.turnMonoMs = served ? Number.POSITIVE_INFINITY : Math.min(stream.turnMonoMs, deadlineMonoMs(stream, ticket));
  placeHead(lane, stream);
  return ticket;
}

function takeFirst(lane: LiveLane, stream: LiveStream): Ticket {
  lane.waiting -= 1;
  stream.group.waiting -= 1;
  shift(stream.heardMonoMs);
  return shift(stream.waiting);
}

/** `shift` of an array that mostly holds one or two: several times faster, and this is done for every frame. */
function shift<T>(queue: T[]): T {
  if (queue.length > 2) return queue.shift() as T;
  const last = queue.pop() as T;
  const first = queue[0];
  if (first === undefined) return last;
  queue[0] = last;
  return first;
}

export function dropAll(lane: LiveLane, stream: LiveStream, reason: DropReason): FrameDrop[] {
  const drops = stream.waiting.map((ticket) => dropOf(ticket, reason));
  lane.waiting -= drops.length;
  stream.group.waiting -= drops.length;
  stream.waiting.length = stream.heardMonoMs.length = 0;
  heapRemove(lane.heads, stream.id);
  return drops;
}

export const dropOf = (ticket: Ticket, reason: DropReason): FrameDrop => ({
  frameId: ticket.frameId,
  source: ticket.source,
  reason,
});

/** The camera whose next frame is expected first, and when (past: overdue, but still awaited). Null: no rhythm is known. */
export function soonestArrival(lane: LiveLane, nowMonoMs: number): { stream: LiveStream; atMonoMs: number } | null {
  const { order, keys } = lane.expected;
  let soonest: LiveStream | null = null;
  let atMonoMs = Number.POSITIVE_INFINITY;
  // A key may be out of date only towards the past, so whatever lies under a key that is too late is too late as well.
  const places = order.length === 0 ? [] : [0];
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    const id = order[place];
    if (id === undefined || (keys[id] as number) >= atMonoMs) continue;
    const stream = lane.streams[id] as LiveStream;
    const next = nextArrivalMonoMs(stream.forecast, nowMonoMs, lane.longestLateMs);
    if (next < atMonoMs) [soonest, atMonoMs] = [stream, next];
    places.push(2 * place + 1, 2 * place + 2);
  }
  return soonest === null ? null : { stream: soonest, atMonoMs };
}

/** Brings keys of frames that never came up to date, so that `soonestArrival` stays short. */
export function rollExpected(lane: LiveLane, nowMonoMs: number): void {
  const { order, keys } = lane.expected;
  for (let id = order[0]; id !== undefined; id = order[0]) {
    const stream = lane.streams[id] as LiveStream;
    const next = nextArrivalMonoMs(stream.forecast, nowMonoMs, lane.longestLateMs);
    if (next <= (keys[id] as number)) return;
    heapSet(lane.expected, id, next, stream.rank);
  }
}

function expectNext(lane: LiveLane, stream: LiveStream, nowMonoMs: number): void {
  if (isPredictable(stream.forecast)) {
    heapSet(lane.expected, stream.id, nextArrivalMonoMs(stream.forecast, nowMonoMs, lane.longestLateMs), stream.rank);
  } else heapRemove(lane.expected, stream.id);
}

function placeHead(lane: LiveLane, stream: LiveStream): void {
  const head = stream.waiting[0];
  if (head === undefined) heapRemove(lane.heads, stream.id);
  else heapSet(lane.heads, stream.id, Math.min(stream.turnMonoMs, deadlineMonoMs(stream, head)), stream.rank);
}
