import { lateAllowanceMs } from './arrival-forecast.ts';
import { curveOf, predictAt, type CostCurve } from './cost-model.ts';
import { soonestArrival } from './live-lane.ts';
import type { Scheduler } from './scheduler.ts';
import { inputText, type WorkShape } from './work-shape.ts';

/** Even where the SLO is short, the hard cap on a chunk beside cameras does not go below this. */
const leastHardCapMs = 10;
/** In strict mode a chunk may make the next predicted frame wait for at most this share of a live run. */
const strictWaitShare = 0.5;

/** What open cameras leave to the archive now, before it is known what the archive would run. */
export interface RoomBesideCameras {
  /** Until the next predicted live frame; 0 when it is overdue; infinite when no camera has a known rhythm. */
  readonly untilNextMs: number;
  /** By how much it may well come earlier than predicted. */
  readonly earlyMs: number;
  /** Of the next frame's camera; null: none is predicted. */
  readonly camera: string | null;
  /** When the prediction is given up and the room has to be looked at again. */
  readonly reviseMonoMs: number;
  /** A camera is open whose next frame may come at any time. */
  readonly anyTime: boolean;
  /** Until a live batch that collects company must run; infinite when none does. */
  readonly heldMs: number;
  /** Share of the smallest SLO that archive work may use up (beta), and one live run. */
  readonly budgetMs: number;
  readonly liveRunMs: number | null;
}

/** Only to be asked while at least one camera is open. */
export function roomBesideCameras(scheduler: Scheduler, nowMonoMs: number, heldMonoMs: number): RoomBesideCameras {
  const { costs, live, slackShare } = scheduler;
  const next = soonestArrival(live, nowMonoMs);
  const [first] = live.bySource.values();
  const curve = (next?.stream ?? first)?.curve;
  return {
    untilNextMs: next === null ? Number.POSITIVE_INFINITY : Math.max(0, next.atMonoMs - nowMonoMs),
    earlyMs: next === null ? 0 : 2 * next.stream.forecast.deviationMs,
    camera: next?.stream.camera.name ?? null,
    reviseMonoMs:
      next === null
        ? Number.POSITIVE_INFINITY
        : next.atMonoMs + lateAllowanceMs(next.stream.forecast, live.longestLateMs),
    anyTime: live.expected.size < live.bySource.size,
    budgetMs: slackShare.beta * live.smallestSloMs,
    heldMs: heldMonoMs - nowMonoMs,
    liveRunMs: curve === undefined ? null : predictAt(costs, curve, 0),
  };
}

/** How long a chunk may take: the smallest one, and any larger one (never, where only the smallest is allowed). */
export interface ChunkRoom {
  readonly smallestMs: number;
  readonly largerMs: number;
}

/**
 * The room for chunks of this shape. Three bounds:
 * - the promise: a frame that comes as predicted must still be done within its SLO after waiting (beta of the SLO);
 * - the hard cap: predictions may be wrong, so nothing longer than beta of the SLO is ever put in a camera's way;
 * - the added wait W: what the chunk may add to the next predicted frame, by mode. Without this bound a chunk of four
 *   fits every promise and multiplies the live p95 by 4.5. Where no frame is predicted, W is one smallest chunk.
 * The smallest chunk may gamble on the prediction; a larger one would lose too much by it, so it must also fit when the
 * frame comes as early as it sometimes does.
 */
export function roomFor(scheduler: Scheduler, shape: WorkShape, room: RoomBesideCameras): ChunkRoom {
  const { modelId, input } = shape;
  return roomOn(scheduler, curveOf(scheduler.costs, 'archive', modelId, inputText(input)), room);
}

export function roomOn({ costs, settings }: Scheduler, curve: CostCurve, room: RoomBesideCameras): ChunkRoom {
  const chunkMs = predictAt(costs, curve, 0) ?? 0;
  const liveRunMs = room.liveRunMs ?? chunkMs;
  const addedWaitMs = { strict: strictWaitShare * liveRunMs, balanced: chunkMs, throughput: room.budgetMs }[
    settings.mode
  ];
  const promiseMs = (room.anyTime ? 0 : room.untilNextMs) + room.budgetMs - liveRunMs;
  const hardCapMs = Math.max(leastHardCapMs, room.budgetMs, chunkMs);
  const smallestMs = Math.min(promiseMs, hardCapMs, room.untilNextMs + addedWaitMs, room.heldMs);
  const onlySmallest = room.anyTime && settings.mode !== 'throughput';
  return { smallestMs, largerMs: onlySmallest ? Number.NEGATIVE_INFINITY : smallestMs - room.earlyMs };
}

/** No camera is open: nobody waits. */
export const unlimitedRoom: ChunkRoom = { smallestMs: Number.POSITIVE_INFINITY, largerMs: Number.POSITIVE_INFINITY };
