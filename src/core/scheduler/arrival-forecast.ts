/**
 * When a camera's next frame is due. A second-order tracking (alpha-beta) filter over capture times, which locks on to
 * the camera's rhythm and is not shaken by the jitter of one frame, plus the time a frame takes from capture to ticket.
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

export const createForecast = (): ArrivalForecast => ({
  arrivals: 0,
  phaseMonoMs: 0,
  periodMs: 0,
  deviationMs: 0,
  lagMs: 0,
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
}

export function isPredictable(forecast: ArrivalForecast): boolean {
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
  Math.min(Math.max(leastLateMs, lateDeviations * deviationMs), mostLateShare * periodMs);

/** The ticket one beat after the newest; `nextArrivalMonoMs` is never earlier. */
export const firstExpectedMonoMs = ({ phaseMonoMs, periodMs, lagMs }: ArrivalForecast): number =>
  phaseMonoMs + periodMs + lagMs;

/**
 * The next expected ticket that is not overdue beyond the allowance at `nowMonoMs`. May lie in the recent past; infinite once
 * the camera has been silent for so long that nothing is expected of it.
 */
export function nextArrivalMonoMs(forecast: ArrivalForecast, nowMonoMs: number): number {
  const { periodMs } = forecast;
  const first = firstExpectedMonoMs(forecast);
  const overdueMs = nowMonoMs - (first + lateAllowanceMs(forecast));
  if (overdueMs < 0) return first;
  if (overdueMs > Math.max(silentPeriods * periodMs, leastSilentMs)) return Number.POSITIVE_INFINITY;
  return first + (Math.floor(overdueMs / periodMs) + 1) * periodMs;
}
