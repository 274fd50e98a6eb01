import { allowedFrom } from '../../core/schedules/allowed-hours.ts';
import { decideRun, type MissedTimes } from '../../core/schedules/decide-run.ts';
import { decideHold } from '../../core/schedules/hold.ts';
import type { Clock } from '../../core/ports.ts';
import type { JobState, JobSummary } from '../../shared/domain/job.ts';
import type { RunEnd } from '../../shared/domain/schedule.ts';
import { describeError, NightshiftError, toErrorValue } from '../../shared/errors.ts';
import type { StoreClient, StoredScheduleRun } from '../../store/operations.ts';
import type { JobService, JobStandingNow } from '../jobs/job-service.ts';
import type { NoticeBoard } from '../notices/notice-board.ts';
import { isGoing, isHeld, isOpen, newRun, type ScheduleRecord } from './schedule-record.ts';
import { scheduleWords } from './schedule-words.ts';

export interface ScheduleRunsDeps {
  readonly store: StoreClient;
  readonly jobs: Pick<JobService, 'start' | 'pause' | 'resume' | 'standing'>;
  readonly notices: Pick<NoticeBoard, 'tell' | 'raise' | 'clear'>;
  readonly clock: Clock;
}

/**
 * Takes a schedule through its runs. A run is kept as `starting` before its job is asked for, and the job keeps the run that it
 * was started by: whenever everything ends, the next start either finds both or asks for the same once more.
 */
export class ScheduleRuns {
  readonly #deps: ScheduleRunsDeps;

  constructor(deps: ScheduleRunsDeps) {
    this.#deps = deps;
  }

  /** Does what is to be done now, for the run that is open and then for what is due. */
  async look(record: ScheduleRecord): Promise<void> {
    if (record.open?.outcome === 'starting') await this.#beginOrTell(record, record.open);
    await this.settle(record);
    await this.#hold(record);
    if (record.row.settings.enabled) await this.#decide(record);
  }

  /** Notes the end of its scan, if it has ended. */
  async settle(record: ScheduleRecord): Promise<void> {
    const { open } = record;
    if (open?.outcome !== 'started') return;
    const standing = this.#standingOf(open);
    const end = standing === null ? 'cancelled' : endOf(standing.state);
    if (end === null) return;
    const why = end === 'failed' ? (standing?.reason ?? open.why) : open.why;
    await this.#keep(record, { ...open, end, why, endedAtMs: this.#nowMs() });
  }

  /** Starts its scan now, whatever the hour. Throws `conflict` where it is running already. */
  async byHand(record: ScheduleRecord): Promise<JobSummary> {
    const { row, open } = record;
    const nowMs = this.#nowMs();
    if (open?.outcome === 'starting') return this.#begin(record, open);
    const standing = open === null ? null : this.#standingOf(open);
    if (open !== null && isGoing(open, standing) && !isHeld(open, standing)) throw conflict(scheduleWords.stillRuns);
    const startMs = allowedFrom(row.settings, nowMs);
    const run = newRun(row.id, nowMs, nowMs, {
      outcome: 'starting',
      byHand: true,
      // It may run until its hours begin and end again.
      heldUntilMs: startMs === nowMs ? null : startMs,
    });
    const kept = { id: row.id, consideredMs: row.consideredMs, missed: null, run };
    const { isNew } = await this.#deps.store.call('schedules.decide', kept);
    if (!isNew) throw conflict(scheduleWords.stillRuns);
    return this.#begin(record, run);
  }

  async #decide(record: ScheduleRecord): Promise<void> {
    const { row, open } = record;
    const { settings } = row;
    const nowMs = this.#nowMs();
    const decision = decideRun(settings, row.consideredMs, nowMs);
    const { consideredMs } = decision;
    if (consideredMs === row.consideredMs) return;
    const missed = decision.missed === null ? null : missedRun(row.id, nowMs, decision.missed);
    const isBusy = open !== null && isGoing(open, this.#standingOf(open));
    const run =
      decision.run === null
        ? null
        : newRun(row.id, decision.run.dueMs, nowMs, {
            outcome: isBusy ? 'skipped' : 'starting',
            why: isBusy ? scheduleWords.stillRuns : lateWords(decision.run.lateMs),
          });
    const { isNew } = await this.#deps.store.call('schedules.decide', { id: row.id, consideredMs, missed, run });
    record.row = { ...row, consideredMs };
    if (missed !== null) {
      record.lastRun = missed;
      if (decision.missed?.why === 'too-late') {
        const text = scheduleWords.missed(settings.name, missed.dueMs, settings.timeZone, scheduleWords.tooLate);
        void this.#deps.notices.tell('warning', `schedule-missed:${row.id}`, text);
      }
    }
    if (run === null || !isNew) return;
    record.lastRun = run;
    if (run.outcome === 'starting') await this.#beginOrTell(record, run);
  }

