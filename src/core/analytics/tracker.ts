import type { Detection } from '../../shared/domain/detection.ts';
import { associate } from './association.ts';
import { beginTrack, continueTrack, expectTrack, type Track } from './track.ts';

/**
 * Follows objects of one camera from picture to picture. The state is a plain value that lives in the control plane, so
 * tracks outlive an engine; `track` takes one and answers the next.
 *
 * ByteTrack (Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box", ECCV 2022): boxes that
 * are certain enough to be reported are matched first, with all confirmed tracks where a Kalman filter expects them;
 * the faint ones then continue tracks that were left over, because what is half hidden is found with a low score; last
 * come tracks that are not confirmed. Faint boxes never begin a track. Time is handed in: rates change, frames are shed.
 */
export interface TrackerState {
  /** Grows for ever: an id is never given twice, also not after a restart that hands in where the last one ended. */
  readonly nextTrackId: number;
  /** Older tracks first. */
  readonly tracks: readonly Track[];
  /** Time of the newest picture; null before the first. */
  readonly lastMs: number | null;
}

export interface TrackerOptions {
  /** Class index → group: a detection continues only tracks of its own group (see the manifest's exclusive groups). */
  readonly groups: Int32Array;
  /** Distance of pictures at the camera's analysis rate. */
  readonly frameIntervalMs: number;
}

/** What was found in one picture. */
export interface LookedAt {
  /**
   * Pictures of one moment count as no time between. Where it runs backwards the machine's clock was set, and as much has
   * passed as between two pictures: else nothing would be lost or forgotten until it is that late again.
   */
  readonly atMs: number;
  /** Certain enough to be reported. */
  readonly detections: readonly Detection[];
  /** Less certain ones, down to `faintScore`; may be empty. */
  readonly faint: readonly Detection[];
}

export interface TrackedPicture {
  readonly state: TrackerState;
  /** For each of `detections`, in their order: its track, or null while that is tentative. */
  readonly trackIds: readonly (number | null)[];
  /** Confirmed tracks that this picture shows, however faintly. */
  readonly seen: readonly Track[];
  /** Confirmed tracks that are removed: not seen for too long. */
  readonly ended: readonly Track[];
}

/** For how long an object that is not seen is kept, in looked-at time, and whatever the camera did meanwhile. */
interface Patience {
  readonly missMs: number;
  readonly absenceMs: number;
}
const tentativePatience: Patience = { missMs: 1_000, absenceMs: 10_000 };
/** Two seconds behind a tree, and some. After ten seconds without a picture, overlap is chance. */
const patience: Patience = { missMs: 3_000, absenceMs: 10_000 };
/** A place is remembered: what is parked there flickers, is hidden by a van, or was there before a restart. */
const stationaryPatience: Patience = { missMs: 300_000, absenceMs: 12 * 3_600_000 };
/** Where pictures are rare: this many in any case. */
const leastPictures = 2;
/** More places are not remembered; those not seen for longest go. */
const mostStationary = 64;

export const createTracker = (nextTrackId = 1): TrackerState => ({ nextTrackId, tracks: [], lastMs: null });

export function track(state: TrackerState, picture: LookedAt, options: TrackerOptions): TrackedPicture {
  const { atMs, detections, faint } = picture;
  const sinceLastMs = state.lastMs === null ? 0 : atMs - state.lastMs;
  const passedMs = sinceLastMs < 0 ? options.frameIntervalMs : sinceLastMs;
  const lookedMs = Math.min(passedMs, 2 * options.frameIntervalMs);
  const groupOf = ({ classIndex }: Detection): number => options.groups[classIndex] ?? classIndex;
  const limit = (limitMs: number): number => Math.max(limitMs, leastPictures * options.frameIntervalMs);

  const ended: Track[] = [];
  const expected: Track[] = [];
  for (const known of state.tracks) {
    if (atMs - known.lastSeenMs <= limit(patienceWith(known).absenceMs))
      expected.push(expectTrack(known, passedMs / 1000));
    else if (known.trackId !== null) ended.push(known);
  }
  const { byTrack, trackOf } = associate(expected, { reported: detections, faint }, groupOf);

  let { nextTrackId } = state;
  const newId = (): number => nextTrackId++;
  const kept: Track[] = [];
  const seen: Track[] = [];
  const after = expected.map((known, index): Track => {
    const detection = byTrack[index];
    if (detection !== undefined) {
      const continued = continueTrack(known, detection, atMs, newId);
      kept.push(continued);
      if (continued.trackId !== null) seen.push(continued);
      return continued;
    }
    const missed: Track = {
      ...known,
      phase: known.trackId === null ? 'tentative' : 'lost',
      missedMs: known.missedMs + lookedMs,
    };
    if (missed.missedMs <= limit(patienceWith(known).missMs)) kept.push(missed);
    else if (known.trackId !== null) ended.push(known);
    return missed;
  });
  const trackIds = detections.map((detection, index) => {
    const of = trackOf[index] ?? -1;
    if (of >= 0) return after[of]?.trackId ?? null;
    kept.push(beginTrack(detection, groupOf(detection), atMs));
    return null;
  });
  const tracks = withoutForgotten(kept, ended);
  return { state: { nextTrackId, tracks, lastMs: atMs }, trackIds, seen, ended };
}

/** The camera is closed: every track ends but what is stationary, which is still there when it opens again. */
export function endTracks(state: TrackerState): { readonly state: TrackerState; readonly ended: readonly Track[] } {
  return {
    state: { ...state, tracks: state.tracks.filter(({ standing }) => standing.isStationary) },
    ended: state.tracks.filter(({ trackId, standing }) => trackId !== null && !standing.isStationary),
  };
}

function patienceWith({ trackId, standing }: Track): Patience {
  if (trackId === null) return tentativePatience;
  return standing.isStationary ? stationaryPatience : patience;
}

function withoutForgotten(tracks: readonly Track[], ended: Track[]): readonly Track[] {
  const stationary = tracks.filter(({ standing }) => standing.isStationary);
  if (stationary.length <= mostStationary) return tracks;
  stationary.sort((a, b) => a.lastSeenMs - b.lastSeenMs);
  const forgotten = new Set(stationary.slice(0, stationary.length - mostStationary));
  ended.push(...forgotten);
  return tracks.filter((one) => !forgotten.has(one));
}
