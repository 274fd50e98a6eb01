import type { ScheduleRun, ScheduleSettings } from '../../shared/domain/schedule.ts';

export interface StoredSchedule {
  readonly id: string;
  readonly settings: ScheduleSettings;
  readonly createdAtMs: number;
  /** What was due up to then is dealt with. */
  readonly consideredMs: number;
}

export interface StoredScheduleRun extends ScheduleRun {
  /** The sentence with which its job was paused until `heldUntilMs`; null: it was not. */
  readonly heldReason: string | null;
}

/** Scans that start by the clock, and what became of each time. */
export interface ScheduleOperations {
  /** Oldest first. */
  'schedules.list': { in: void; out: readonly StoredSchedule[] };
  'schedules.save': { in: StoredSchedule; out: void };
  /** With its runs; their jobs stay. */
  'schedules.remove': { in: { id: string }; out: void };
  /**
   * What was decided at one moment, in one transaction. A run that is known by its schedule and due time stays as it is:
   * `isNew` false. The newest 200 of a schedule are kept, and those that have not ended.
   */
  'schedules.decide': {
    in: { id: string; consideredMs: number; missed: StoredScheduleRun | null; run: StoredScheduleRun | null };
    out: { isNew: boolean };
  };
  /** What became of a run that is known. */
  'schedules.saveRun': { in: StoredScheduleRun; out: void };
  /** Newest first. */
  'schedules.runs': { in: { id: string; limit: number }; out: readonly StoredScheduleRun[] };
  /** Of all schedules: those that are starting, or whose job has not ended. */
  'schedules.openRuns': { in: void; out: readonly StoredScheduleRun[] };
}
