import * as greedy from './greedy-tracker.ts';
import type { EvaluatedPicture, Placed } from './mot-metrics.ts';
import { createTracker, track, type LookedAt, type TrackerOptions } from '../tracker.ts';

/** A picture of which it is known who is in it. */
export interface KnownPicture extends LookedAt {
  readonly truth: readonly Placed[];
}

/** A tracker's way through pictures; what it says of each stands beside the truth. */
export type Follow = (pictures: readonly KnownPicture[], options: TrackerOptions) => EvaluatedPicture[];

interface Shown {
  readonly trackId: number | null;
  readonly box: Placed['box'];
}

const placed = (seen: readonly Shown[]): Placed[] =>
  seen.flatMap(({ trackId, box }) => (trackId === null ? [] : [{ id: trackId, box }]));

export const followWithByteTrack: Follow = (pictures, options) => {
  let state = createTracker();
  return pictures.map((picture) => {
    const tracked = track(state, picture, options);
    state = tracked.state;
    return { truth: picture.truth, tracked: placed(tracked.seen) };
  });
};

/** As the tracker before did it. */
export const followGreedily: Follow = (pictures, options) => {
  let state = greedy.createTracker();
  return pictures.map(({ atMs, detections, truth }) => {
    const tracked = greedy.track(state, detections, atMs, options);
    state = tracked.state;
    return { truth, tracked: placed(tracked.seen) };
  });
};
