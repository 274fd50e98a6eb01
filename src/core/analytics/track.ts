import type { Box, Detection } from '../../shared/domain/detection.ts';
import { correct, halted, moveOn, startMotion, type BoxMotion } from './box-motion.ts';
import { stand, startStanding, type Standing } from './standing.ts';

/** Removed tracks are not kept: they are told once, as ended. */
export type TrackPhase = 'tentative' | 'tracked' | 'lost';

/** One object over time. */
export interface Track {
  readonly phase: TrackPhase;
  /** Null while tentative, until its second certain detection: a flash of noise is no object. */
  readonly trackId: number | null;
  readonly group: number;
  /** The class that its detections were most sure of, summed over the track. */
  readonly classIndex: number;
  /** As it was seen last. */
  readonly box: Box;
  readonly motion: BoxMotion;
  readonly standing: Standing;
  readonly firstMs: number;
  readonly lastSeenMs: number;
  /** Looked-at time since it was last seen: pictures that were never taken do not make it lost. */
  readonly missedMs: number;
  /** Detections, faint ones too. */
  readonly hits: number;
  readonly activity: Activity;
  readonly sureness: ReadonlyMap<number, number>;
}

/** A stretch in which it was not stationary: from its first box, or from when it moved again. */
export interface Activity {
  readonly sinceMs: number;
  readonly frames: number;
  readonly best: Sighting;
}

/** Where and how clearly an object was seen. */
export interface Sighting {
  readonly atMs: number;
  readonly score: number;
  readonly box: Box;
}

const hitsToConfirm = 2;

export function beginTrack({ classIndex, score, box }: Detection, group: number, atMs: number): Track {
  return {
    phase: 'tentative',
    trackId: null,
    group,
    classIndex,
    box,
    motion: startMotion(box),
    standing: startStanding(box, atMs),
    firstMs: atMs,
    lastSeenMs: atMs,
    missedMs: 0,
    hits: 1,
    activity: { sinceMs: atMs, frames: 1, best: { atMs, score, box } },
    sureness: new Map([[classIndex, score]]),
  };
}

/** Where it is expected after `seconds`: moved on, or, of what is stationary, where it stands. */
export function expectTrack(track: Track, seconds: number): Track {
  if (seconds <= 0) return track;
  const motion = track.standing.isStationary ? halted(track.motion) : track.motion;
  return { ...track, motion: moveOn(motion, seconds, track.phase !== 'lost') };
}

/** `newId` is asked when this detection confirms it. */
export function continueTrack(track: Track, detection: Detection, atMs: number, newId: () => number): Track {
  const { classIndex, score, box } = detection;
  const hits = track.hits + 1;
  const standing = stand(track.standing, box, atMs);
  const sureness = new Map(track.sureness).set(classIndex, (track.sureness.get(classIndex) ?? 0) + score);
  const isSurer = (sureness.get(classIndex) ?? 0) > (sureness.get(track.classIndex) ?? 0);
  const isConfirmed = hits >= hitsToConfirm;
  return {
    ...track,
    phase: isConfirmed ? 'tracked' : 'tentative',
    trackId: track.trackId ?? (isConfirmed ? newId() : null),
    classIndex: isSurer ? classIndex : track.classIndex,
    box,
    motion: correct(track.motion, box),
    standing,
    lastSeenMs: atMs,
    missedMs: 0,
    hits,
    activity: continueActivity(track, standing, { atMs, score, box }),
    sureness,
  };
}

function continueActivity({ activity, standing: before }: Track, standing: Standing, sighting: Sighting): Activity {
  if (before.isStationary && !standing.isStationary) {
    return { sinceMs: before.offSinceMs ?? sighting.atMs, frames: 1, best: sighting };
  }
  const best = sighting.score > activity.best.score ? sighting : activity.best;
  return { sinceMs: activity.sinceMs, frames: activity.frames + 1, best };
}
