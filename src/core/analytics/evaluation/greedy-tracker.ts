import type { Box, Detection } from '../../../shared/domain/detection.ts';
import { overlapOf } from '../box-overlap.ts';

/**
 * The tracker before ByteTrack, kept as what it is measured against (docs/tracking.md): nothing runs it. It knows one
 * threshold, pairs greedily and has no filter.
 *
 * Detections are matched to where tracks are expected (last box moved on by their speed), best overlap first; what is
 * left is matched once more with boxes grown the more, the longer the track was not seen (C-BIoU: Yang et al., "Hard to
 * Track Objects with Irregular Motions and Similar Appearances? Make It Easier by Buffering the Matching Space", 2023).
 * That bridges missed detections and low analysis rates without any appearance model.
 */
export interface TrackerState {
  /** Grows for ever: an id is never given twice, also not after a restart that hands in where the last one ended. */
  readonly nextTrackId: number;
  readonly tracks: readonly Track[];
  /** Time of the newest picture; null before the first. */
  readonly lastMs: number | null;
}

export interface Track {
  /** Null until the track is confirmed by its second detection: a flash of noise is no object. */
  readonly trackId: number | null;
  readonly group: number;
  /** The class that its detections were most sure of, summed over the track. */
  readonly classIndex: number;
  readonly box: Box;
  /** Pixels a second of the box's middle. */
  readonly speed: readonly [x: number, y: number];
  readonly firstMs: number;
  readonly lastSeenMs: number;
  /** Looked-at time since it was last seen: pictures that were never taken do not make it lost. */
  readonly missedMs: number;
  readonly hits: number;
  readonly best: Sighting;
  readonly sureness: ReadonlyMap<number, number>;
}

/** Where and how clearly an object was seen. */
export interface Sighting {
  readonly atMs: number;
  readonly score: number;
  readonly box: Box;
}

export interface TrackerOptions {
  /** Class index → group: a detection continues only tracks of its own group (see the manifest's exclusive groups). */
  readonly groups: Int32Array;
  /** Distance of pictures at the camera's analysis rate. */
  readonly frameIntervalMs: number;
}

export interface TrackedPicture {
  readonly state: TrackerState;
  /** For each detection, in their order: its track, or null while that is not confirmed. */
  readonly trackIds: readonly (number | null)[];
  /** Confirmed tracks that this picture shows. */
  readonly seen: readonly Track[];
  /** Confirmed tracks that ended: not seen for too long. */
  readonly lost: readonly Track[];
}

const hitsToConfirm = 2;
/** A track ends when it was not seen for this long while the camera looked, or for two pictures where those are rarer. */
const longestMissMs = 2_000;
/** Whatever the camera did meanwhile: after this long, overlap is chance. */
const longestAbsenceMs = 10_000;
const leastOverlap = 0.3;
const leastGrownOverlap = 0.1;
/** Boxes grow by this share of their size on each side for every second not seen, up to the limit. */
const growthPerSecond = 0.4;
const leastGrowth = 0.2;
const longestGrowth = 0.8;
const speedGain = 0.5;

export const createTracker = (nextTrackId = 1): TrackerState => ({ nextTrackId, tracks: [], lastMs: null });

/** `atMs` must not run backwards; pictures of one moment count as no time between. */
export function track(
  state: TrackerState,
  detections: readonly Detection[],
  atMs: number,
  options: TrackerOptions,
): TrackedPicture {
  const passedMs = state.lastMs === null ? 0 : Math.max(0, atMs - state.lastMs);
  const lookedMs = Math.min(passedMs, 2 * options.frameIntervalMs);
  const groupOf = (detection: Detection): number => options.groups[detection.classIndex] ?? detection.classIndex;
  const missLimitMs = Math.max(longestMissMs, 2 * options.frameIntervalMs);
  const isAbsent = ({ lastSeenMs }: Track): boolean => atMs - lastSeenMs > Math.max(longestAbsenceMs, missLimitMs);
  const candidates = state.tracks.filter((known) => !isAbsent(known));
  const matches = match(candidates, detections, groupOf, atMs);

  let { nextTrackId } = state;
  const tracks: Track[] = [];
  const seen: Track[] = [];
  const lost = state.tracks.filter((known) => known.trackId !== null && isAbsent(known));
  const trackIds: (number | null)[] = detections.map(() => null);
  candidates.forEach((known, index) => {
    const matched = matches.get(index);
    const detection = matched === undefined ? undefined : detections[matched];
    if (matched === undefined || detection === undefined) {
      const missed = { ...known, missedMs: known.missedMs + lookedMs };
      if (missed.missedMs <= missLimitMs) tracks.push(missed);
      else if (known.trackId !== null) lost.push(known);
      return;
    }
    const trackId = known.trackId ?? (known.hits + 1 >= hitsToConfirm ? nextTrackId++ : null);
    const continued = { ...continueTrack(known, detection, atMs), trackId };
    tracks.push(continued);
    trackIds[matched] = trackId;
    if (trackId !== null) seen.push(continued);
  });
  const taken = new Set(matches.values());
  detections.forEach((detection, index) => {
    if (!taken.has(index)) tracks.push(newTrack(detection, groupOf(detection), atMs));
  });
  return { state: { nextTrackId, tracks, lastMs: Math.max(atMs, state.lastMs ?? atMs) }, trackIds, seen, lost };
}

