import { canDo, type JobStanding } from '../../core/jobs/job-state.ts';
import type { ItemFailure, JobDetail, JobSpec, JobSummary } from '../../shared/domain/job.ts';
import type { ItemNews } from '../../shared/engine/protocol.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { StoredJob } from '../../store/operations.ts';
import type { ExecutorLoss } from '../instances/archive-fleet.ts';
import type { PreparedWork } from '../models/work.ts';
import { JobBoard } from './job-board.ts';
import { jobIdOf } from './job-id.ts';
import { isUnfinished, readRecord, type JobRecord } from './job-record.ts';
import type { JobRunner } from './job-runner.ts';
import { JobRuns, type JobRunsDeps } from './job-runs.ts';
import { jobName } from './job-summary.ts';
import { JobTurns } from './job-turns.ts';
import { scanFilter } from './scan-filter.ts';

const MAX_FAILURES_SHOWN = 200;

export interface JobStandingNow extends JobStanding {
  /** It runs or waits for its turn in this process. */
  readonly isUnderWay: boolean;
}

/**
 * The archive jobs: a few run at once and share the archive's time by weight, the others wait in the order they were asked
 * for. Everything that matters is in the store first, so a job that was running when the power went is found as
 * `running` and goes on by itself.
 */
export class JobService {
  readonly #deps: JobRunsDeps;
  readonly #jobs = new Map<string, JobRecord>();
  readonly #board: JobBoard;
  readonly #runs: JobRuns;
  readonly #turns: JobTurns<JobRecord>;
  #stopping = false;
  /** One at a time: the same scan asked for twice at once is one job. */
  #creating: Promise<unknown> = Promise.resolve();

