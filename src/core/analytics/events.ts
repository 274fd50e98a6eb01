import type { Box } from '../../shared/domain/detection.ts';
import type { Track } from './track.ts';
import type { TrackedPicture } from './tracker.ts';

/**
 * From tracks to events worth reviewing: one object is one event from its confirmation until it is lost or has come to
 * rest. What is stationary raises nothing; when it moves, that is another event of the same track. Kept per camera, as a
 * value; `followEvents` answers the next one and what has to be written.
 */
export interface EventsState {
  /** By track. */
  readonly open: ReadonlyMap<number, OpenEvent>;
}

interface OpenEvent {
  readonly event: EventValue;
  /** When the event was last written. */
  readonly writtenMs: number;
}

/** What the store keeps of an event, less what is the same for all events of a camera. */
export interface EventValue {
  readonly trackId: number;
  readonly classIndex: number;
  /** With the track: which event it is. */
  readonly startMs: number;
  /** Null while it goes on. */
  readonly endMs: number | null;
  readonly bestMs: number;
  readonly bestScore: number;
  readonly bestBox: Box;
  /** Pictures it was seen in. */
  readonly frames: number;
}

export interface EventChange {
  readonly kind: 'opened' | 'updated' | 'closed';
  readonly event: EventValue;
  /** The best picture is another one now: ask the engine for the snapshot at `event.bestMs` while it still has it. */
  readonly newBest: boolean;
}

/** A picture is better only if its score is higher by this: a snapshot is not taken for every small gain. */
const clearlyBetter = 0.05;
/** An event that goes on is written at most this often when nothing but its length changes. */
const writeEveryMs = 5_000;

export const noEvents: EventsState = { open: new Map() };

export function followEvents(
  state: EventsState,
  picture: Pick<TrackedPicture, 'seen' | 'ended'>,
  atMs: number,
): { readonly state: EventsState; readonly changes: readonly EventChange[] } {
  const open = new Map(state.open);
  const changes: EventChange[] = [];
  const close = (trackId: number | null, endMs: number): void => {
    const known = trackId === null ? undefined : open.get(trackId);
    if (known === undefined || trackId === null) return;
    changes.push({ kind: 'closed', event: { ...known.event, endMs }, newBest: false });
    open.delete(trackId);
  };
  for (const track of picture.seen) {
    const { trackId } = track;
    if (trackId === null) continue;
    if (track.standing.isStationary) {
      close(trackId, track.lastSeenMs);
      continue;
    }
    const known = open.get(trackId);
    const event = known === undefined ? openEvent(track, trackId) : continueEvent(known.event, track);
    const newBest = event.bestMs !== known?.event.bestMs;
    const isDue =
      known === undefined ||
      newBest ||
      atMs - known.writtenMs >= writeEveryMs ||
      event.classIndex !== known.event.classIndex;
    if (isDue) changes.push({ kind: known === undefined ? 'opened' : 'updated', event, newBest });
    open.set(trackId, { event, writtenMs: isDue ? atMs : known.writtenMs });
  }
  for (const { trackId, lastSeenMs } of picture.ended) close(trackId, lastSeenMs);
  return { state: { open }, changes };
}

function openEvent({ classIndex, activity }: Track, trackId: number): EventValue {
  const { sinceMs, frames, best } = activity;
  return {
    trackId,
    classIndex,
    startMs: sinceMs,
    endMs: null,
    bestMs: best.atMs,
    bestScore: best.score,
    bestBox: best.box,
    frames,
  };
}

function continueEvent(event: EventValue, { classIndex, activity: { frames, best } }: Track): EventValue {
  const continued = { ...event, classIndex, frames };
  if (best.score < event.bestScore + clearlyBetter) return continued;
  return { ...continued, bestMs: best.atMs, bestScore: best.score, bestBox: best.box };
}
