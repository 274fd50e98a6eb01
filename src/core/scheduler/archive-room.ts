import { isSpent } from './answer-budget.ts';
import { nextExpected } from './arrival-forecast.ts';
import { expectedWithin, idleWithinMs, type ExpectedArrival } from './arrival-risk.ts';
import { curveOf, predictAt, type CostCurve } from './cost-model.ts';
import { arrivalsUntil, soonestArrival } from './live-lane.ts';
import type { Scheduler } from './scheduler.ts';
import { inputText, type WorkShape } from './work-shape.ts';

/** Even where the SLO is short, the hard cap on a chunk beside cameras does not go below this. */
const leastHardCapMs = 10;
/** While an overdue frame is awaited, its chances are weighed anew this often. */
const lookAgainMs = 1;
/** More frames than this within one chunk are too many anyway. */
const mostArrivals = 16;
/** In strict mode a chunk may make the next predicted frame wait for at most this share of a live run. */
const strictWaitShare = 0.5;

/** A chunk that a frame may have to wait for leaves it a tenth of its promise: where the model errs, that is what it may err by. */
const safeShare = 0.9;

/** Frames that are predicted for later than this after a chunk hardly ever come before its end. */
const earliestMs = 50;
/** Of a normal distribution: standard deviation / mean absolute deviation. */
const sigmaOfMeanDeviation = 1.25;
/** No clock and no decoder is more punctual than this. */
const leastSigmaMs = 0.3;

/** What open cameras leave to the archive now, before it is known what the archive would run. */
export interface RoomBesideCameras {
  /** Until the next predicted live frame; 0 when it is overdue; infinite when no camera has a known rhythm. */
  readonly untilNextMs: number;
  /** By how much it may well come earlier than predicted. */
  readonly earlyMs: number;
  /** Of the next frame's camera; null: none is predicted. */
  readonly camera: string | null;
  /** All that may come while a smallest chunk runs, in no order. */
  readonly arrivals: readonly ExpectedArrival[];
  /** When the prediction is given up and the room has to be looked at again. */
  readonly reviseMonoMs: number;
  /** A camera is open whose next frame may come at any time. */
  readonly anyTime: boolean;
  /** Until a live batch that collects company must run; infinite when none does. */
  readonly heldMs: number;
  /**
   * Beside such cameras the archive has broken more promises than it may: it has its floor until that is made good. Other
   * cameras have a forecast, by which chunks keep out of their way.
   */
  readonly isSpent: boolean;
  /** Share of the smallest SLO that archive work may use up (beta), and one live run. */
  readonly budgetMs: number;
  readonly liveRunMs: number | null;
  /** The same for a smallest chunk. Beside cameras without a rhythm nearly all that their promises leave: what it breaks is measured. */
  readonly smallestBudgetMs: number;
}

/** Only to be asked while at least one camera is open. */
export function roomBesideCameras(scheduler: Scheduler, nowMonoMs: number, heldMonoMs: number): RoomBesideCameras {
  const { costs, live, slackShare } = scheduler;
  const next = soonestArrival(live, nowMonoMs);
  const [first] = live.bySource.values();
  const curve = (next?.stream ?? first)?.curve;
  const anyTime = live.expected.size < live.bySource.size;
  const budgetMs = slackShare.beta * live.smallestSloMs;
  const leftMs = Math.min(live.smallestSloMs, slackShare.answers.readyLeftMs);
  return {
    untilNextMs: next === null ? Number.POSITIVE_INFINITY : Math.max(0, next.atMonoMs - nowMonoMs),
    earlyMs: next === null ? 0 : 2 * nextExpected(live.forecasts, next.stream.id, nowMonoMs).deviationMs,
    camera: next?.stream.camera.name ?? null,
    arrivals: expectedArrivals(scheduler, nowMonoMs, 2 * (curve === undefined ? 0 : (predictAt(costs, curve, 0) ?? 0))),
    // An overdue frame is looked at again and again: at some point it counts as lost.
    reviseMonoMs: next === null ? Number.POSITIVE_INFINITY : Math.max(next.atMonoMs, nowMonoMs + lookAgainMs),
    anyTime,
    isSpent: anyTime && isSpent(slackShare.answers),
    budgetMs,
    smallestBudgetMs: anyTime ? Math.max(budgetMs, safeShare * leftMs) : budgetMs,
    heldMs: heldMonoMs - nowMonoMs,
    liveRunMs: curve === undefined ? null : predictAt(costs, curve, 0),
  };
}