  constructor(deps: JobRunsDeps) {
    this.#deps = deps;
    this.#board = new JobBoard({ ...deps, turns: () => this.#turns });
    this.#runs = new JobRuns(deps, this.#board, {
      isStopping: () => this.#stopping,
      isAskedAgain: (record) => this.#turns.isWaiting(record),
    });
    deps.sharing.add({
      running: () => this.#board.running(),
      waitingWeights: () => this.#board.waitingWeights(),
      sharingChanged: () => {
        for (const { meter } of this.#runners()) meter.sharingChanged();
      },
    });
    this.#turns = new JobTurns(
      () => deps.lanes.settings.archiveJobs,
      (record) => this.#runs.run(record),
      () => {
        for (const record of this.#turns.waiting) this.#board.tell(record);
      },
    );
  }

  /** Loads the jobs. `resume`: go on with those that were queued or running. */
  async load(resume: boolean): Promise<void> {
    for (const row of await this.#deps.store.call('jobs.list', undefined)) {
      this.#jobs.set(row.id, await readRecord(this.#deps.store, row));
    }
    if (!resume) return;
    // What was running when the process ended goes first, then in the order of asking.
    const unfinished = [...this.#jobs.values()].filter((record) => isUnfinished(record.row.state));
    unfinished.sort((a, b) => Number(b.interrupted) - Number(a.interrupted) || a.row.createdAtMs - b.row.createdAtMs);
    for (const record of unfinished) await this.#board.requeue(record);
    this.#turns.add(...unfinished);
  }

  list(): readonly JobSummary[] {
    const all = [...this.#jobs.values()].map((record) => this.#board.summary(record));
    return all.sort((a, b) => b.createdAtMs - a.createdAtMs);
  }

  async get(id: string): Promise<JobDetail> {
    const record = this.#record(id);
    const { failures } = await this.failures(id, 0, MAX_FAILURES_SHOWN);
    return {
      ...this.#board.summary(record),
      failures,
      history: record.runner?.meter.history ?? record.lastRun?.history ?? [],
    };
  }

  failures(id: string, offset: number, limit: number): Promise<{ total: number; failures: readonly ItemFailure[] }> {
    this.#record(id);
    return this.#deps.store.call('items.failures', { jobId: id, offset, limit });
  }

  /**
   * When a scan would end that is asked for now and takes `aloneMs` by itself, and how many others it shares the archive with or
   * waits for.
   */
  expectedEnd(spec: JobSpec, aloneMs: number): { expectedMs: number | null; besideJobs: number } {
    const { archiveJobs } = this.#deps.lanes.settings;
    return this.#board.expectedEnd(jobIdOf(spec), { weight: spec.weight, aloneMs }, archiveJobs);
  }

  /** The same scan again goes on with its job, or looks for what is new. Errors in the request are told before anything is stored. */
  create(spec: JobSpec): Promise<JobSummary> {
    return this.#inTurn(() => this.#create(spec)).then(({ job }) => job);
  }

  /**
   * As `create`, once for each key: the job is stored together with the key that it was last started by, so that asking again
   * after a crash starts nothing. `begun` false: it was on its way already, for somebody else.
   */
  start(spec: JobSpec, startKey: string): Promise<{ job: JobSummary; begun: boolean }> {
    return this.#inTurn(() => this.#create(spec, startKey));
  }

  /** Null: there is no such job. */
  standing(id: string): JobStandingNow | null {
    const record = this.#jobs.get(id);
    if (record === undefined) return null;
    const { state, reason } = record.row;
    return { state, reason, isUnderWay: this.#isOnItsWay(record) };
  }

  /** Rejects where this scan cannot be done here: a pattern is not understood, its model is not there, or the device has no room for it. */
  async check(spec: JobSpec): Promise<void> {
    scanFilter(spec);
    this.#deps.lanes.admit((await this.#runs.prepare(spec)).picture, 'archive');
  }

  #inTurn<T>(create: () => Promise<T>): Promise<T> {
    const created = this.#creating.then(create);
    this.#creating = created.catch(() => undefined);
    return created;
  }

  async #create(spec: JobSpec, startKey?: string): Promise<{ job: JobSummary; begun: boolean }> {
    const { clock, store } = this.#deps;
    await this.check(spec);
    const id = jobIdOf(spec);
    const known = this.#jobs.get(id);
    const key = startKey === undefined ? {} : { startKey };
    if (known !== undefined) {
      const isItsOwn = startKey !== undefined && known.row.startKey === startKey;
      // Unfinished and not on its way: it could not be stored when it was asked for last.
      const hasRun = isItsOwn && !isUnfinished(known.row.state);
      if (hasRun || this.#isOnItsWay(known)) return { job: this.#board.summary(known), begun: isItsOwn };
      known.row = { ...known.row, ...key, spec, name: spec.name ?? known.row.name };
      await this.#board.requeue(known);
    } else {
      const row: StoredJob = {
        id,
        name: spec.name ?? jobName([...spec.paths, ...spec.lists]),
        spec,
        state: 'queued',
        reason: null,
        createdAtMs: clock.epochMs(),
        startedAtMs: null,
        endedAtMs: null,
        ...key,
      };
      await store.call('jobs.save', row);
      this.#jobs.set(id, await readRecord(store, row));
    }
    return { job: this.#enqueue(this.#record(id)), begun: true };
  }

  /** `reason`: why, where nobody asked for it. */
  async pause(id: string, reason: string | null = null): Promise<JobSummary> {
    const record = this.#record(id);
    await this.#board.act(record, { do: 'pause', reason }).finally(() => {
      if (record.row.state === 'paused') this.#stop(record); // also where the store could not be told
    });
    return this.#board.summary(record);
  }

  async resume(id: string): Promise<JobSummary> {
    const record = this.#record(id);
    if (this.#isOnItsWay(record)) return this.#board.summary(record);
    await this.#board.requeue(record);
    return this.#enqueue(record);
  }

  /** What is committed stays; the job can be resumed. */
  async cancel(id: string): Promise<JobSummary> {
    const record = this.#record(id);
    await this.#board.act(record, { do: 'cancel' }, { endedAtMs: this.#deps.clock.epochMs() }).finally(() => {
      if (record.row.state === 'cancelled') this.#stop(record);
    });
    return this.#board.summary(record);
  }

  async retryFailed(id: string): Promise<JobSummary> {
    const record = this.#record(id);
    if (!canDo(record.row.state, 'run-again') && !canDo(record.row.state, 'resume')) {
      throw new NightshiftError({
        kind: 'conflict',
        message: `Failed items cannot be tried again while the job is ${record.row.state}.`,
        where: id,
        hint: 'Pause it first, or wait for its end.',
      });
    }
    await this.#deps.store.call('items.retry', { jobId: id });
    return this.resume(id);
  }

  /** How many may run at once is another number now. Those that run go on. */
  settingsChanged(): void {
    this.#turns.look();
  }

  engineIsReady(): void {
    for (const runner of this.#runners()) runner.engineIsReady();
  }

  /** How the latest picture of a running job is run; null while none runs. */
  get latestWork(): PreparedWork | null {
    for (const runner of this.#runners()) return runner.latestWork;
    return null;
  }

  engineLost(loss: ExecutorLoss): void {
    for (const runner of this.#runners()) runner.engineLost(loss);
  }

  itemNews(news: ItemNews): void {
    for (const runner of this.#runners()) if (runner.itemNews(news)) return;
  }

  /** Commits what is finished and leaves the running jobs `running`, so that the next start goes on with them. */
  async close(): Promise<void> {
    this.#stopping = true;
    for (const runner of this.#runners()) runner.stop();
    await this.#turns.close();
    this.#board.close();
  }

  #runners(): readonly JobRunner[] {
    return [...this.#turns.running].flatMap(({ runner }) => (runner === null ? [] : [runner]));
  }

  /** The run that is under way ends, whatever becomes of the job meanwhile. */
  #stop(record: JobRecord): void {
    this.#turns.remove(record);
    record.stopAsked = true;
    record.runner?.stop();
  }

  #enqueue(record: JobRecord): JobSummary {
    this.#turns.add(record);
    return this.#board.summary(record);
  }

  /** In this process: an unfinished job of an earlier one waits until somebody asks for it. */
  #isOnItsWay(record: JobRecord): boolean {
    return isUnfinished(record.row.state) && (this.#turns.isRunning(record) || this.#turns.isWaiting(record));
  }

  #record(id: string): JobRecord {
    const record = this.#jobs.get(id);
    if (record === undefined) {
      throw new NightshiftError({
        kind: 'not-found',
        message: 'There is no such job.',
        where: id,
        hint: 'See `nightshift jobs` or the Jobs view.',
      });
    }
    return record;
  }
}
