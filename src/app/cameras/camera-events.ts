import type { Track } from '../../core/analytics/track.ts';
import {
  endTracks,
  createTracker,
  track,
  type TrackerOptions,
  type TrackerState,
} from '../../core/analytics/tracker.ts';
import { followEvents, noEvents, type EventChange } from '../../core/analytics/events.ts';
import { overlapGroups } from '../../core/analytics/overlap-groups.ts';
import { restoreTracker, savedTracks } from '../../core/analytics/saved-tracks.ts';
import type { Detection, TrackedDetection } from '../../shared/domain/detection.ts';
import type { ModelManifest } from '../../shared/domain/model.ts';
import type { SavedTracks } from '../../shared/domain/saved-tracks.ts';

export interface FollowedFrame {
  readonly detections: readonly TrackedDetection[];
  readonly changes: readonly EventChange[];
}

const isStationary = ({ standing }: Track): boolean => standing.isStationary;

/** The tracks of one camera and the events they make: holds the two states, decides nothing. */
export class CameraEvents {
  readonly #modelId: string;
  readonly #labels: readonly string[];
  readonly #options: TrackerOptions;
  #tracker: TrackerState;
  #events = noEvents;

  /** `saved`: what was kept when the camera was watched last; no id up to `lastTrackId` is given again. */
  constructor(
    manifest: ModelManifest,
    analysisFps: number,
    { saved, lastTrackId }: { readonly saved: SavedTracks | null; readonly lastTrackId: number },
  ) {
    const groups = overlapGroups(manifest);
    this.#modelId = manifest.id;
    this.#labels = manifest.labels;
    this.#options = { groups, frameIntervalMs: 1000 / analysisFps };
    const state = saved === null ? createTracker() : restoreTracker(saved, manifest.id, groups);
    this.#tracker = { ...state, nextTrackId: Math.max(state.nextTrackId, lastTrackId + 1) };
  }

  /** What is to be kept for the next time. */
  get saved(): SavedTracks {
    return savedTracks(this.#tracker, this.#modelId);
  }

  /** `faint`: what was found below the score that is reported. */
  next(atMs: number, detections: readonly Detection[], faint: readonly Detection[]): FollowedFrame {
    const picture = track(this.#tracker, { atMs, detections, faint }, this.#options);
    this.#tracker = picture.state;
    const stationary = new Set(picture.seen.filter(isStationary).map(({ trackId }) => trackId));
    return {
      detections: detections.map((detection, index) => ({
        ...detection,
        label: this.#labels[detection.classIndex] ?? `class ${String(detection.classIndex)}`,
        trackId: picture.trackIds[index] ?? null,
        isStationary: stationary.has(picture.trackIds[index] ?? null),
      })),
      changes: this.#follow(picture, atMs),
    };
  }

  /** The camera is closed: every open event ends. */
  close(atMs: number): readonly EventChange[] {
    const { state, ended } = endTracks(this.#tracker);
    this.#tracker = state;
    return this.#follow({ seen: [], ended }, atMs);
  }

  #follow(picture: Parameters<typeof followEvents>[1], atMs: number): readonly EventChange[] {
    const { state, changes } = followEvents(this.#events, picture, atMs);
    this.#events = state;
    return changes;
  }
}
