import { canDo, isActive, transition, type JobAction } from '../../core/jobs/job-state.ts';
import type { Clock } from '../../core/ports.ts';
import type { ItemFailure, JobDetail, JobSpec, JobState, JobSummary } from '../../shared/domain/job.ts';
import type { ItemNews } from '../../shared/engine/protocol.ts';
import { describeError, NightshiftError } from '../../shared/errors.ts';
import type { JobTotals, StoreClient, StoredJob } from '../../store/operations.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { EventBus } from '../event-bus.ts';
import type { ArchiveFleet, ExecutorLoss } from '../instances/archive-fleet.ts';
import type { LaneHost } from '../lanes/lane-host.ts';
import type { ModelService } from '../models/model-service.ts';
import { prepareWork, type PreparedWork } from '../models/work.ts';
import type { NoticeBoard } from '../notices/notice-board.ts';
import type { Log } from '../ports.ts';
import { jobIdOf } from './job-id.ts';
import { endOf, JobRunner, type JobWork, type RunEnd } from './job-runner.ts';
import { jobName, summarise, type RunView } from './job-summary.ts';

const PROGRESS_MS = 500;
const MAX_FAILURES_SHOWN = 200;

export interface JobServiceDeps {
  readonly store: StoreClient;
  readonly engine: EngineHost;
  readonly lanes: LaneHost;
  readonly fleet: ArchiveFleet;
  readonly models: ModelService;
  readonly notices: NoticeBoard;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** What this process knows of a job beyond its row. */
interface JobRecord {
  row: StoredJob;
  totals: JobTotals;
  runner: JobRunner | null;
  /** Its run was told to end before there was a runner to tell. */
  stopAsked: boolean;
  /** Items that were done before the run began. */
  doneBefore: number;
  /** It was running when an earlier process ended. */
  interrupted: boolean;
  /** Pictures among the items, as far as this process has counted them. */
  pictures: number;
  resumed: JobSummary['resumed'];
  lastRun: RunView | null;
}

/**
 * The queue of archive jobs: one runs, the others wait in the order they were asked for. Everything that matters is in
 * the store first, so a job that was running when the power went is found as `running` and goes on by itself.
 */
export class JobService {
  readonly #deps: JobServiceDeps;
  readonly #jobs = new Map<string, JobRecord>();
  #active: JobRecord | null = null;
  /** In the order in which they will run. */
  readonly #queue: JobRecord[] = [];
  #stopping = false;
  /** One at a time: the same scan asked for twice at once is one job. */
  #creating: Promise<unknown> = Promise.resolve();
  readonly #progress = new Map<string, { timer: ReturnType<typeof setTimeout> | null; lastMs: number }>();

  constructor(deps: JobServiceDeps) {
    this.#deps = deps;
  }

  /** Loads the jobs. `resume`: go on with those that were queued or running. */
  async load(resume: boolean): Promise<void> {
    for (const row of await this.#deps.store.call('jobs.list', undefined)) {
      this.#jobs.set(row.id, await this.#recordOf(row));
    }
    if (!resume) return;
    // What was running when the process ended goes first, then in the order of asking.
    const unfinished = [...this.#jobs.values()].filter((record) => isUnfinished(record.row.state));
    unfinished.sort((a, b) => Number(b.interrupted) - Number(a.interrupted) || a.row.createdAtMs - b.row.createdAtMs);
    for (const record of unfinished) await this.#requeue(record);
    this.#queue.push(...unfinished);
    this.#next();
  }

  list(): readonly JobSummary[] {
    const all = [...this.#jobs.values()].map((record) => this.#summary(record));
    return all.sort((a, b) => b.createdAtMs - a.createdAtMs);
  }

  async get(id: string): Promise<JobDetail> {
    const record = this.#record(id);
    const { failures } = await this.failures(id, 0, MAX_FAILURES_SHOWN);
    return {
      ...this.#summary(record),
      failures,
      history: record.runner?.meter.history ?? record.lastRun?.history ?? [],
    };
  }

  failures(id: string, offset: number, limit: number): Promise<{ total: number; failures: readonly ItemFailure[] }> {
    this.#record(id);
    return this.#deps.store.call('items.failures', { jobId: id, offset, limit });
  }

  /** The same scan again goes on with its job, or looks for what is new. Errors in the request are told before anything is stored. */
  create(spec: JobSpec): Promise<JobSummary> {
    const created = this.#creating.then(() => this.#create(spec));
    this.#creating = created.catch(() => undefined);
    return created;
  }

  async #create(spec: JobSpec): Promise<JobSummary> {
    this.#deps.lanes.admit((await this.#prepare(spec)).picture, 'archive');
    const id = jobIdOf(spec);
    const known = this.#jobs.get(id);
    if (known !== undefined) {
      if (this.#isOnItsWay(known)) return this.#summary(known);
      known.row = { ...known.row, spec, name: spec.name ?? known.row.name };
      await this.#requeue(known);
    } else {
      const row: StoredJob = {
        id,
        name: spec.name ?? jobName(spec.paths),
        spec,
        state: 'queued',
        reason: null,
        createdAtMs: this.#deps.clock.epochMs(),
        startedAtMs: null,
        endedAtMs: null,
      };
      await this.#deps.store.call('jobs.save', row);
      this.#jobs.set(id, await this.#recordOf(row));
    }
    return this.#enqueue(this.#record(id));
  }

  async pause(id: string): Promise<JobSummary> {
    const record = this.#record(id);
    await this.#act(record, { do: 'pause', reason: null }).finally(() => {
      if (record.row.state === 'paused') this.#stop(record); // also where the store could not be told
    });
    return this.#summary(record);
  }