  /** Its hours end or begin while its scan is under way. */
  async #hold(record: ScheduleRecord): Promise<void> {
    const { open, row } = record;
    if (open?.outcome !== 'started' || open.jobId === null) return;
    const { settings } = row;
    const decision = decideHold(settings, open.heldUntilMs, this.#nowMs());
    switch (decision.do) {
      case 'nothing':
        return;
      case 'hold': {
        const reason = scheduleWords.held(settings.name, decision.untilMs, settings.timeZone);
        if (this.#standingOf(open)?.isUnderWay === true) await this.#deps.jobs.pause(open.jobId, reason);
        const standing = this.#standingOf(open);
        // Also where everything ended between the pause and this note of it, or its last hours were slept through.
        const isOurs = isHeld({ ...open, heldReason: reason }, standing) || isHeld(open, standing);
        const heldReason = isOurs ? (standing?.reason ?? null) : null;
        await this.#keep(record, { ...open, heldUntilMs: decision.untilMs, heldReason });
        return;
      }
      case 'go-on':
        if (isHeld(open, this.#standingOf(open))) await this.#deps.jobs.resume(open.jobId);
        await this.#keep(record, { ...open, heldUntilMs: null, heldReason: null });
    }
  }

  async #beginOrTell(record: ScheduleRecord, run: StoredScheduleRun): Promise<void> {
    const { notices } = this.#deps;
    const topic = `schedule-failed:${record.row.id}`;
    try {
      await this.#begin(record, run);
      void notices.clear(topic);
    } catch (caught) {
      const error = toErrorValue(caught);
      if (error.kind === 'conflict') return; // said in its history: the same scan is running
      void notices.raise('error', topic, scheduleWords.failed(record.row.settings.name, describeError(error)));
    }
  }

  /** Throws where its scan was not begun. What became of the run is kept in any case, or it is still `starting`. */
  async #begin(record: ScheduleRecord, run: StoredScheduleRun): Promise<JobSummary> {
    const { settings, id } = record.row;
    const before = record.open?.dueMs === run.dueMs ? null : record.open;
    record.open = run;
    record.lastRun = run;
    const spec = { ...settings.job, name: settings.job.name ?? settings.name };
    const started = await this.#deps.jobs.start(spec, `${id}@${run.dueMs}`).catch(async (caught: unknown) => {
      const error = toErrorValue(caught);
      if (passes(error.kind)) throw caught;
      await this.#keep(record, { ...run, outcome: 'failed', why: describeError(error) });
      record.open = before;
      throw caught;
    });
    const { job, begun } = started;
    if (!begun) {
      await this.#keep(record, { ...run, outcome: 'skipped', jobId: job.id, why: scheduleWords.startedElsewhere });
      record.open = before;
      throw conflict(scheduleWords.startedElsewhere);
    }
    if (before !== null) await this.replace(before);
    await this.#keep(record, { ...run, outcome: 'started', jobId: job.id });
    return job;
  }

  /** A later run goes on with its scan. */
  async replace(run: StoredScheduleRun): Promise<void> {
    await this.#deps.store.call('schedules.saveRun', { ...run, end: 'replaced', endedAtMs: this.#nowMs() });
  }

  async #keep(record: ScheduleRecord, run: StoredScheduleRun): Promise<void> {
    await this.#deps.store.call('schedules.saveRun', run);
    record.open = isOpen(run) ? run : null;
    if (record.lastRun === null || record.lastRun.dueMs <= run.dueMs) record.lastRun = run;
  }

  #standingOf({ jobId }: StoredScheduleRun): JobStandingNow | null {
    return jobId === null ? null : this.#deps.jobs.standing(jobId);
  }

  #nowMs(): number {
    return Math.round(this.#deps.clock.epochMs());
  }
}

/** Tried again as long as it takes: the scan of a night is not lost because the disk was full for a minute. */
const passes = (kind: NightshiftError['kind']): boolean => kind === 'no-space' || kind === 'storage';

const lateWords = (lateMs: number): string | null => (lateMs > 0 ? scheduleWords.late(lateMs) : null);

const conflict = (message: string): NightshiftError =>
  new NightshiftError({ kind: 'conflict', message, hint: 'It is in the list of scans.' });

function missedRun(id: string, nowMs: number, { lastDueMs, count, atLeast, why }: MissedTimes): StoredScheduleRun {
  const words = why === 'too-late' ? scheduleWords.tooLate : scheduleWords.overtaken;
  return newRun(id, lastDueMs, nowMs, { outcome: 'missed', count, atLeast, why: words });
}

function endOf(state: JobState): RunEnd | null {
  return state === 'done' || state === 'failed' || state === 'cancelled' ? state : null;
}
