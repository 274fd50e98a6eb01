import { isActive } from '../../core/jobs/job-state.ts';
import type { JobState, JobSummary } from '../../shared/domain/job.ts';
import type { JobTotals, StoreClient, StoredJob } from '../../store/operations.ts';
import type { JobRunner } from './job-runner.ts';
import type { RunView } from './job-summary.ts';

/** What this process knows of a job beyond its row. */
export interface JobRecord {
  row: StoredJob;
  totals: JobTotals;
  runner: JobRunner | null;
  /** Its run was told to end before there was a runner to tell. */
  stopAsked: boolean;
  /** Items that were done before the run began, also those that are not any more: see `RunView.undone`. */
  doneBefore: number;
  /** It was running when an earlier process ended. */
  interrupted: boolean;
  resumed: JobSummary['resumed'];
  lastRun: RunView | null;
}

export async function readRecord(store: StoreClient, row: StoredJob): Promise<JobRecord> {
  const totals = await store.call('jobs.totals', { id: row.id });
  return {
    row,
    totals,
    runner: null,
    stopAsked: false,
    doneBefore: totals.done,
    interrupted: isActive(row.state),
    resumed: null,
    lastRun: null,
  };
}

export const isUnfinished = (state: JobState): boolean => state === 'queued' || isActive(state);

/**
 * Over frames. The length of a video is known once it was opened; one that was not counts as the average of the others,
 * or as a minute at 5 a second while none was.
 */
export function progressOf({ totals }: Pick<JobRecord, 'totals'>): number | null {
  if (totals.total === 0) return null;
  if (totals.pending === 0) return 1;
  const { pictures } = totals;
  const knownVideos = totals.total - totals.unknownItems - pictures;
  const average = knownVideos > 0 ? (totals.expectedFrames - pictures) / knownVideos : 300;
  const expected = totals.expectedFrames + totals.unknownItems * average;
  return expected <= 0 ? 0 : Math.min(0.999, totals.frames / expected);
}

/** The same for people: nobody knows while files are still being listed. */
export const shownProgress = (record: JobRecord): number | null =>
  record.runner?.isListing === true ? null : progressOf(record);

/** Frames that are still to be looked at; null while that cannot be said. */
export function framesLeft(record: JobRecord): number | null {
  const progress = shownProgress(record);
  return progress === null || progress <= 0 ? null : record.totals.frames / progress - record.totals.frames;
}
