import type { CameraStretch } from '../../shared/domain/camera.ts';
import type { CameraLane, CameraTimeline, TimeStretch } from '../../shared/domain/camera-timeline.ts';
import type { RecordingGap } from '../../shared/domain/recording.ts';
import type { TimeWindow } from './time-window.ts';

type StateStretch = Pick<CameraStretch, 'fromMs' | 'toMs' | 'state'>;

/** What a lane of the timeline shows: one camera, or all of them together. */
export interface ShownLane {
  readonly boxes: readonly number[];
  readonly sightings: readonly number[];
  readonly recorded: readonly TimeStretch[];
  readonly gaps: readonly TimeStretch[];
  readonly kept: readonly TimeStretch[];
  readonly states: readonly StateStretch[];
}

export const laneOf = (timeline: CameraTimeline | null, cameraId: string | null): CameraLane | null =>
  timeline?.cameras.find((lane) => lane.cameraId === cameraId) ?? null;

/** All cameras: sums of what was seen; recorded where any was, offline where any was. */
export function laneOfAll({ cameras, fromMs }: CameraTimeline): ShownLane {
  const sum = (of: (lane: CameraLane) => readonly number[]): readonly number[] =>
    (cameras[0] === undefined ? [] : of(cameras[0])).map((_, bucket) =>
      cameras.reduce((all, lane) => all + (of(lane)[bucket] ?? 0), 0),
    );
  const recorded = joined(cameras.flatMap((lane) => lane.recorded));
  // Footage and gaps of a camera reach up to the present together.
  const untilMs = cameras
    .flatMap(({ recorded, gaps }): readonly TimeStretch[] => [...recorded, ...gaps])
    .reduce((last, { toMs }) => Math.max(last, toMs), fromMs);
  const inState = (state: CameraStretch['state']): readonly StateStretch[] =>
    joined(cameras.flatMap(({ states }) => states.filter((one) => one.state === state))).map((one) => ({
      ...one,
      state,
    }));
  return {
    boxes: sum(({ boxes }) => boxes),
    sightings: sum(({ sightings }) => sightings),
    recorded,
    gaps: between(recorded, fromMs, untilMs),
    kept: joined(cameras.flatMap((lane) => lane.kept)),
    states: [...inState('live'), ...inState('frozen'), ...inState('offline')],
  };
}

function joined(stretches: readonly TimeStretch[]): readonly TimeStretch[] {
  const pieces: { fromMs: number; toMs: number }[] = [];
  for (const { fromMs, toMs } of stretches.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = pieces[pieces.length - 1];
    if (last !== undefined && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else pieces.push({ fromMs, toMs });
  }
  return pieces;
}

function between(stretches: readonly TimeStretch[], fromMs: number, toMs: number): readonly TimeStretch[] {
  const starts = [fromMs, ...stretches.map((stretch) => stretch.toMs)];
  const ends = [...stretches.map((stretch) => stretch.fromMs), toMs];
  return starts.flatMap((start, index) => {
    const end = ends[index] ?? start;
    return end > start ? [{ fromMs: start, toMs: end }] : [];
  });
}

/** Footage and gaps of the moment are known; not of one that was still to come. */
export const isToldOf = (timeline: CameraTimeline | null, atMs: number): boolean =>
  timeline?.cameras.some(({ recorded, gaps }) => at(recorded, atMs) !== null || at(gaps, atMs) !== null) ?? false;

const at = <T extends TimeStretch>(stretches: readonly T[] | undefined, atMs: number): T | null =>
  stretches?.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs) ?? null;

/** Why there is no footage of a moment; null: there is, or it is not known. */
export const gapAt = (lane: CameraLane | null, atMs: number): RecordingGap | null => at(lane?.gaps, atMs);

export const isRecordedAt = (lane: Pick<ShownLane, 'recorded'> | null, atMs: number): boolean =>
  at(lane?.recorded, atMs) !== null;

/** Null: it was switched off, or nobody looked. */
export const stateAt = (lane: CameraLane | null, atMs: number): CameraStretch | null => at(lane?.states, atMs);

/** What was counted around a moment; null: the moment is not told of. */
export function countsAt(
  { fromMs, bucketMs }: CameraTimeline,
  { boxes, sightings }: Pick<ShownLane, 'boxes' | 'sightings'>,
  atMs: number,
): (TimeStretch & { readonly boxes: number; readonly sightings: number }) | null {
  const bucket = Math.floor((atMs - fromMs) / bucketMs);
  const found = boxes[bucket];
  if (found === undefined) return null;
  const startMs = fromMs + bucket * bucketMs;
  return { fromMs: startMs, toMs: startMs + bucketMs, boxes: found, sightings: sightings[bucket] ?? 0 };
}

/** The ends of footage on either side of a moment; null: there is none in what is told. */
export function footageAround(
  lane: CameraLane | null,
  atMs: number,
): { readonly beforeMs: number | null; readonly afterMs: number | null } {
  const before = lane?.recorded.filter(({ toMs }) => toMs <= atMs).at(-1);
  const after = lane?.recorded.find(({ fromMs }) => fromMs > atMs);
  return { beforeMs: before?.toMs ?? null, afterMs: after?.fromMs ?? null };
}

/** Whose footage a moment of all cameras means: the preferred one if it has some, else the one that saw most. */
export function cameraFor(timeline: CameraTimeline | null, preferredId: string | null, atMs: number): string | null {
  if (timeline === null || isRecordedAt(laneOf(timeline, preferredId), atMs)) return preferredId;
  const recorded = timeline.cameras.filter((lane) => isRecordedAt(lane, atMs));
  const most = recorded.toSorted(
    (a, b) => (countsAt(timeline, b, atMs)?.boxes ?? 0) - (countsAt(timeline, a, atMs)?.boxes ?? 0),
  );
  return most[0]?.cameraId ?? preferredId;
}

const hourMs = 3_600_000;
const shortestMs = 60_000;
/** Footage that ends within this ends now: it goes on. */
const freshMs = 90_000;

/**
 * What to look at first: the last hour of a camera's footage, or as much as there is of it. Null: there is none.
 * `follows`: it reaches up to the present.
 */
export function openingWindow(
  footage: { readonly oldestMs: number | null; readonly newestMs: number | null },
  nowMs: number,
): (TimeWindow & { readonly follows: boolean }) | null {
  const { newestMs } = footage;
  if (newestMs === null) return null;
  // Of the very first file only its end is known.
  const oldestMs = footage.oldestMs ?? newestMs - shortestMs / 2;
  const follows = nowMs - newestMs < freshMs;
  const lengthMs = Math.min(hourMs, newestMs - oldestMs);
  const spanMs = Math.max(shortestMs, lengthMs * 1.1);
  const toMs = follows ? nowMs : Math.min(nowMs, newestMs + (spanMs - lengthMs) / 2);
  return { fromMs: toMs - spanMs, toMs, follows };
}
