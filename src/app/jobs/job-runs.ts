import { canDo, type JobAction } from '../../core/jobs/job-state.ts';
import type { JobSpec } from '../../shared/domain/job.ts';
import { describeError } from '../../shared/errors.ts';
import type { EventBus } from '../event-bus.ts';
import type { LaneHost } from '../lanes/lane-host.ts';
import type { ModelService } from '../models/model-service.ts';
import { prepareWork } from '../models/work.ts';
import type { NoticeBoard } from '../notices/notice-board.ts';
import type { ArchiveSharing } from './archive-sharing.ts';
import type { JobWork } from './item-feeder.ts';
import type { JobBoard } from './job-board.ts';
import { progressOf, type JobRecord } from './job-record.ts';
import { JobRunner, type JobRunnerDeps } from './job-runner.ts';
import { endOf, type RunEnd } from './run-end.ts';

export interface JobRunsDeps extends JobRunnerDeps {
  readonly lanes: LaneHost;
  readonly models: ModelService;
  readonly notices: NoticeBoard;
  readonly bus: EventBus;
  readonly sharing: ArchiveSharing;
}

export interface JobRunsHooks {
  /** No run is to begin any more. */
  readonly isStopping: () => boolean;
  /** It is asked for again already. */
  readonly isAskedAgain: (record: JobRecord) => boolean;
}

/** Takes a job through one run: from its start in the store over its runner to its end in the store. */
export class JobRuns {
  readonly #deps: JobRunsDeps;
  readonly #board: JobBoard;
  readonly #hooks: JobRunsHooks;

  constructor(deps: JobRunsDeps, board: JobBoard, hooks: JobRunsHooks) {
    this.#deps = deps;
    this.#board = board;
    this.#hooks = hooks;
  }

  /** Never rejects. */
  async run(record: JobRecord): Promise<void> {
    const { log, bus, sharing } = this.#deps;
    // Paused or cancelled while it waited.
    if (record.row.state !== 'queued') return;
    const end = await this.#toItsEnd(record);
    record.runner = null;
    sharing.changed();
    log.info('job run ended', { jobId: record.row.id, end: end.end });
    await this.#conclude(record, end).catch((caught: unknown) => {
      // Known here and told; the store still has it as unfinished, so the next start goes on with it.
      log.error('the end of a job could not be stored', { jobId: record.row.id, error: String(caught) });
    });
    bus.emit('review.changed', { events: 0, detections: record.totals.detections });
  }

  /** Rejects where the model cannot do this scan. */
  async prepare({ modelId, tier, score, classes, fps, motionGate, sampling, span }: JobSpec): Promise<JobWork> {
    const { models, store } = this.#deps;
    const model = await models.find(modelId);
    const choice = { tier, score, classes };
    return {
      picture: await prepareWork(model, { ...choice, fps: null }, store),
      video: await prepareWork(model, { ...choice, fps, motionGate, sampling, span }, store),
    };
  }

  async #toItsEnd(record: JobRecord): Promise<RunEnd> {
    const { clock, lanes } = this.#deps;
    record.lastRun = null;
    record.resumed = null;
    record.stopAsked = false;
    try {
      const startedAtMs = record.row.startedAtMs ?? clock.epochMs();
      await this.#board.act(record, { do: 'start' }, { startedAtMs, endedAtMs: null });
      const work = await this.prepare(record.row.spec);
      const runner = new JobRunner(record.row, work, this.#deps);
      record.runner = runner;
      // Paused or cancelled while the model was looked up: there was no runner to stop yet.
      if (record.stopAsked || this.#hooks.isStopping()) runner.stop();
      // An engine that does not come up must not keep a job from being paused, nor the application from closing.
      await Promise.race([lanes.prepare(work.picture, 'archive'), runner.whenStopped]);
      lanes.admit(work.picture, 'archive');
      const end = await runner.run({
        begins: () => this.#begins(record, runner),
        changed: () => {
          this.#board.progressed(record);
        },
      });
      record.lastRun = this.#board.view(runner);
      return end;
    } catch (caught) {
      return endOf(caught);
    }
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
      if (action === null || !canDo(record.row.state, action.do) || this.#hooks.isAskedAgain(record)) {
        this.#board.tell(record);
      } else if (action.do === 'pause') await this.#board.act(record, action);
      else {
        const leftOut = action.do === 'finish' ? (record.lastRun?.leftOut ?? null) : null;
        await this.#board.act(record, action, {
          endedAtMs: clock.epochMs(),
          ...(leftOut === null ? {} : { reason: leftOut }),
        });
      }
    }
  }

  /** Nothing is fed yet: what is done now was done before this run. */
  async #begins(record: JobRecord, runner: JobRunner): Promise<void> {
    record.totals = await this.#deps.store.call('jobs.totals', { id: record.row.id });
    record.doneBefore = record.totals.done + runner.meter.undone;
    await this.#noteResumption(record);
    if (record.row.state === 'enumerating') await this.#board.act(record, { do: 'enumerated' });
    this.#deps.sharing.changed();
  }

  async #noteResumption(record: JobRecord): Promise<void> {
    const { clock, notices } = this.#deps;
    const { row, totals, interrupted } = record;
    record.interrupted = false;
    if (totals.frames === 0 || totals.pending === 0) return;
    const progress = progressOf(record);
    if (progress === null || progress >= 1) return;
    record.resumed = { atProgress: progress, atMs: clock.epochMs(), framesTwice: 0 };
    if (interrupted) {
      const text = `${row.name} resumed at ${String(Math.floor(progress * 100))} %`;
      await notices.tell('info', `job-resumed:${row.id}`, text);
    }
  }
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
