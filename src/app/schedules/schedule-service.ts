import { randomUUID } from 'node:crypto';
import { allowedFrom, allowedUntil } from '../../core/schedules/allowed-hours.ts';
import { nextRun } from '../../core/schedules/decide-run.ts';
import { dueTimes } from '../../core/schedules/due-times.ts';
import type { EventMessage } from '../../shared/contract/events.ts';
import type { JobSummary } from '../../shared/domain/job.ts';
import {
  scheduleSettingsSchema,
  type ScheduleRun,
  type ScheduleSettings,
  type ScheduleView,
  type ScheduleWhen,
} from '../../shared/domain/schedule.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { StoredSchedule } from '../../store/operations.ts';
import type { EventBus } from '../event-bus.ts';
import type { JobService } from '../jobs/job-service.ts';
import type { Log } from '../ports.ts';
import { toldRun, viewOf, type ScheduleRecord } from './schedule-record.ts';
import { ScheduleRuns, type ScheduleRunsDeps } from './schedule-runs.ts';
import { scheduleWords } from './schedule-words.ts';

/** The clock is looked at this often at least: a timer stands still while the machine sleeps, and the clock can be set. */
const longestWaitMs = 30_000;
/** A timer may fire a moment before its time. */
const shortestWaitMs = 250;
const mostSchedules = 100;

export interface ScheduleServiceDeps extends Omit<ScheduleRunsDeps, 'jobs'> {
  readonly jobs: ScheduleRunsDeps['jobs'] & Pick<JobService, 'check'>;
  readonly bus: EventBus;
  readonly log: Log;
}

/** Scans that start by the clock. One thing at a time is done with the schedules, and one timer is armed for all of them. */
export class ScheduleService {
  readonly #deps: ScheduleServiceDeps;
  readonly #runs: ScheduleRuns;
  readonly #records = new Map<string, ScheduleRecord>();
  #isActive = false;
  #isClosed = false;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #told = '';
  /** What could not be kept is not tried again at once. */
  #leastWaitMs = shortestWaitMs;

  constructor(deps: ScheduleServiceDeps) {
    this.#deps = deps;
    this.#runs = new ScheduleRuns(deps);
  }

  /** `isActive`: starts what is due from now on. Jobs have to be loaded. */
  async load(isActive: boolean): Promise<void> {
    const { store } = this.#deps;
    for (const row of await store.call('schedules.list', undefined)) {
      // What earlier versions did not know has its default. What is not known here was made elsewhere, and stays in the store.
      const settings = scheduleSettingsSchema.safeParse(row.settings);
      if (!settings.success) {
        const why = settings.error.issues[0]?.message ?? '';
        const text = scheduleWords.unreadable(row.settings.name, why);
        void this.#deps.notices.raise('error', `schedule-unreadable:${row.id}`, text);
        continue;
      }
      const [lastRun = null] = await store.call('schedules.runs', { id: row.id, limit: 1 });
      this.#records.set(row.id, { row: { ...row, settings: settings.data }, lastRun, open: null });
    }
    for (const run of await store.call('schedules.openRuns', undefined)) {
      const record = this.#records.get(run.scheduleId);
      if (record === undefined) continue;
      if (record.open !== null) await this.#runs.replace(record.open); // they come in order of time
      record.open = run;
    }
    this.#told = JSON.stringify(this.list());
    this.#isActive = isActive;
    if (isActive) this.#arm(0);
  }