  async resume(id: string): Promise<JobSummary> {
    const record = this.#record(id);
    if (this.#isOnItsWay(record)) return this.#summary(record);
    await this.#requeue(record);
    return this.#enqueue(record);
  }

  /** What is committed stays; the job can be resumed. */
  async cancel(id: string): Promise<JobSummary> {
    const record = this.#record(id);
    await this.#act(record, { do: 'cancel' }, { endedAtMs: this.#deps.clock.epochMs() }).finally(() => {
      if (record.row.state === 'cancelled') this.#stop(record);
    });
    return this.#summary(record);
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

  engineIsReady(): void {
    this.#active?.runner?.engineIsReady();
  }

  /** How the running job's latest picture is run; null while none runs. */
  get latestWork(): PreparedWork | null {
    return this.#active?.runner?.latestWork ?? null;
  }

  engineLost(loss: ExecutorLoss): void {
    this.#active?.runner?.engineLost(loss);
  }

  itemNews(news: ItemNews): void {
    this.#active?.runner?.itemNews(news);
  }

  /** Commits what is finished and leaves the running job `running`, so that the next start goes on with it. */
  async close(): Promise<void> {
    this.#stopping = true;
    const runner = this.#active?.runner;
    runner?.stop();
    while (this.#active !== null) await this.#ended;
    for (const { timer } of this.#progress.values()) if (timer !== null) clearTimeout(timer);
  }

  /** The run that is under way ends, whatever becomes of the job meanwhile. */
  #stop(record: JobRecord): void {
    record.stopAsked = true;
    record.runner?.stop();
  }

  /** Resolves when the active run ends. */
  #ended: Promise<void> = Promise.resolve();

  #enqueue(record: JobRecord): JobSummary {
    this.#queue.push(record);
    this.#next();
    return this.#summary(record);
  }

  /** In this process: an unfinished job of an earlier one waits until somebody asks for it. */
  #isOnItsWay(record: JobRecord): boolean {
    return isUnfinished(record.row.state) && (this.#active === record || this.#queue.includes(record));
  }

  #next(): void {
    if (this.#active !== null || this.#stopping) return;
    const record = this.#queue.shift();
    if (record === undefined) return;
    if (!isUnfinished(record.row.state)) {
      this.#next(); // paused or cancelled while it waited
      return;
    }
    this.#active = record;
    this.#ended = this.#run(record)
      .catch((caught: unknown) => {
        this.#deps.log.error('a job run could not be put away', { jobId: record.row.id, error: String(caught) });
      })
      .finally(() => {
        record.runner = null;
        this.#active = null;
        this.#next();
      });
  }

