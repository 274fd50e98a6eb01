import type { CameraStatus } from '../domain/camera.ts';
import type { TrackedDetection } from '../domain/detection.ts';
import type { JobSummary } from '../domain/job.ts';
import type { LoadTestReport } from '../domain/load-test.ts';
import type { LanesSnapshot } from '../domain/lanes.ts';
import type { PlaybackState } from '../domain/playback.ts';
import type { ScheduleView } from '../domain/schedule.ts';
import type { EngineState, Notice } from '../domain/system.ts';
import type { Wall } from '../domain/wall.ts';

/** Everything that is pushed. Events announce state; they never steer. */
export interface Events {
  /** Once a second. */
  'lanes.snapshot': LanesSnapshot;
  /** Twice a second, all cameras. */
  'cameras.status': readonly CameraStatus[];
  /** The camera list changed (added, edited, removed): ask `app.overview` again. */
  'cameras.changed': { readonly cameraId: string };
  /** One analysed frame; drawn on the preview picture of the same `capturedAtMs`. */
  'cameras.result': {
    readonly cameraId: string;
    readonly capturedAtMs: number;
    readonly width: number;
    readonly height: number;
    readonly detections: readonly TrackedDetection[];
  };
  /** At most twice a second per job, and at every change of state. */
  'jobs.progress': JobSummary;
  /** All of them, as soon as one is another one or has another next run. */
  'schedules.changed': readonly ScheduleView[];
  /** Four times a second while something is played, and at every change. */
  'playback.state': PlaybackState;
  'engine.state': EngineState;
  /** Every second while a load test runs, and once when it ended. */
  'loadTest.progress': LoadTestReport;
  /** A window arranged it anew. */
  'wall.changed': Wall;
  'notices.changed': readonly Notice[];
  /** New or changed rows under Review. */
  'review.changed': { readonly events: number; readonly detections: number };
}

export type EventName = keyof Events;
export type EventMessage = { [K in EventName]: { readonly event: K; readonly payload: Events[K] } }[EventName];
