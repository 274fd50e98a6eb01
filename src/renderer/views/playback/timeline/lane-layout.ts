import type { TimeStretch } from '../../../../shared/domain/camera-timeline.ts';
import type { ShownLane } from '../../../state/camera-lanes.ts';
import type { TimeWindow } from '../../../state/time-window.ts';

/** A place along a lane, in CSS pixels. */
export interface Span {
  readonly x: number;
  readonly width: number;
}

export interface Bar extends Span {
  /** Of the lane's height, 0 to 1. */
  readonly share: number;
}

/** What is drawn of a lane. */
export interface LanePicture {
  readonly bars: readonly Bar[];
  /** Where sightings began. */
  readonly marks: readonly number[];
  readonly recorded: readonly Span[];
  readonly gaps: readonly Span[];
  readonly kept: readonly Span[];
  readonly live: readonly Span[];
  readonly frozen: readonly Span[];
  readonly offline: readonly Span[];
}

/** Marks closer than this are one. */
const markPx = 4;
/** What is shorter than a pixel is seen all the same: a gap of a second in a week is a gap. */
const leastPx = 1;

/** How many CSS pixels a window's moments lie from its left edge. */
export const placeOf = ({ fromMs, toMs }: TimeWindow, width: number, atMs: number): number =>
  ((atMs - fromMs) / (toMs - fromMs)) * width;

export const momentAt = ({ fromMs, toMs }: TimeWindow, width: number, x: number): number =>
  fromMs + (x / Math.max(1, width)) * (toMs - fromMs);

/**
 * Pure: a lane in a window that is `width` pixels wide; what lies outside is left out, what sticks out is cut. Bars are as
 * high as the root of their count, against the largest that is seen: one person beside a crowd stays visible.
 */
export function layoutLane(
  lane: ShownLane,
  buckets: { readonly fromMs: number; readonly bucketMs: number },
  window: TimeWindow,
  width: number,
): LanePicture {
  const spanOf = ({ fromMs, toMs }: TimeStretch): Span | null => {
    if (toMs <= window.fromMs || fromMs >= window.toMs) return null;
    const left = Math.max(0, placeOf(window, width, fromMs));
    const right = Math.min(width, placeOf(window, width, toMs));
    return { x: Math.min(left, width - leastPx), width: Math.max(leastPx, right - left) };
  };
  const spans = (stretches: readonly TimeStretch[]): readonly Span[] =>
    stretches.flatMap((stretch) => spanOf(stretch) ?? []);
  const inState = (state: string): readonly Span[] => spans(lane.states.filter((one) => one.state === state));
  const bucketSpan = (index: number): Span | null => {
    const fromMs = buckets.fromMs + index * buckets.bucketMs;
    return spanOf({ fromMs, toMs: fromMs + buckets.bucketMs });
  };

  const seen = lane.boxes.flatMap((count, index) => {
    const span = count > 0 ? bucketSpan(index) : null;
    return span === null ? [] : [{ ...span, count }];
  });
  const most = Math.max(1, ...seen.map(({ count }) => count));
  const marks: number[] = [];
  for (const [index, count] of lane.sightings.entries()) {
    const span = count > 0 ? bucketSpan(index) : null;
    if (span === null) continue;
    const x = span.x + span.width / 2;
    if (x - (marks[marks.length - 1] ?? -Infinity) >= markPx) marks.push(x);
  }
  return {
    bars: seen.map(({ count, ...span }) => ({ ...span, share: Math.sqrt(count / most) })),
    marks,
    recorded: spans(lane.recorded),
    gaps: spans(lane.gaps),
    kept: spans(lane.kept),
    live: inState('live'),
    frozen: inState('frozen'),
    offline: inState('offline'),
  };
}
