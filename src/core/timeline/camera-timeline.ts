import type { CameraStretch } from '../../shared/domain/camera.ts';
import type { TimeStretch } from '../../shared/domain/camera-timeline.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const stepsMs = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12, 24].map((n) => n * hour),
];
const dayMs = 24 * hour;
/** Longer spans are told in whole hours, of which far fewer rows have to be read than of minutes. */
const longestByMinutesMs = 3 * dayMs;
/** A camera's minute is told at once; finer buckets have to read each box. */
export const minuteMs = minute;

/** The finest bucket of which at most `buckets` cover the span. */
export function bucketFor(spanMs: number, buckets: number): number {
  const finest = spanMs > longestByMinutesMs ? hour : second;
  return stepsMs.find((step) => step >= finest && spanMs / step <= buckets) ?? wholeDays(spanMs, buckets);
}

const wholeDays = (spanMs: number, buckets: number): number => Math.ceil(spanMs / buckets / dayMs) * dayMs;

/** The range widened to whole buckets that do not move with it. */
export const inBuckets = ({ fromMs, toMs }: TimeStretch, bucketMs: number): TimeStretch => ({
  fromMs: Math.floor(fromMs / bucketMs) * bucketMs,
  toMs: Math.ceil(toMs / bucketMs) * bucketMs,
});

/** Sorted stretches, in at most `most` pieces: those with the shortest gaps between them become one. */
export function fewest(stretches: readonly TimeStretch[], most: number): readonly TimeStretch[] {
  if (stretches.length <= most) return stretches;
  const gaps = stretches
    .slice(1)
    .map(({ fromMs }, index) => ({ index, ms: fromMs - (stretches[index]?.toMs ?? fromMs) }));
  const kept = new Set(
    gaps
      .sort((a, b) => b.ms - a.ms)
      .slice(0, most - 1)
      .map(({ index }) => index),
  );
  const pieces: { fromMs: number; toMs: number }[] = [];
  for (const [index, { fromMs, toMs }] of stretches.entries()) {
    const last = pieces[pieces.length - 1];
    if (last === undefined || kept.has(index - 1)) pieces.push({ fromMs, toMs });
    else last.toMs = Math.max(last.toMs, toMs);
  }
  return pieces;
}

const worse = { live: 0, frozen: 1, offline: 2 } as const;

/**
 * Sorted states without pieces that nobody could see: of several in a row that are each shorter than `finestMs` one is
 * made, and the worst of them counts. A single short one stays.
 */
export function coarseStates(states: readonly CameraStretch[], finestMs: number): readonly CameraStretch[] {
  const pieces: CameraStretch[] = [];
  const isShort = ({ fromMs, toMs }: CameraStretch): boolean => toMs - fromMs < finestMs;
  for (const state of states) {
    const last = pieces[pieces.length - 1];
    const follows = last !== undefined && state.fromMs - last.toMs < finestMs;
    if (!follows || (last.state !== state.state && !(isShort(last) && isShort(state)))) {
      pieces.push(state);
      continue;
    }
    const counts = worse[state.state] > worse[last.state] ? state : last;
    const toMs = Math.max(last.toMs, state.toMs);
    pieces[pieces.length - 1] = { fromMs: last.fromMs, toMs, state: counts.state, reason: counts.reason };
  }
  return pieces;
}
