import type { Clock } from '../../core/ports.ts';
import type { CallInput } from '../../shared/contract/calls.ts';
import type { QueueStatus } from '../../shared/domain/system.ts';
import type { RunRecord, ShedRecord, Timeline } from '../../shared/domain/timeline.ts';
import type { StoreClient } from '../../store/operations.ts';
import type { Log } from '../ports.ts';
import { saneRange, type LaneJournal } from './lane-journal.ts';
import { explainRun } from './explain-run.ts';
import type { KeptRun } from './run-ring.ts';

const saveMs = 5_000;
/** Shed records in one answer; the stretches count all of them. */
const mostShed = 2_000;

/** Answers what the device did, from memory and (before this process began) from the store, and keeps the store told. */
export class LaneTimeline {
  readonly #journal: LaneJournal;
  readonly #store: StoreClient;
  readonly #clock: Clock;
  readonly #log: Log;
  #timer: ReturnType<typeof setInterval> | null = null;
  #saving: Promise<void> = Promise.resolve();
  #failing = false;

  constructor(journal: LaneJournal, store: StoreClient, clock: Clock, log: Log) {
    this.#journal = journal;
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      this.#saving = this.#save();
    }, saveMs);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#saving;
    await this.#save();
  }

  async read({ fromMs, toMs, buckets, maxRuns }: CallInput<'lanes.timeline'>): Promise<Timeline> {
    const range = saneRange({ fromMs, toMs });
    const [nowMs, nowMonoMs] = [this.#clock.epochMs(), this.#clock.monoMs()];
    const plan = this.#journal.plan(range, buckets, nowMs);
    const runs = this.#journal.readRuns(range, maxRuns, nowMonoMs);
    const shed = this.#journal.shed.read(range.fromMs, range.toMs);
    const older = await this.#older(plan, range, mostShed - shed.length);
    return {
      ...range,
      keptFromMs: this.#journal.keptFromMs(nowMs),
      buckets: this.#journal.buckets(plan, older.buckets, nowMonoMs),
      runs: runs?.map(recordOf) ?? null,
      shed: [...older.shed, ...shed].slice(-mostShed),
    };
  }

  queues(): readonly QueueStatus[] {
    const seconds = this.#journal.seconds.pending;
    const shed = this.#journal.shed.pending;
    return [
      {
        name: 'timeline-records',
        unit: 'rows',
        waiting: seconds.waiting + shed.waiting,
        bound: seconds.bound + shed.bound,
        policy: 'oldest-out',
        givenUp: seconds.givenUp + shed.givenUp,
      },
    ];
  }

  /** Only what this process does not have itself, so that nothing counts twice. */
  async #older(
    plan: ReturnType<LaneJournal['plan']>,
    range: { readonly fromMs: number; readonly toMs: number },
    roomForShed: number,
  ): Promise<{ buckets: Parameters<LaneJournal['buckets']>[1]; shed: readonly ShedRecord[] }> {
    const endMs = plan.fromMs + plan.count * plan.widthMs;
    const secondsToMs = plan.whole ? Math.min(endMs, this.#journal.seconds.fromMs) : plan.fromMs;
    const shedToMs = Math.min(range.toMs, this.#journal.shed.fromMs);
    if (secondsToMs <= plan.fromMs && (shedToMs <= range.fromMs || roomForShed <= 0)) return { buckets: [], shed: [] };
    const found = await this.#store.call('timeline.read', {
      fromS: Math.floor(plan.fromMs / 1000),
      toS: Math.floor(secondsToMs / 1000),
      perBucket: Math.max(1, plan.widthMs / 1000),
      shedFromMs: range.fromMs,
      shedToMs,
      mostShed: Math.max(0, roomForShed),
    });
    return {
      buckets: plan.whole ? found.buckets.map(({ bucket, ...sum }) => ({ bucket, sum })) : [],
      shed: found.shed,
    };
  }

  /** What the store does not take is kept for the next time; a disk in trouble is told by those whose results it loses. */
  async #save(): Promise<void> {
    const seconds = this.#journal.seconds.takePending();
    const shed = this.#journal.shed.takePending();
    if (seconds.length === 0 && shed.length === 0) return;
    try {
      await this.#store.call('timeline.add', { seconds, shed, nowMs: this.#clock.epochMs() });
      this.#failing = false;
    } catch (caught) {
      this.#journal.seconds.giveBack(seconds);
      this.#journal.shed.giveBack(shed);
      if (!this.#failing) this.#log.warn('the timeline could not be stored', { error: String(caught) });
      this.#failing = true;
    }
  }
}

/** Words are made here, for the runs that somebody looks at. */
function recordOf(kept: KeptRun): RunRecord {
  const { reason: _reason, ...run } = kept;
  return { ...run, why: explainRun(kept) };
}
