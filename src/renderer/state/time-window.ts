/** A stretch of the time axis that is looked at, epoch ms. */
export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How close and how wide a window can be, and how far back it may lie. */
export interface WindowLimits {
  readonly shortestMs: number;
  readonly longestMs: number;
  readonly reachMs: number;
}

export const shortestSpanMs = 2_000;
export const longestSpanMs = 86_400_000;
/** Of what the device did: nothing older than a day is kept. */
export const laneLimits: WindowLimits = {
  shortestMs: shortestSpanMs,
  longestMs: longestSpanMs,
  reachMs: longestSpanMs,
};

export const clampSpan = (spanMs: number, { shortestMs, longestMs }: WindowLimits = laneLimits): number =>
  Math.min(longestMs, Math.max(shortestMs, spanMs));

/**
 * The window after zooming by `factor` (< 1: closer) around `anchorMs`, which stays where it is on the screen. The end
 * never lies after `nowMs`, and the beginning never further back than the limits' reach.
 */
export function zoomed(
  window: TimeWindow,
  factor: number,
  anchorMs: number,
  nowMs: number,
  limits: WindowLimits = laneLimits,
): TimeWindow {
  const span = window.toMs - window.fromMs;
  const spanMs = clampSpan(span * factor, limits);
  const anchorShare = (anchorMs - window.fromMs) / span;
  return kept(anchorMs - anchorShare * spanMs, spanMs, nowMs, limits);
}

/** The window moved by `byMs` (< 0: into the past), of the same length. */
export const panned = (
  window: TimeWindow,
  byMs: number,
  nowMs: number,
  limits: WindowLimits = laneLimits,
): TimeWindow => kept(window.fromMs + byMs, window.toMs - window.fromMs, nowMs, limits);

function kept(fromMs: number, spanMs: number, nowMs: number, { reachMs }: WindowLimits): TimeWindow {
  const toMs = Math.min(nowMs, Math.max(nowMs - reachMs + spanMs, fromMs + spanMs));
  return { fromMs: toMs - spanMs, toMs };
}

/** The window moved so that the moment lies in it; the same where it does. It never reaches beyond now. */
export function windowAround(window: TimeWindow, atMs: number, nowMs: number): TimeWindow {
  if (atMs >= window.fromMs && atMs <= window.toMs) return window;
  const span = window.toMs - window.fromMs;
  const toMs = Math.min(nowMs, atMs + span / 2);
  return { fromMs: toMs - span, toMs };
}

/** What is asked of the host to draw a window: a little more than it, cut at whole stretches that do not move with it. */
export interface TimelineQuestion {
  readonly fromMs: number;
  readonly toMs: number;
  readonly buckets: number;
  readonly maxRuns: number;
}

/** Drawn at most: bars and batch marks of both lanes make four shapes of a stretch and two of a run. */
export const maxBuckets = 400;
export const maxRuns = 900;
/** In longer windows a call is far narrower than a pixel: its bar would tell of more work than there was. */
const longestOfRunsMs = 1_200_000;

const niceStretchesMs = [
  5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000, 240_000, 300_000,
];

export function questionFor(window: TimeWindow): TimelineQuestion {
  const span = window.toMs - window.fromMs;
  const stretchMs = niceStretchesMs.find((ms) => ms * (maxBuckets - 2) >= span) ?? 300_000;
  const fromMs = Math.floor(window.fromMs / stretchMs) * stretchMs;
  const toMs = Math.ceil(window.toMs / stretchMs) * stretchMs;
  return {
    fromMs,
    toMs,
    buckets: Math.max(1, Math.round((toMs - fromMs) / stretchMs)),
    maxRuns: span > longestOfRunsMs ? 0 : maxRuns,
  };
}

/** How long what was asked stays good enough while the window follows the present: a two-hundredth of what is seen. */
export const refreshMs = (spanMs: number): number => Math.min(10_000, Math.max(500, spanMs / 200));
