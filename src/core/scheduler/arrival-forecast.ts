import {
  capturedInRhythm,
  createBurstRhythm,
  hasPauses,
  hasTwo,
  longInterval,
  nextInterval,
  pausesVary,
  type BurstRhythm,
  type ExpectedInterval,
} from './arrival-bursts.ts';

/**
 * When a camera's next frame is due. A second-order tracking (alpha-beta) filter over capture times, which locks on to
 * the camera's rhythm and is not shaken by the jitter of one frame, plus the time a frame takes from capture to ticket. Where
 * no single beat explains the captures, or one with long pauses, the two distances they have (`arrival-bursts.ts`).
 */
export interface ArrivalForecast {
  arrivals: number;
  /** Filtered time of the newest capture, and its distance to the next. */
  phaseMonoMs: number;
  periodMs: number;
  /** EWMA of |capture − forecast|. */
  deviationMs: number;
  /** Capture to the moment at which an idle slot would have heard of it. */
  lagMs: number;
  readonly bursts: BurstRhythm;
  /** For so many captures more the two distances are looked for: the beat did not fit, or some were left out. */
  unsteady: number;
}

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

export const createForecast = (): ArrivalForecast => ({
  arrivals: 0,
  phaseMonoMs: 0,
  periodMs: 0,
  deviationMs: 0,
  lagMs: 0,
  bursts: createBurstRhythm(),
  unsteady: 0,
});

/**
 * A ticket came at `nowMonoMs`; up to `silentUntilMonoMs` it had not been there. The two are equal for a slot that was
 * idle. While a run goes on nobody is heard, so then only an interval is known: taking its end for the arrival would
 * expect each frame a little later than the last one was kept waiting, and so keep the next one waiting longer.
 */
export function arrived(
  forecast: ArrivalForecast,
  capturedMonoMs: number,
  silentUntilMonoMs: number,
  nowMonoMs: number,
): void {
  const mostMs = Math.max(0, nowMonoMs - capturedMonoMs);
  const leastMs = Math.min(mostMs, Math.max(0, silentUntilMonoMs - capturedMonoMs));
  const lagMs = Math.min(mostMs, Math.max(leastMs, forecast.lagMs));
  if (forecast.arrivals === 0) {
    forecast.phaseMonoMs = capturedMonoMs;
    forecast.lagMs = leastMs;
  } else if (forecast.periodMs <= 0) {
    forecast.periodMs = Math.max(0, capturedMonoMs - forecast.phaseMonoMs);
    forecast.phaseMonoMs = capturedMonoMs;
  } else {
    // Frames that never became tickets leave a gap of whole periods: no reason to believe in a slower camera.
    const sinceMs = capturedMonoMs - forecast.phaseMonoMs;
    const steps = sinceMs < 1.5 * forecast.periodMs ? 1 : Math.round(sinceMs / forecast.periodMs);
    if (steps > 1 || forecast.deviationMs > unsteadyShare * forecast.periodMs) forecast.unsteady = unsteadyCaptures;
    else if (forecast.unsteady > 0) forecast.unsteady -= 1;
    const error = capturedMonoMs - (forecast.phaseMonoMs + steps * forecast.periodMs);
    const isNew = forecast.arrivals < arrivalsUntilSteady;
    // At first the gains of a least-squares line through all captures, until they have fallen to the steady ones.
    const captures = forecast.arrivals + 1;
    const phaseStep = isNew ? Math.max(phaseGain, (2 * (2 * captures - 1)) / (captures * (captures + 1))) : phaseGain;
    const periodStep = isNew ? Math.max(periodGain, 6 / (captures * (captures + 1))) : periodGain;
    forecast.phaseMonoMs = capturedMonoMs - (1 - phaseStep) * error;
    forecast.periodMs = Math.max(0, forecast.periodMs + (periodStep * error) / steps);
    // A plain mean at first: a new camera is not taken for a punctual one.
    const gain = isNew ? Math.max(deviationGain, 1 / (forecast.arrivals - 1)) : deviationGain;
    forecast.deviationMs += gain * (Math.abs(error) - forecast.deviationMs);
  }
  // An exact one counts for a part, a bound that was broken for all.
  forecast.lagMs += (leastMs === mostMs ? lagGain : 1) * (lagMs - forecast.lagMs);
  forecast.arrivals += 1;
  capturedInRhythm(forecast.bursts, capturedMonoMs, forecast.unsteady > 0);
}

