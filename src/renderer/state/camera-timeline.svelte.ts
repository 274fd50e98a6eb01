import type { CameraTimeline } from '../../shared/domain/camera-timeline.ts';
import type { ApplicationState } from './application.svelte.ts';
import { TimeLens } from './time-lens.svelte.ts';
import type { TimeWindow, WindowLimits } from './time-window.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** From a minute to a week, as far back as footage may be kept. */
export const cameraLimits: WindowLimits = { shortestMs: minuteMs, longestMs: 7 * dayMs, reachMs: 3_650 * dayMs };

/** A bar is a few pixels wide. */
const bucketsSeen = 240;
const quickestMs = 2_000;
const slowestMs = 30_000;

/** Half as much again on either side, so that a drag does not uncover what is not there yet. */
export const questionAround = ({ fromMs, toMs }: TimeWindow): TimeWindow & { readonly buckets: number } => {
  const margin = (toMs - fromMs) / 2;
  return { fromMs: Math.max(0, fromMs - margin), toMs: toMs + margin, buckets: 2 * bucketsSeen };
};

/** What all cameras saw, recorded and missed in the window that is looked at. */
export class CameraTimelineState extends TimeLens<CameraTimeline> {
  constructor(app: ApplicationState) {
    super({
      firstSpanMs: 60 * minuteMs,
      limits: cameraLimits,
      leavesPresent: true,
      ask: (window) =>
        app.call('cameras.timeline', { cameraIds: app.cameras.map(({ id }) => id), ...questionAround(window) }),
      refreshMs: (spanMs) => Math.min(slowestMs, Math.max(quickestMs, spanMs / 200)),
    });
  }
}
