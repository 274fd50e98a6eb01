import {
  capturedInRhythm,
  hasPauses,
  hasTwo,
  longInterval,
  nextInterval,
  pausesVary,
  type ExpectedInterval,
} from './arrival-bursts.ts';
import * as column from './arrival-cells.ts';
import type { ArrivalCells } from './arrival-cells.ts';

/*
 * When a camera's next frame is due. A second-order tracking (alpha-beta) filter over capture times, which locks on to
 * the camera's rhythm and is not shaken by the jitter of one frame, plus the time a frame takes from capture to ticket. Where
 * no single beat explains the captures, or one with long pauses, the two distances they have (`arrival-bursts.ts`).
 *
 * All functions take what is known of all cameras, and the number of one (`arrival-cells.ts`).
 */

/** A frame that may come next, and how sure that is. */
export interface Expected {
  /** The ticket. May lie in the recent past; infinite: the camera has been silent for so long that nothing is expected. */
  readonly atMonoMs: number;
  /** Mean absolute deviation. */
  readonly deviationMs: number;
  /** Chance that it never comes, or not then. */
  readonly otherwise: number;
}

const arrivalsUntilTrusted = 4;
/**
 * A rhythm whose deviation is above this share of its period says little about the next frame. Arrivals without any
 * rhythm deviate by a quarter of whatever period is assumed; the limit keeps three standard deviations of that away.
 */
const unpredictableShare = 0.15;
const phaseGain = 0.3;
const periodGain = 0.05;
const deviationGain = 0.1;
const lagGain = 0.2;
/** From here on the steady gains are the larger ones. */
const arrivalsUntilSteady = 16;
/** Decoding takes a little longer now and then, even for the most punctual camera. */
const leastLateMs = 3;
/** In mean deviations: nearly three standard deviations. */
const lateDeviations = 3.5;
const mostLateShare = 0.45;
/** A camera that left out so many beats, and for so long, has stopped sending. */
const silentPeriods = 10;
const leastSilentMs = 500;
/** Share of expected frames that never come (lost, or left out by the camera): what ends the waiting for one. */
const missingShare = 0.02;
const unsteadyCaptures = 16;
const unsteadyShare = 0.05;
/** Two distances say more than a beat that deviates by more than so many of their deviations. */
const clearlyTighter = 2;

/**
 * A ticket came at `nowMonoMs`; up to `silentUntilMonoMs` it had not been there. The two are equal for a slot that was
 * idle. While a run goes on nobody is heard, so then only an interval is known: taking its end for the arrival would
 * expect each frame a little later than the last one was kept waiting, and so keep the next one waiting longer.
 */
export function arrived(
  { cells, lagsMs }: ArrivalCells,
  id: number,
  capturedMonoMs: number,
  silentUntilMonoMs: number,
  nowMonoMs: number,
): void {
  const at = id * column.cellsPerStream;
  const mostMs = Math.max(0, nowMonoMs - capturedMonoMs);
  const leastMs = Math.min(mostMs, Math.max(0, silentUntilMonoMs - capturedMonoMs));
  const lagBeforeMs = lagsMs[id] as number;
  const lagMs = Math.min(mostMs, Math.max(leastMs, lagBeforeMs));
  const before = cells[at + column.arrivals] as number;
  const phase = cells[at + column.phaseMonoMs] as number;
  const period = cells[at + column.periodMs] as number;
  let expectedLagMs = lagBeforeMs;
  if (before === 0) {
    cells[at + column.phaseMonoMs] = capturedMonoMs;
    expectedLagMs = leastMs;
  } else if (period <= 0) {
    cells[at + column.periodMs] = Math.max(0, capturedMonoMs - phase);
    cells[at + column.phaseMonoMs] = capturedMonoMs;
  } else {
    const deviation = cells[at + column.deviationMs] as number;
    // Frames that never became tickets leave a gap of whole periods: no reason to believe in a slower camera.
    const sinceMs = capturedMonoMs - phase;
    const steps = sinceMs < 1.5 * period ? 1 : Math.round(sinceMs / period);
    if (steps > 1 || deviation > unsteadyShare * period) cells[at + column.unsteady] = unsteadyCaptures;
    else cells[at + column.unsteady] = Math.max(0, (cells[at + column.unsteady] as number) - 1);
    const error = capturedMonoMs - (phase + steps * period);
    const isNew = before < arrivalsUntilSteady;
    // At first the gains of a least-squares line through all captures, until they have fallen to the steady ones.
    const captures = before + 1;
    const phaseStep = isNew ? Math.max(phaseGain, (2 * (2 * captures - 1)) / (captures * (captures + 1))) : phaseGain;
    const periodStep = isNew ? Math.max(periodGain, 6 / (captures * (captures + 1))) : periodGain;
    cells[at + column.phaseMonoMs] = capturedMonoMs - (1 - phaseStep) * error;
    cells[at + column.periodMs] = Math.max(0, period + (periodStep * error) / steps);
    // A plain mean at first: a new camera is not taken for a punctual one.
    const gain = isNew ? Math.max(deviationGain, 1 / (before - 1)) : deviationGain;
    cells[at + column.deviationMs] = deviation + gain * (Math.abs(error) - deviation);
  }
  // An exact one counts for a part, a bound that was broken for all.
  lagsMs[id] = expectedLagMs + (leastMs === mostMs ? lagGain : 1) * (lagMs - expectedLagMs);
  cells[at + column.arrivals] = before + 1;
  capturedInRhythm(cells, at, capturedMonoMs, (cells[at + column.unsteady] as number) > 0);
}