  async #run(record: JobRecord): Promise<void> {
    const { clock, log } = this.#deps;
    let end: RunEnd;
    record.lastRun = null;
    record.resumed = null;
    record.stopAsked = false;
    try {
      await this.#act(
        record,
        { do: 'start' },
        { startedAtMs: record.row.startedAtMs ?? clock.epochMs(), endedAtMs: null },
      );
      const work = await this.#prepare(record.row.spec);
      const runner = new JobRunner(record.row, work, this.#deps);
      record.runner = runner;
      // Paused or cancelled while the model was looked up: there was no runner to stop yet.
      if (record.stopAsked || this.#stopping) runner.stop();
      // An engine that does not come up must not keep a job from being paused, nor the application from closing.
      await Promise.race([this.#deps.lanes.prepare(work.picture, 'archive'), runner.whenStopped]);
      this.#deps.lanes.admit(work.picture, 'archive');
      end = await runner.run({
        enumerated: () => this.#enumerated(record, runner),
        changed: () => {
          this.#changed(record);
        },
      });
      record.lastRun = this.#view(runner);
    } catch (caught) {
      end = endOf(caught);
    }
    record.runner = null;
    log.info('job run ended', { jobId: record.row.id, end: end.end });
    await this.#conclude(record, end).catch((caught: unknown) => {
      // Known here and told; the store still has it as unfinished, so the next start goes on with it.
      log.error('the end of a job could not be stored', { jobId: record.row.id, error: String(caught) });
    });
    this.#deps.bus.emit('review.changed', { events: 0, detections: record.totals.detections });
  }

  async #conclude(record: JobRecord, end: RunEnd): Promise<void> {
    const { clock, notices, store } = this.#deps;
    const { id, name } = record.row;
    if (end.end === 'failed')
      void notices.tell('error', `job-failed:${id}`, `${name} stopped: ${describeError(end.error)}`);
    if (end.end === 'held-up') {
      void notices.tell('error', `job-held-up:${id}`, `${name} is paused: ${describeError(end.error)}`);
    }
    try {
      record.totals = await store.call('jobs.totals', { id });
    } finally {
      const action = actionAt(end);
      // Somebody may have paused, cancelled or resumed it at the very end: their word counts, and asking again finds
      // nothing to do.
      if (action === null || !canDo(record.row.state, action.do) || this.#queue.includes(record)) this.#emit(record);
      else if (action.do === 'pause') await this.#act(record, action);
      else {
        const leftOut = action.do === 'finish' ? leftOutText(record.lastRun?.unreadable ?? []) : null;
        await this.#act(record, action, {
          endedAtMs: clock.epochMs(),
          ...(leftOut === null ? {} : { reason: leftOut }),
        });
      }
    }
  }

  /** The ledger is complete and nothing is fed yet: what is done now was done before this run. */
  async #enumerated(record: JobRecord, runner: JobRunner): Promise<void> {
    record.pictures = runner.meter.foundPictures;
    record.totals = await this.#deps.store.call('jobs.totals', { id: record.row.id });
    record.doneBefore = record.totals.done;
    await this.#noteResumption(record);
    if (record.row.state === 'enumerating') await this.#act(record, { do: 'enumerated' });
  }

  async #noteResumption(record: JobRecord): Promise<void> {
    const { row, totals, interrupted } = record;
    record.interrupted = false;
    if (totals.frames === 0 || totals.pending === 0) return;
    const progress = progressOf(totals, record.pictures);
    if (progress === null || progress >= 1) return;
    record.resumed = { atProgress: progress, atMs: this.#deps.clock.epochMs(), framesTwice: 0 };
    if (interrupted) {
      await this.#deps.notices.tell(
        'info',
        `job-resumed:${row.id}`,
        `${row.name} resumed at ${String(Math.floor(progress * 100))} %`,
      );
    }
  }

  async #prepare(spec: JobSpec): Promise<JobWork> {
    const model = await this.#deps.models.find(spec.modelId);
    const { tier, score, classes, fps, motionGate } = spec;
    const choice = { tier, score, classes };
    return {
      picture: await prepareWork(model, { ...choice, fps: null }, this.#deps.store),
      video: await prepareWork(model, { ...choice, fps, motionGate }, this.#deps.store),
    };
  }

  async #recordOf(row: StoredJob): Promise<JobRecord> {
    const totals = await this.#deps.store.call('jobs.totals', { id: row.id });
    const interrupted = isActive(row.state);
    return {
      row,
      totals,
      runner: null,
      stopAsked: false,
      doneBefore: totals.done,
      interrupted,
      pictures: 0,
      resumed: null,
      lastRun: null,
    };
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

  /** The one way in which a job changes its state; `conflict` where the state does not allow it. */
  async #act(record: JobRecord, action: JobAction, change: Partial<StoredJob> = {}): Promise<void> {
    await this.#save(record, { ...transition(record.row.state, action), ...change });
  }

  /** Back into the queue from wherever an earlier run or an earlier process left the job. */
  async #requeue(record: JobRecord): Promise<void> {
    const { state } = record.row;
    if (state === 'queued') return;
    const action = state === 'paused' ? 'resume' : isActive(state) ? 'interrupt' : 'run-again';
    await this.#act(record, { do: action }, { endedAtMs: null });
  }

  async #save(record: JobRecord, change: Partial<StoredJob>): Promise<void> {
    record.row = { ...record.row, ...change };
    await this.#deps.store.call('jobs.save', record.row).finally(() => {
      this.#emit(record);
    });
  }

  /** At most twice a second per job: fresh totals, then the event. */
  #changed(record: JobRecord): void {
    const id = record.row.id;
    const progress = this.#progress.get(id) ?? { timer: null, lastMs: -Infinity };
    this.#progress.set(id, progress);
    if (progress.timer !== null) return;
    const wait = Math.max(0, progress.lastMs + PROGRESS_MS - this.#deps.clock.monoMs());
    progress.timer = setTimeout(() => {
      progress.timer = null;
      progress.lastMs = this.#deps.clock.monoMs();
      if (this.#stopping) return;
      void this.#deps.store.call('jobs.totals', { id }).then(
        (totals) => {
          record.totals = totals;
          this.#emit(record);
        },
        (caught: unknown) => {
          this.#deps.log.warn('job totals could not be read', { id, error: String(caught) });
        },
      );
    }, wait);
  }

  #emit(record: JobRecord): void {
    this.#deps.bus.emit('jobs.progress', this.#summary(record));
  }

  #summary(record: JobRecord): JobSummary {
    const view = record.runner === null ? record.lastRun : this.#view(record.runner);
    return summarise(record.row, record.totals, {
      doneBefore: record.doneBefore,
      resumed: record.resumed,
      run: view,
      progress: progressOf(record.totals, record.pictures),
    });
  }

  #view(runner: JobRunner): RunView {
    const { meter } = runner;
    return {
      frames: meter.frames,
      inherited: meter.inherited,
      skipped: meter.skipped,
      runMs: meter.runMs,
      imagesPerSecond: meter.imagesPerSecond,
      batch: meter.batch,
      largestBatch: meter.largestBatch,
      knee: this.#deps.lanes.knee(runner.latestWork.shape),
      batchFill: meter.batchFill,
      errors: { failed: meter.failed, timedOut: meter.timedOut, retried: meter.retried },
      current: runner.current,
      history: meter.history,
      framesTwice: meter.framesTwice,
      unreadable: runner.unreadable,
    };
  }
}

