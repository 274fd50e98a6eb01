import type { NewJob, SharingJob } from '../../core/jobs/expected-ends.ts';
import { isActive, transition, type JobAction } from '../../core/jobs/job-state.ts';
import type { Clock } from '../../core/ports.ts';
import type { JobSummary } from '../../shared/domain/job.ts';
import type { StoreClient, StoredJob } from '../../store/operations.ts';
import type { EventBus } from '../event-bus.ts';
import type { LaneHost } from '../lanes/lane-host.ts';
import type { Log } from '../ports.ts';
import type { ArchiveSharing } from './archive-sharing.ts';
import { framesLeft, shownProgress, type JobRecord } from './job-record.ts';
import type { JobRunner } from './job-runner.ts';
import { summarise, type RunView } from './job-summary.ts';
import type { JobTurns } from './job-turns.ts';

const PROGRESS_MS = 500;

export interface JobBoardDeps {
  readonly store: StoreClient;
  readonly lanes: Pick<LaneHost, 'knee'>;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly log: Log;
  readonly sharing: Pick<ArchiveSharing, 'ends' | 'endOfNew'>;
  readonly turns: () => Pick<JobTurns<JobRecord>, 'running' | 'waiting' | 'placeOf'>;
}

/** How jobs stand: the one way in which a job changes its state, in the store first, and what everybody hears of it. */
export class JobBoard {
  readonly #deps: JobBoardDeps;
  readonly #progress = new Map<string, { timer: ReturnType<typeof setTimeout> | null; lastMs: number }>();
  #closed = false;

  constructor(deps: JobBoardDeps) {
    this.#deps = deps;
  }

  /** `conflict` where the state does not allow it. */
  async act(record: JobRecord, action: JobAction, change: Partial<StoredJob> = {}): Promise<void> {
    record.row = { ...record.row, ...transition(record.row.state, action), ...change };
    await this.#deps.store.call('jobs.save', record.row).finally(() => {
      this.tell(record);
    });
  }

  /** To `queued` from wherever an earlier run or an earlier process left the job. */
  async requeue(record: JobRecord): Promise<void> {
    const { state } = record.row;
    if (state === 'queued') return;
    const action = state === 'paused' ? 'resume' : isActive(state) ? 'interrupt' : 'run-again';
    await this.act(record, { do: action }, { endedAtMs: null });
  }

  /** Its run has come further: told at most twice a second, with fresh totals. */
  progressed(record: JobRecord): void {
    const { store, clock, log } = this.#deps;
    const id = record.row.id;
    const progress = this.#progress.get(id) ?? { timer: null, lastMs: -Infinity };
    this.#progress.set(id, progress);
    if (progress.timer !== null) return;
    const wait = Math.max(0, progress.lastMs + PROGRESS_MS - clock.monoMs());
    progress.timer = setTimeout(() => {
      progress.timer = null;
      progress.lastMs = clock.monoMs();
      if (this.#closed) return;
      void store.call('jobs.totals', { id }).then(
        (totals) => {
          record.totals = totals;
          this.tell(record);
        },
        (caught: unknown) => {
          log.warn('job totals could not be read', { id, error: String(caught) });
        },
      );
    }, wait);
  }

  tell(record: JobRecord): void {
    this.#deps.bus.emit('jobs.progress', this.summary(record));
  }

  summary(record: JobRecord): JobSummary {
    const { row, totals, runner } = record;
    return summarise(row, totals, {
      doneBefore: record.doneBefore,
      resumed: record.resumed,
      run: runner === null ? record.lastRun : this.view(runner),
      progress: shownProgress(record),
      etaMs: this.#endsInMs(record),
      queuePlace: row.state === 'queued' ? this.#deps.turns().placeOf(record) : null,
    });
  }

  view(runner: JobRunner): RunView {
    const { meter } = runner;
    return {
      frames: meter.frames,
      inherited: meter.inherited,
      skipped: meter.skipped,
      undone: meter.undone,
      listing: runner.isListing ? meter.found : null,
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
      leftOut: runner.leftOut,
    };
  }

  close(): void {
    this.#closed = true;
    for (const { timer } of this.#progress.values()) if (timer !== null) clearTimeout(timer);
  }

  /**
   * When a job would end that is asked for now, beside other jobs and repairs, and how many other jobs it shares the archive with
   * or waits for; `id`: it, if it is among them already. `mostRunning`: so many may run at once. In ms; null where that cannot
   * be said.
   */
  expectedEnd(id: string, job: NewJob, mostRunning: number): { expectedMs: number | null; besideJobs: number } {
    const { turns, sharing } = this.#deps;
    const isOther = ({ row }: JobRecord): boolean => row.id !== id;
    const running = [...turns().running].filter(isOther);
    const waiting = turns().waiting.filter(isOther);
    const startsNow = running.length < mostRunning && waiting.length === 0;
    const expectedMs = sharing.endOfNew(id, job, startsNow, waiting.map(weightOf));
    return {
      expectedMs: expectedMs === null ? null : Math.round(expectedMs),
      besideJobs: running.length + waiting.length,
    };
  }

  /** Those that have begun. */
  running(): readonly SharingJob[] {
    return [...this.#deps.turns().running].flatMap((record) => {
      const { row, runner } = record;
      if (runner === null) return [];
      const framesPerSecond = runner.meter.imagesPerSecond;
      const weight = weightOf(record);
      return [{ id: row.id, weight, holdsTurn: true, framesLeft: framesLeft(record), framesPerSecond }];
    });
  }

  /** Of those that wait for their turn. */
  waitingWeights(): readonly number[] {
    return this.#deps.turns().waiting.map(weightOf);
  }

  #endsInMs(record: JobRecord): number | null {
    if (record.row.state !== 'running') return null;
    const endMs = this.#deps.sharing.ends().get(record.row.id);
    return endMs === undefined ? null : Math.round(endMs);
  }
}

const weightOf = ({ row }: JobRecord): number => row.spec.weight;