export function isPredictable({ cells }: ArrivalCells, id: number): boolean {
  const at = id * column.cellsPerStream;
  return comesInBursts(cells, at) || hasBeat(cells, at);
}

/** Left-out frames make pauses too, but short ones; and for those the beat, which is filtered, says more. */
function comesInBursts(cells: Float64Array, at: number): boolean {
  if (!hasTwo(cells, at)) return false;
  if (hasPauses(cells, at) || !hasBeat(cells, at)) return true;
  const deviation = Math.max(
    cells[at + column.shortDeviationMs] as number,
    cells[at + column.longDeviationMs] as number,
  );
  return clearlyTighter * deviation < (cells[at + column.deviationMs] as number);
}

function hasBeat(cells: Float64Array, at: number): boolean {
  const period = cells[at + column.periodMs] as number;
  return (
    (cells[at + column.arrivals] as number) >= arrivalsUntilTrusted &&
    period > 0 &&
    (cells[at + column.deviationMs] as number) <= unpredictableShare * period
  );
}

/**
 * How long past its time a frame still counts as expected: as late as hardly any comes. Whether it is worth waiting for is
 * another question (see archive-room).
 */
export function lateAllowanceMs({ cells }: ArrivalCells, id: number): number {
  const at = id * column.cellsPerStream;
  return allowanceMs(cells[at + column.deviationMs] as number, cells[at + column.periodMs] as number);
}

const allowanceMs = (meanDeviationMs: number, intervalMs: number): number =>
  Math.min(Math.max(leastLateMs, lateDeviations * meanDeviationMs), mostLateShare * intervalMs);

/** The first ticket expected after the newest; `nextArrivalMonoMs` is never earlier. */
export function firstExpectedMonoMs({ cells, lagsMs }: ArrivalCells, id: number): number {
  const at = id * column.cellsPerStream;
  const lagMs = lagsMs[id] as number;
  if (comesInBursts(cells, at))
    return (cells[at + column.lastMonoMs] as number) + nextInterval(cells, at).afterMs + lagMs;
  return (cells[at + column.phaseMonoMs] as number) + (cells[at + column.periodMs] as number) + lagMs;
}

/** The next expected ticket that is not overdue beyond the allowance at `nowMonoMs`, with its chances. */
export function nextExpected({ cells, lagsMs }: ArrivalCells, id: number, nowMonoMs: number): Expected {
  const at = id * column.cellsPerStream;
  const lagMs = lagsMs[id] as number;
  if (!comesInBursts(cells, at)) {
    const atMonoMs = nextBeatMonoMs(cells, at, lagMs, nowMonoMs);
    return { atMonoMs, deviationMs: cells[at + column.deviationMs] as number, otherwise: missingShare };
  }
  const next = intervalAt(cells, at, lagMs, nowMonoMs);
  const atMonoMs = (cells[at + column.lastMonoMs] as number) + lagMs + next.afterMs;
  return { atMonoMs, deviationMs: next.deviationMs, otherwise: next.otherwise };
}

/** `nextExpected`'s time alone. */
export function nextArrivalMonoMs({ cells, lagsMs }: ArrivalCells, id: number, nowMonoMs: number): number {
  const at = id * column.cellsPerStream;
  const lagMs = lagsMs[id] as number;
  if (!comesInBursts(cells, at)) return nextBeatMonoMs(cells, at, lagMs, nowMonoMs);
  return (cells[at + column.lastMonoMs] as number) + lagMs + intervalAt(cells, at, lagMs, nowMonoMs).afterMs;
}

/**
 * The short interval until it is overdue, then the long one, then short ones as if the first frames after it were lost; or,
 * where pauses vary, some time.
 */
function intervalAt(cells: Float64Array, at: number, lagMs: number, nowMonoMs: number): ExpectedInterval {
  const sinceMs = nowMonoMs - (cells[at + column.lastMonoMs] as number) - lagMs;
  const next = nextInterval(cells, at);
  if (sinceMs < next.afterMs + allowanceMs(next.deviationMs, next.afterMs)) return next;
  const long = longInterval(cells, at);
  const overdueMs = sinceMs - (long.afterMs + allowanceMs(long.deviationMs, long.afterMs));
  if (overdueMs < 0) return long;
  if (pausesVary(cells, at) && overdueMs < silentPeriods * long.afterMs)
    return { ...long, afterMs: sinceMs + long.deviationMs };
  const short = cells[at + column.shortMs] as number;
  if (overdueMs > Math.max(silentPeriods * short, leastSilentMs)) return { ...long, afterMs: Number.POSITIVE_INFINITY };
  return { ...long, afterMs: long.afterMs + (Math.floor(overdueMs / short) + 1) * short };
}

function nextBeatMonoMs(cells: Float64Array, at: number, lagMs: number, nowMonoMs: number): number {
  const period = cells[at + column.periodMs] as number;
  const first = (cells[at + column.phaseMonoMs] as number) + period + lagMs;
  const overdueMs = nowMonoMs - (first + allowanceMs(cells[at + column.deviationMs] as number, period));
  if (overdueMs < 0) return first;
  if (overdueMs > Math.max(silentPeriods * period, leastSilentMs)) return Number.POSITIVE_INFINITY;
  return first + (Math.floor(overdueMs / period) + 1) * period;
}
