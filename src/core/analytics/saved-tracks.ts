import type { SavedPlace, SavedTracks } from '../../shared/domain/saved-tracks.ts';
import { startMotion } from './box-motion.ts';
import { standingAt } from './standing.ts';
import type { Track } from './track.ts';
import type { TrackerState } from './tracker.ts';

const minuteMs = 60_000;

export function savedTracks({ nextTrackId, tracks }: TrackerState, modelId: string): SavedTracks {
  const stationary = tracks.flatMap(({ trackId, classIndex, standing, lastSeenMs }): SavedPlace[] => {
    if (trackId === null || !standing.isStationary) return [];
    const [x, y, width, height] = standing.anchor;
    const rounded = (side: number): number => Math.round(side * 100) / 100;
    return [
      {
        trackId,
        classIndex,
        box: [rounded(x), rounded(y), rounded(width), rounded(height)],
        lastSeenMs: Math.floor(lastSeenMs / minuteMs) * minuteMs,
      },
    ];
  });
  return { modelId, nextTrackId, stationary };
}

/**
 * A tracker that goes on: what stood is awaited where it stood, and ids go on. Places of another model are not kept,
 * because its classes mean something else.
 */
export function restoreTracker(saved: SavedTracks, modelId: string, groups: Int32Array): TrackerState {
  const places = saved.modelId === modelId ? saved.stationary : [];
  return {
    nextTrackId: saved.nextTrackId,
    lastMs: null,
    tracks: places.map(({ trackId, classIndex, box, lastSeenMs }): Track => ({
      phase: 'lost',
      trackId,
      group: groups[classIndex] ?? classIndex,
      classIndex,
      box,
      motion: startMotion(box),
      standing: standingAt(box, lastSeenMs),
      firstMs: lastSeenMs,
      lastSeenMs,
      missedMs: 0,
      hits: 2,
      activity: { sinceMs: lastSeenMs, frames: 0, best: { atMs: lastSeenMs, score: 0, box } },
      sureness: new Map([[classIndex, 1]]),
    })),
  };
}