function leftOutText(folders: readonly string[]): string | null {
  const [first] = folders;
  if (first === undefined) return null;
  const more = folders.length > 1 ? ` and ${String(folders.length - 1)} more` : '';
  return `Not everything was looked at: ${first}${more} could not be read.`;
}

function actionAt(end: RunEnd): JobAction | null {
  switch (end.end) {
    case 'done':
      return { do: 'finish' };
    case 'stopped':
      return null;
    case 'held-up':
      return { do: 'pause', reason: describeError(end.error) };
    case 'failed':
      return { do: 'fail', reason: describeError(end.error) };
  }
}

const isUnfinished = (state: JobState): boolean => state === 'queued' || isActive(state);

/**
 * Over frames. The length of a video is known once it was opened; one that was not counts as the average of the others,
 * or as a minute at 5 a second while none was.
 */
function progressOf(totals: JobTotals, pictures: number): number | null {
  if (totals.total === 0) return null;
  if (totals.pending === 0) return 1;
  const knownVideos = totals.total - totals.unknownItems - pictures;
  const average = knownVideos > 0 ? (totals.expectedFrames - pictures) / knownVideos : 300;
  const expected = totals.expectedFrames + totals.unknownItems * average;
  return expected <= 0 ? 0 : Math.min(0.999, totals.frames / expected);
}
