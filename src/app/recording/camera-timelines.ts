import type { Clock } from '../../core/ports.ts';
import { bucketFor, coarseStates, inBuckets, minuteMs } from '../../core/timeline/camera-timeline.ts';
import type { CallInput } from '../../shared/contract/calls.ts';
import type {
  CameraFootage,
  CameraLane,
  CameraTimeline,
  FoundFrames,
  TimeStretch,
} from '../../shared/domain/camera-timeline.ts';
import type { StoreClient } from '../../store/operations.ts';

export interface CameraTimelinesDeps {
  readonly store: Pick<StoreClient, 'call'>;
  readonly clock: Clock;
  readonly footage: (range: TimeStretch & { readonly cameraId: string }) => Promise<CameraFootage>;
  /** Of a camera's pictures now; null: not known. */
  readonly sizeOf: (cameraId: string) => { readonly width: number; readonly height: number } | null;
  /** The store knows of each camera's state up to now. */
  readonly historyUpToNow: () => Promise<void>;
}

/** Up to so many boxes buckets of seconds are counted box by box; beyond, minutes are told. */
const exactUpTo = 100_000;
/** States shorter than this share of what is seen are less than a pixel. */
const finestState = 1 / 1_500;
/** Boxes of one answer: half a minute of a crowd. */
const mostBoxes = 20_000;

/**
 * What cameras saw, recorded and missed, for a picture of any span. Cameras are read one after the other, so that what
 * the store has to write meanwhile gets its turn between them.
 */
export class CameraTimelines {
  readonly #deps: CameraTimelinesDeps;

  constructor(deps: CameraTimelinesDeps) {
    this.#deps = deps;
  }

  async read({ cameraIds, buckets, ...asked }: CallInput<'cameras.timeline'>): Promise<CameraTimeline> {
    const { store, clock } = this.#deps;
    // Nothing is known of what is still to come, and a bucket of it would only be empty.
    const seen = { fromMs: asked.fromMs, toMs: Math.max(asked.fromMs + 1, Math.min(asked.toMs, clock.epochMs() + 1)) };
    const spanMs = asked.toMs - asked.fromMs;
    const finest = bucketFor(spanMs, buckets);
    const isCounted = finest >= minuteMs || (await store.call('activity.count', { cameraIds, ...seen })) <= exactUpTo;
    const bucketMs = isCounted ? finest : minuteMs;
    const range = inBuckets(seen, bucketMs);
    const count = Math.round((range.toMs - range.fromMs) / bucketMs);
    await this.#deps.historyUpToNow();
    const began = await store.call('activity.sightings', { cameraIds, ...range, bucketMs });
    const cameras: CameraLane[] = [];
    for (const cameraId of cameraIds) {
      const boxes = new Array<number>(count).fill(0);
      for (const [bucket, found] of await store.call('activity.read', { cameraId, ...range, bucketMs })) {
        boxes[bucket] = found;
      }
      const sightings = new Array<number>(count).fill(0);
      for (const one of began) if (one.cameraId === cameraId) sightings[one.bucket] = one.count;
      const states = await store.call('cameras.history', { cameraId, ...range });
      const footage = await this.#deps.footage({ cameraId, ...range });
      cameras.push({ cameraId, boxes, sightings, ...footage, states: coarseStates(states, spanMs * finestState) });
    }
    return { ...range, bucketMs, cameras };
  }

  /** What was found in the frames of a stretch of footage. */
  found(range: CallInput<'playback.found'>): Promise<FoundFrames> {
    const size = this.#deps.sizeOf(range.cameraId);
    return this.#deps.store.call('activity.frames', { ...range, limit: mostBoxes, size });
  }
}
