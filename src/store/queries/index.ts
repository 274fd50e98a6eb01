import type { OperationName } from '../operations.ts';
import type { Operation } from '../store-context.ts';
import { countActivity, countSightings, readActivity } from './camera-activity.ts';
import { acceptCamera, acceptedCameras, readCameraProfiles, saveCameraProfile } from './camera-profiles.ts';
import { cameraHistory, saveCameraStates } from './camera-states.ts';
import { forgetOldCameras, listCameras, removeCamera, saveCamera } from './cameras.ts';
import { forgetCosts, loadCosts, saveCosts } from './costs.ts';
import { closeOpenEvents, getEvent, markEvents } from './events.ts';
import { foundFrames } from './found-frames.ts';
import { ensureRecipe, ensureSource } from './identities.ts';
import { bindItem } from './items-bind.ts';
import { failItem, itemFailures, retryItems } from './items-failures.ts';
import { endFoundItems, foundItems } from './items-found.ts';
import { itemsPage } from './items-page.ts';
import { getJob, jobTotals, listJobs, saveJob } from './jobs.ts';
import { commitLive } from './live-commit.ts';
import { loadTracks } from './live-tracks.ts';
import { addNotice, clearNotices, dismissNotice, listNotices } from './notices.ts';
import {
  addPictureReview,
  countPictureReviews,
  forgetPictureReviews,
  getPictureReview,
  openPictureReviews,
  settlePictureReview,
  tellPictureReview,
} from './picture-reviews.ts';
import { pruneGaps, removedDays } from './recording-forgetting.ts';
import { listKept, noteGap, recordedRange, recordedStretches, setKept } from './recording-ranges.ts';
import {
  closeSegment,
  dropSegment,
  forgetSegments,
  markLeaving,
  oldestSegments,
  openSegment,
  segmentFiles,
  unfinishedSegments,
} from './recording-segments.ts';
import { recordedTotals } from './recording-totals.ts';
import { commitRepairs } from './repairs-commit.ts';
import { countRepairs } from './repairs-counts.ts';
import { nextRepair } from './repairs-next.ts';
import { settleRepairs } from './repairs-settle.ts';
import { reportCoverage } from './report-coverage.ts';
import { reportDensity } from './report-density.ts';
import { reportRecipes } from './report-recipes.ts';
import { reportRows } from './report-rows.ts';
import { reportTotals } from './report-totals.ts';
import { commitResults } from './results-commit.ts';
import { listReview } from './review-list.ts';
import { locateDetection } from './review-locate.ts';
import { decideSchedule, openScheduleRuns, saveScheduleRun, scheduleRuns } from './schedule-runs.ts';
import { listSchedules, removeSchedule, saveSchedule } from './schedules.ts';
import { getSetting, setSetting } from './settings.ts';
import { storeStatus } from './store-status.ts';
import { addTimeline, readTimeline } from './timeline.ts';
import { addReport, listReports } from './written-reports.ts';

/** A name without its operation does not compile. */
export const operations: { readonly [K in OperationName]: Operation<K> } = {
  'cameras.list': listCameras,
  'cameras.save': saveCamera,
  'cameras.forgetOld': forgetOldCameras,
  'cameras.remove': removeCamera,
  'cameras.states': saveCameraStates,
  'cameras.history': cameraHistory,
  'cameras.saveProfile': saveCameraProfile,
  'cameras.profiles': readCameraProfiles,
  'cameras.accept': acceptCamera,
  'cameras.accepted': acceptedCameras,
  'jobs.list': listJobs,
  'jobs.get': getJob,
  'jobs.save': saveJob,
  'jobs.totals': jobTotals,
  'items.found': foundItems,
  'items.endFound': endFoundItems,
  'items.page': itemsPage,
  'items.bind': bindItem,
  'items.fail': failItem,
  'items.retry': retryItems,
  'items.failures': itemFailures,
  'recipes.ensure': ensureRecipe,
  'sources.ensure': ensureSource,
  'results.commit': commitResults,
  'live.commit': commitLive,
  'live.tracks': loadTracks,
  'events.closeOpen': closeOpenEvents,
  'events.mark': markEvents,
  'events.get': getEvent,
  'review.list': listReview,
  'review.locate': locateDetection,
  'report.totals': reportTotals,
  'report.coverage': reportCoverage,
  'report.rows': reportRows,
  'report.recipes': reportRecipes,
  'report.density': reportDensity,
  'reports.add': addReport,
  'reports.list': listReports,
  'costs.load': loadCosts,
  'costs.save': saveCosts,
  'costs.forget': forgetCosts,
  'timeline.add': addTimeline,
  'timeline.read': readTimeline,
  'activity.read': readActivity,
  'activity.count': countActivity,
  'activity.sightings': countSightings,
  'activity.frames': foundFrames,
  'recordings.open': openSegment,
  'recordings.close': closeSegment,
  'recordings.drop': dropSegment,
  'recordings.unfinished': unfinishedSegments,
  'recordings.filesIn': segmentFiles,
  'recordings.oldest': oldestSegments,
  'recordings.leave': markLeaving,
  'recordings.forget': forgetSegments,
  'recordings.range': recordedRange,
  'recordings.stretches': recordedStretches,
  'recordings.gap': noteGap,
  'recordings.kept': listKept,
  'recordings.setKept': setKept,
  'recordings.removedDays': removedDays,
  'recordings.pruneGaps': pruneGaps,
  'recordings.totals': recordedTotals,
  'repairs.next': nextRepair,
  'repairs.commit': commitRepairs,
  'repairs.settle': settleRepairs,
  'repairs.counts': countRepairs,
  'notices.add': addNotice,
  'notices.clear': clearNotices,
  'notices.dismiss': dismissNotice,
  'notices.list': listNotices,
  'schedules.list': listSchedules,
  'schedules.save': saveSchedule,
  'schedules.remove': removeSchedule,
  'schedules.decide': decideSchedule,
  'schedules.saveRun': saveScheduleRun,
  'schedules.runs': scheduleRuns,
  'schedules.openRuns': openScheduleRuns,
  'settings.get': getSetting,
  'settings.set': setSetting,
  'pictureReviews.add': addPictureReview,
  'pictureReviews.get': getPictureReview,
  'pictureReviews.open': openPictureReviews,
  'pictureReviews.settle': settlePictureReview,
  'pictureReviews.told': tellPictureReview,
  'pictureReviews.forget': forgetPictureReviews,
  'pictureReviews.counts': countPictureReviews,
  'store.status': storeStatus,
};
