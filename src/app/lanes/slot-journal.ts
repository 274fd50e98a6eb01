import type { Clock } from '../../core/ports.ts';
import type { RunDecision } from '../../core/scheduler/decision.ts';
import { drainShed, type Scheduler } from '../../core/scheduler/scheduler.ts';
import type { WarmUpReason } from './explain-run.ts';
import type { LadderStep } from './ladder.ts';
import type { LaneJournal } from './lane-journal.ts';
import type { StartedRun } from './run-ring.ts';

/** What one slot does, as it is told to the journal that all slots share. */
export class SlotJournal {
  readonly #journal: LaneJournal;
  readonly #slot: number;
  readonly #scheduler: Scheduler;
  readonly #clock: Clock;
  /** The run that is under way, as it stands in the journal. */
  #current: {
    readonly seq: number;
    readonly run: StartedRun;
    readonly startedAtMs: number;
    readonly startedMonoMs: number;
  } | null = null;

  constructor(journal: LaneJournal, slot: number, scheduler: Scheduler, clock: Clock) {
    this.#journal = journal;
    this.#slot = slot;
    this.#scheduler = scheduler;
    this.#clock = clock;
  }

  runBegan(decision: RunDecision, nowMonoMs: number): void {
    const { lane, predictedMs, batch, places, subject, waitedMs, liveWaiting, archiveWaiting, reason } = decision;
    const slot = this.#slot;
    const run = { slot, lane, predictedMs, batch, places, subject, waitedMs, liveWaiting, archiveWaiting, reason };
    this.#began(run, nowMonoMs);
  }

  /** Runs that nobody's frames are in take the device all the same. */
  warmUpBegan({ work, lane, batch }: LadderStep, runs: number, predictedMs: number, calibrates: boolean): void {
    const { live, archive } = this.#scheduler;
    const waiting = { waitedMs: 0, liveWaiting: live.waiting, archiveWaiting: archive.waiting };
    const reason: WarmUpReason = { is: calibrates ? 'measuring' : 'warming', runs };
    const subject = work.model.manifest.name;
    const run = { slot: this.#slot, lane, predictedMs, batch, places: batch, subject, ...waiting, reason };
    this.#began(run, this.#clock.monoMs());
  }

  /** Null: it took the slot until now. */
  ended(slotMs: number | null): void {
    if (this.#current === null) return;
    const { seq, run, startedAtMs, startedMonoMs } = this.#current;
    this.#current = null;
    this.#journal.ended(seq, { ...run, startedAtMs }, slotMs ?? this.#clock.monoMs() - startedMonoMs);
  }

  /** What the scheduler has given up since it was asked last. */
  takeShed(): void {
    const [nowMonoMs, nowMs] = [this.#clock.monoMs(), this.#clock.epochMs()];
    for (const { monoMs, step, camera, frames, why } of drainShed(this.#scheduler)) {
      this.#journal.gaveWay({ atMs: nowMs - (nowMonoMs - monoMs), step, camera, frames, why });
    }
  }

  #began(run: StartedRun, startedMonoMs: number): void {
    const startedAtMs = this.#clock.epochMs();
    const seq = this.#journal.started(run, startedMonoMs, startedAtMs);
    this.#current = { seq, run, startedAtMs, startedMonoMs };
  }
}