export const isPredictable = (forecast: ArrivalForecast): boolean => comesInBursts(forecast) || hasBeat(forecast);

/** Left-out frames make pauses too, but short ones; and for those the beat, which is filtered, says more. */
function comesInBursts(forecast: ArrivalForecast): boolean {
  const { bursts } = forecast;
  if (!hasTwo(bursts)) return false;
  if (hasPauses(bursts) || !hasBeat(forecast)) return true;
  return clearlyTighter * Math.max(bursts.shortDeviationMs, bursts.longDeviationMs) < forecast.deviationMs;
}

function hasBeat(forecast: ArrivalForecast): boolean {
  return (
    forecast.arrivals >= arrivalsUntilTrusted &&
    forecast.periodMs > 0 &&
    forecast.deviationMs <= unpredictableShare * forecast.periodMs
  );
}

/**
 * How long past its time a frame still counts as expected: as late as hardly any comes. Whether it is worth waiting for is
 * another question (see archive-room).
 */
export const lateAllowanceMs = ({ deviationMs, periodMs }: ArrivalForecast): number =>
  allowanceMs(deviationMs, periodMs);

const allowanceMs = (deviationMs: number, intervalMs: number): number =>
  Math.min(Math.max(leastLateMs, lateDeviations * deviationMs), mostLateShare * intervalMs);

/** The first ticket expected after the newest; `nextArrivalMonoMs` is never earlier. */
export function firstExpectedMonoMs(forecast: ArrivalForecast): number {
  const { phaseMonoMs, periodMs, lagMs, bursts } = forecast;
  if (comesInBursts(forecast)) return bursts.lastMonoMs + nextInterval(bursts).afterMs + lagMs;
  return phaseMonoMs + periodMs + lagMs;
}

/** The next expected ticket that is not overdue beyond the allowance at `nowMonoMs`, with its chances. */
export function nextExpected(forecast: ArrivalForecast, nowMonoMs: number): Expected {
  if (!comesInBursts(forecast)) {
    const atMonoMs = nextBeatMonoMs(forecast, nowMonoMs);
    return { atMonoMs, deviationMs: forecast.deviationMs, otherwise: missingShare };
  }
  const { afterMs, deviationMs, otherwise } = intervalAt(forecast, nowMonoMs);
  return { atMonoMs: forecast.bursts.lastMonoMs + forecast.lagMs + afterMs, deviationMs, otherwise };
}

/** `nextExpected`'s time alone. */
export function nextArrivalMonoMs(forecast: ArrivalForecast, nowMonoMs: number): number {
  if (!comesInBursts(forecast)) return nextBeatMonoMs(forecast, nowMonoMs);
  return forecast.bursts.lastMonoMs + forecast.lagMs + intervalAt(forecast, nowMonoMs).afterMs;
}

/**
 * The short interval until it is overdue, then the long one, then short ones as if the first frames after it were lost; or,
 * where pauses vary, some time.
 */
function intervalAt({ bursts, lagMs }: ArrivalForecast, nowMonoMs: number): ExpectedInterval {
  const sinceMs = nowMonoMs - bursts.lastMonoMs - lagMs;
  const next = nextInterval(bursts);
  if (sinceMs < next.afterMs + allowanceMs(next.deviationMs, next.afterMs)) return next;
  const long = longInterval(bursts);
  const overdueMs = sinceMs - (long.afterMs + allowanceMs(long.deviationMs, long.afterMs));
  if (overdueMs < 0) return long;
  const { shortMs, longMs, longDeviationMs } = bursts;
  if (pausesVary(bursts) && overdueMs < silentPeriods * longMs) return { ...long, afterMs: sinceMs + longDeviationMs };
  if (overdueMs > Math.max(silentPeriods * shortMs, leastSilentMs))
    return { ...long, afterMs: Number.POSITIVE_INFINITY };
  return { ...long, afterMs: long.afterMs + (Math.floor(overdueMs / shortMs) + 1) * shortMs };
}

function nextBeatMonoMs({ phaseMonoMs, periodMs, lagMs, deviationMs }: ArrivalForecast, nowMonoMs: number): number {
  const first = phaseMonoMs + periodMs + lagMs;
  const overdueMs = nowMonoMs - (first + allowanceMs(deviationMs, periodMs));
  if (overdueMs < 0) return first;
  if (overdueMs > Math.max(silentPeriods * periodMs, leastSilentMs)) return Number.POSITIVE_INFINITY;
  return first + (Math.floor(overdueMs / periodMs) + 1) * periodMs;
}