/** What is expected within `reachMs`, and what may come so early that it falls into it. */
function expectedArrivals({ live }: Scheduler, nowMonoMs: number, reachMs: number): ExpectedArrival[] {
  const farthestMs = reachMs + earliestMs;
  return arrivalsUntil(live, nowMonoMs, nowMonoMs + farthestMs, mostArrivals).map(({ stream }) => {
    const { atMonoMs, deviationMs, otherwise } = nextExpected(live.forecasts, stream.id, nowMonoMs);
    const sigmaMs = Math.max(leastSigmaMs, sigmaOfMeanDeviation * deviationMs);
    return { inMs: atMonoMs - nowMonoMs, sigmaMs, otherwise };
  });
}

/** How long a chunk may take: the smallest one, and any larger one (never, where only the smallest is allowed). */
export interface ChunkRoom {
  readonly smallestMs: number;
  readonly largerMs: number;
}

/**
 * The room for chunks of this shape. Three bounds:
 * - the promise: a frame that comes as predicted must still be done within its SLO after waiting (beta of the SLO). A camera
 *   without a rhythm may send one at once; beside it a smallest chunk may take nearly all of the SLO (`answer-budget.ts`);
 * - the hard cap: predictions may be wrong, so nothing longer than beta of the SLO is ever put in a camera's way;
 * - the added wait W: what the chunk may add to the next predicted frame, by mode. Without this bound a chunk of four
 *   fits every promise and multiplies the live p95 by 4.5. Where no frame is predicted, W is one smallest chunk.
 * In strict mode the smallest chunk is weighed by the chances instead: the frames that are likely to come while they would
 * have to wait for more than W, against the idleness that it saves (`risk-price.ts`). That also tells how long a frame that
 * is late is worth waiting for. A larger chunk would lose too much by a gamble: it must fit, also when the frame comes as
 * early as it sometimes does.
 */
export function roomFor(scheduler: Scheduler, shape: WorkShape, room: RoomBesideCameras): ChunkRoom {
  const { modelId, input } = shape;
  return roomOn(scheduler, curveOf(scheduler.costs, 'archive', modelId, inputText(input)), room);
}

export function roomOn({ costs, settings, risk }: Scheduler, curve: CostCurve, room: RoomBesideCameras): ChunkRoom {
  const chunkMs = predictAt(costs, curve, 0) ?? 0;
  const liveRunMs = room.liveRunMs ?? chunkMs;
  const addedWaitMs = { strict: strictWaitShare * liveRunMs, balanced: chunkMs, throughput: room.budgetMs }[
    settings.mode
  ];
  const soonestMs = room.anyTime ? 0 : room.untilNextMs;
  const hardCapMs = Math.max(leastHardCapMs, room.budgetMs, chunkMs);
  const boundWith = (budgetMs: number): number => Math.min(soonestMs + budgetMs - liveRunMs, hardCapMs, room.heldMs);
  const boundMs = boundWith(room.smallestBudgetMs);
  const forecastMs = room.untilNextMs + addedWaitMs;
  const byForecastMs = Math.min(boundMs, forecastMs);
  const smallestMs =
    settings.mode !== 'strict' || room.arrivals.length === 0
      ? byForecastMs
      : isWorthTheRisk(room.arrivals, chunkMs, addedWaitMs, risk.price)
        ? Math.min(boundMs, Math.max(chunkMs, byForecastMs))
        : Math.min(chunkMs * leastShort, byForecastMs);
  const onlySmallest = room.anyTime && settings.mode !== 'throughput';
  return {
    smallestMs,
    largerMs: onlySmallest
      ? Number.NEGATIVE_INFINITY
      : Math.min(smallestMs, forecastMs, boundWith(room.budgetMs)) - room.earlyMs,
  };
}

/** A chunk that is not let in is short of room by at least this much, whatever the forecast alone would leave. */
const leastShort = 0.99;

function isWorthTheRisk(
  arrivals: readonly ExpectedArrival[],
  chunkMs: number,
  allowedWaitMs: number,
  price: number,
): boolean {
  const delayed = expectedWithin(arrivals, chunkMs - allowedWaitMs);
  return delayed <= price && delayed * chunkMs <= price * idleWithinMs(arrivals, chunkMs);
}

/** No camera is open: nobody waits. */
export const unlimitedRoom: ChunkRoom = { smallestMs: Number.POSITIVE_INFINITY, largerMs: Number.POSITIVE_INFINITY };