function newTrack(detection: Detection, group: number, atMs: number): Track {
  const { classIndex, score, box } = detection;
  return {
    trackId: null,
    group,
    classIndex,
    box,
    speed: [0, 0],
    firstMs: atMs,
    lastSeenMs: atMs,
    missedMs: 0,
    hits: 1,
    best: { atMs, score, box },
    sureness: new Map([[classIndex, score]]),
  };
}

function continueTrack(known: Track, { classIndex, score, box }: Detection, atMs: number): Track {
  const seconds = (atMs - known.lastSeenMs) / 1000;
  const [fromX, fromY] = middle(known.box);
  const [toX, toY] = middle(box);
  const gain = known.hits === 1 ? 1 : speedGain;
  const speed: [number, number] =
    seconds <= 0
      ? [...known.speed]
      : [
          known.speed[0] + gain * ((toX - fromX) / seconds - known.speed[0]),
          known.speed[1] + gain * ((toY - fromY) / seconds - known.speed[1]),
        ];
  const sureness = new Map(known.sureness).set(classIndex, (known.sureness.get(classIndex) ?? 0) + score);
  const surest = sureness.get(known.classIndex) ?? 0;
  return {
    ...known,
    classIndex: (sureness.get(classIndex) ?? 0) > surest ? classIndex : known.classIndex,
    box,
    speed,
    lastSeenMs: atMs,
    missedMs: 0,
    hits: known.hits + 1,
    best: score > known.best.score ? { atMs, score, box } : known.best,
    sureness,
  };
}

/** Track index → detection index. First by plain overlap, then, among what is left, by that of grown boxes. */
function match(
  tracks: readonly Track[],
  detections: readonly Detection[],
  groupOf: (detection: Detection) => number,
  atMs: number,
): Map<number, number> {
  const matches = new Map<number, number>();
  const taken = new Set<number>();
  const expected = tracks.map((one) => expectedBox(one, atMs));
  const rounds = [
    { growth: () => 0, least: leastOverlap },
    { growth: (one: Track) => growth(atMs - one.lastSeenMs), least: leastGrownOverlap },
  ];
  for (const { growth: grow, least } of rounds) {
    const pairs: { readonly track: number; readonly detection: number; readonly overlap: number }[] = [];
    tracks.forEach((one, index) => {
      if (matches.has(index)) return;
      detections.forEach((detection, other) => {
        if (taken.has(other) || groupOf(detection) !== one.group) return;
        const share = grow(one);
        const overlap = overlapOf(grown(expected[index] as Box, share), grown(detection.box, share));
        if (overlap >= least) pairs.push({ track: index, detection: other, overlap });
      });
    });
    // Older tracks come first in the list, so ties go to them.
    pairs.sort((a, b) => b.overlap - a.overlap || a.track - b.track || a.detection - b.detection);
    for (const pair of pairs) {
      if (matches.has(pair.track) || taken.has(pair.detection)) continue;
      matches.set(pair.track, pair.detection);
      taken.add(pair.detection);
    }
  }
  return matches;
}

/** Moves on by its speed for at most a second: objects that are lost for longer rarely keep their course. */
function expectedBox({ box, speed, lastSeenMs }: Track, atMs: number): Box {
  const seconds = Math.min(1, Math.max(0, atMs - lastSeenMs) / 1000);
  return [box[0] + speed[0] * seconds, box[1] + speed[1] * seconds, box[2], box[3]];
}

const growth = (unseenMs: number): number =>
  Math.min(longestGrowth, Math.max(leastGrowth, (growthPerSecond * unseenMs) / 1000));

const grown = ([x, y, width, height]: Box, share: number): Box => [
  x - share * width,
  y - share * height,
  width * (1 + 2 * share),
  height * (1 + 2 * share),
];

const middle = ([x, y, width, height]: Box): readonly [number, number] => [x + width / 2, y + height / 2];