  /** Oldest first. */
  list(): readonly ScheduleView[] {
    return [...this.#records.values()].map((record) => this.#view(record));
  }

  create(settings: ScheduleSettings): Promise<ScheduleView> {
    return this.#inTurn(async () => {
      if (this.#records.size >= mostSchedules) {
        throw new NightshiftError({
          kind: 'conflict',
          message: `There are ${mostSchedules} schedules, which is as many as there can be.`,
          hint: 'Remove one that is not needed any more.',
        });
      }
      this.#check(settings, true);
      await this.#deps.jobs.check(settings.job);
      const nowMs = this.#nowMs();
      const id = `schedule-${randomUUID().slice(0, 8)}`;
      return this.#save({ id, settings, createdAtMs: nowMs, consideredMs: nowMs });
    });
  }

  /** Times that passed before a change of when it is due are not due by the new ones. */
  update(id: string, change: Partial<ScheduleSettings>): Promise<ScheduleView> {
    return this.#inTurn(async () => {
      const { row } = this.#record(id);
      const settings = { ...row.settings, ...change };
      const isDueAnew = dueBy(settings) !== dueBy(row.settings);
      this.#check(settings, isDueAnew);
      if (change.job !== undefined) await this.#deps.jobs.check(settings.job);
      return this.#save({ ...row, settings, consideredMs: isDueAnew ? this.#nowMs() : row.consideredMs });
    });
  }

  /** Its history goes with it; a scan that it started goes on, or stays paused. */
  remove(id: string): Promise<void> {
    return this.#inTurn(async () => {
      this.#record(id);
      await this.#deps.store.call('schedules.remove', { id });
      this.#records.delete(id);
    });
  }

  runNow(id: string): Promise<JobSummary> {
    return this.#inTurn(() => this.#runs.byHand(this.#record(id)));
  }

  /** Newest first. */
  async history(id: string, limit: number): Promise<readonly ScheduleRun[]> {
    this.#record(id);
    return (await this.#deps.store.call('schedules.runs', { id, limit })).map(toldRun);
  }

  /** The end of a scan is noted when it is told. */
  heard({ event, payload }: EventMessage): void {
    if (event !== 'jobs.progress' || this.#isClosed) return;
    const { id, state } = payload;
    if (state !== 'done' && state !== 'failed' && state !== 'cancelled') return;
    const records = [...this.#records.values()].filter(({ open }) => open?.jobId === id);
    if (records.length === 0) return;
    void this.#inTurn(async () => {
      for (const record of records) await this.#runs.settle(record);
    }).catch((caught: unknown) => {
      this.#deps.log.warn('the end of a scheduled scan could not be noted', { jobId: id, error: String(caught) });
    });
  }

  /** Nothing is started any more; resolves when what is under way is kept. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#turn;
  }

  async #look(): Promise<void> {
    await this.#inTurn(async () => {
      this.#leastWaitMs = shortestWaitMs;
      for (const record of this.#records.values()) {
        if (this.#isClosed) return;
        await this.#runs.look(record).catch((caught: unknown) => {
          const { id } = record.row;
          this.#leastWaitMs = longestWaitMs;
          this.#deps.log.warn('a schedule could not be looked at', { scheduleId: id, error: String(caught) });
        });
      }
    });
  }

  #arm(waitMs: number): void {
    if (this.#isClosed || !this.#isActive) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      void this.#look();
    }, waitMs);
  }

  /** After each turn everybody hears what has changed, and the timer is armed for what comes next. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work).finally(() => {
      const views = this.list();
      const told = JSON.stringify(views);
      if (told !== this.#told) this.#deps.bus.emit('schedules.changed', views);
      this.#told = told;
      this.#arm(Math.min(longestWaitMs, Math.max(this.#leastWaitMs, this.#nextMs() - this.#nowMs())));
    });
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** When something is to be done next. */
  #nextMs(): number {
    const nowMs = this.#nowMs();
    const moments = [...this.#records.values()].flatMap(({ row: { settings, consideredMs }, open }) => {
      const next = settings.enabled ? nextRun(settings, consideredMs, nowMs) : null;
      const edge = open === null ? null : (open.heldUntilMs ?? allowedUntil(settings, nowMs));
      return [next?.startMs ?? Infinity, edge ?? Infinity];
    });
    return Math.min(Infinity, ...moments);
  }

  async #save(row: StoredSchedule): Promise<ScheduleView> {
    await this.#deps.store.call('schedules.save', row);
    const record = this.#records.get(row.id) ?? { row, lastRun: null, open: null };
    record.row = row;
    this.#records.set(row.id, record);
    return this.#view(record);
  }

  #view(record: ScheduleRecord): ScheduleView {
    return viewOf(record, this.#nowMs(), (jobId) => this.#deps.jobs.standing(jobId));
  }

  /** Settings under which it would never run are refused in words. */
  #check(settings: ScheduleSettings, isDueAnew: boolean): void {
    const refused = (where: string, message: string, hint: string): NightshiftError =>
      new NightshiftError({ kind: 'bad-input', message, where, hint });
    const { when } = settings;
    const nowMs = this.#nowMs();
    const problem = when.kind === 'cron' ? patternProblem(when, settings.timeZone, nowMs) : null;
    if (problem !== null) {
      const hint =
        'Minute, hour, day of the month, month, day of the week: 30 22 * * 1-5 is half past ten on working days.';
      throw refused('when', `This cron pattern cannot be used: ${problem}.`, hint);
    }
    if (when.kind === 'once' && settings.enabled && isDueAnew && when.atMs <= nowMs) {
      throw refused('when', 'This moment is over.', 'Choose one that is still to come, or start the scan now.');
    }
    if (allowedFrom(settings, nowMs) === null) {
      throw refused('hours', 'These hours leave no time to run.', 'Make the hours longer, or the quiet ones shorter.');
    }
  }

  #record(id: string): ScheduleRecord {
    const record = this.#records.get(id);
    if (record === undefined) {
      throw new NightshiftError({
        kind: 'not-found',
        message: 'There is no such schedule.',
        where: id,
        hint: 'See `nightshift schedules` or the Jobs view.',
      });
    }
    return record;
  }

  #nowMs(): number {
    return Math.round(this.#deps.clock.epochMs());
  }
}

/** Null: it is a pattern, and names a time that comes. */
function patternProblem(when: ScheduleWhen, timeZone: string, nowMs: number): string | null {
  try {
    return dueTimes(when, timeZone)(nowMs) === null ? 'it names no time that ever comes' : null;
  } catch (caught) {
    if (caught instanceof RangeError) return caught.message;
    throw caught;
  }
}

/** What decides at which times it is due. */
const dueBy = ({ when, timeZone, enabled }: ScheduleSettings): string => JSON.stringify([when, timeZone, enabled]);
