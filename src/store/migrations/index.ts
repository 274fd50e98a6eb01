import { firstTables } from './0010-first-tables.ts';
import { laneTimeline } from './0020-lane-timeline.ts';
import { pictureReviews } from './0030-picture-reviews.ts';
import { inheritedFrames } from './0040-inherited-frames.ts';
import { recordings } from './0060-recordings.ts';
import { cameraStates } from './0090-camera-states.ts';
import { cameraProfiles } from './0100-camera-profiles.ts';
import { recordingTotals } from './0140-recording-totals.ts';
import { shedFrames } from './0150-shed-frames.ts';
import { cameraActivity } from './0160-camera-activity.ts';
import { countedPictures } from './0200-counted-pictures.ts';
import { listIds } from './0201-list-ids.ts';
import { schedules } from './0210-schedules.ts';
import type { Migration } from './migration.ts';

/** In order. A step that shipped is never edited: add the next one. */
export const migrations: readonly Migration[] = [
  firstTables,
  laneTimeline,
  pictureReviews,
  inheritedFrames,
  recordings,
  cameraStates,
  cameraProfiles,
  recordingTotals,
  shedFrames,
  cameraActivity,
  countedPictures,
  listIds,
  schedules,
];
