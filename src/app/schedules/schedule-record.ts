import { nextRun } from '../../core/schedules/decide-run.ts';
import type { ScheduleRun, ScheduleView } from '../../shared/domain/schedule.ts';
import type { StoredSchedule, StoredScheduleRun } from '../../store/operations.ts';
import type { JobStandingNow } from '../jobs/job-service.ts';

/** What this process knows of a schedule. */
export interface ScheduleRecord {
  row: StoredSchedule;
  /** Null: it was never due. */
  lastRun: StoredScheduleRun | null;
  /** The run that is starting, or whose scan has not ended. */
  open: StoredScheduleRun | null;
}

export const isOpen = ({ outcome, endedAtMs }: StoredScheduleRun): boolean =>
  outcome === 'starting' || (outcome === 'started' && endedAtMs === null);

/** Its scan is paused because its schedule does not allow it to run now. */
export const isHeld = (run: StoredScheduleRun, standing: JobStandingNow | null): boolean =>
  run.heldReason !== null && standing?.state === 'paused' && standing.reason === run.heldReason;

/** It runs, waits for its turn or for its hours; one that somebody paused does not. */
export const isGoing = (run: StoredScheduleRun, standing: JobStandingNow | null): boolean =>
  run.outcome === 'starting' || standing?.isUnderWay === true || isHeld(run, standing);

export function newRun(
  scheduleId: string,
  dueMs: number,
  atMs: number,
  fields: Pick<StoredScheduleRun, 'outcome'> & Partial<StoredScheduleRun>,
): StoredScheduleRun {
  return {
    scheduleId,
    dueMs: Math.round(dueMs),
    atMs: Math.round(atMs),
    byHand: false,
    why: null,
    count: 1,
    atLeast: false,
    jobId: null,
    heldUntilMs: null,
    heldReason: null,
    endedAtMs: null,
    end: null,
    ...fields,
  };
}

export function toldRun({ heldReason: _heldReason, ...run }: StoredScheduleRun): ScheduleRun {
  return run;
}

export function viewOf(
  { row, lastRun, open }: ScheduleRecord,
  nowMs: number,
  standingOf: (jobId: string) => JobStandingNow | null,
): ScheduleView {
  const { id, createdAtMs, settings, consideredMs } = row;
  return {
    id,
    createdAtMs,
    settings,
    next: settings.enabled ? nextRun(settings, consideredMs, nowMs) : null,
    lastRun: lastRun === null ? null : toldRun(lastRun),
    running:
      open === null || open.jobId === null
        ? null
        : { jobId: open.jobId, heldUntilMs: isHeld(open, standingOf(open.jobId)) ? open.heldUntilMs : null },
  };
}
