import type { Clock } from '../../core/ports.ts';
import { finished, runFailed, type RunningBatch, type Scheduler } from '../../core/scheduler/scheduler.ts';
import type { FromEngine } from '../../shared/engine/protocol.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { Log } from '../ports.ts';
import type { FrameLedger } from './frame-ledger.ts';
import type { FrameRun } from './frame-sink.ts';
import type { LaneFrames } from './lane-frames.ts';
import type { SlotJournal } from './slot-journal.ts';
import type { WarmUpWorth } from './warm-up-worth.ts';

/** A run that cannot have been a slow one: the engine is taken for stuck. */
const callLimitMs = (predictedMs: number): number => Math.max(5_000, 10 * predictedMs);

export interface SlotCallsDeps {
  readonly engine: Pick<EngineHost, 'callStarted' | 'callEnded' | 'send' | 'kill'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly scheduler: Scheduler;
  readonly ledger: FrameLedger;
  readonly frames: LaneFrames;
  readonly journal: SlotJournal;
  /** Is told what the archive ran. */
  readonly worth: Pick<WarmUpWorth, 'ran'>;
}

/** The batches that the slot runs: how one is handed to the engine, and the ways in which it comes back. */
export class SlotCalls {
  readonly #deps: SlotCallsDeps;

  constructor(deps: SlotCallsDeps) {
    this.#deps = deps;
  }

  start({ batchId, lane, shape, tickets, predictedMs }: RunningBatch): void {
    const { engine } = this.#deps;
    engine.callStarted(callLimitMs(predictedMs), `A ${lane} batch of ${String(tickets.length)}`);
    engine.send({
      type: 'run',
      batchId,
      modelId: shape.modelId,
      lane,
      input: shape.input,
      frameIds: tickets.map((ticket) => ticket.frameId),
      post: shape.post,
    });
  }

  done(message: Extract<FromEngine, { type: 'done' }>): void {
    const { engine, clock, log, scheduler, ledger, frames, journal, worth } = this.#deps;
    if (scheduler.running?.batchId !== message.batchId) {
      log.warn('a batch came back that is not running', { batchId: message.batchId });
      frames.arrived(message.tickets, message.lost);
      return;
    }
    engine.callEnded();
    const batch = finished(scheduler, message.batchId, message.slotMs, clock.monoMs());
    journal.ended(message.slotMs);
    if (batch.lane === 'archive') worth.ran(batch.shape, batch.tickets.length, message.slotMs);
    const { places, startedMonoMs } = batch;
    const run: FrameRun = { frames: batch.tickets.length, places, startedMonoMs, runMs: message.runMs };
    for (const result of message.results) {
      const ticket = ledger.take(result.frameId);
      if (ticket !== undefined) ledger.tellAnalysed(ticket, result, run);
    }
    this.#unanswered(batch);
    frames.arrived(message.tickets, message.lost);
  }

  failed(batchId: number, why: string): void {
    const { engine, clock, log, scheduler, frames, journal } = this.#deps;
    const { running } = scheduler;
    if (running?.batchId !== batchId) return;
    engine.callEnded();
    journal.ended(null);
    log.error('a run failed', { batchId, why });
    if (running.lane === 'live') {
      frames.settle(runFailed(scheduler, batchId, clock.monoMs()).drops);
      return;
    }
    // The engine still lives and says that this call cannot be made: as good as a crash with these frames in it. They
    // stay the running ones, so that `engineLost` finds who is to blame.
    engine.kill(`a run failed: ${why}`, 'hung-call');
  }

  /** An answer without the results of some of its frames: live ones are gone, archive ones are asked of another engine. */
  #unanswered({ lane, tickets }: RunningBatch): void {
    const { engine, log, ledger } = this.#deps;
    const without = tickets.filter(({ frameId }) => ledger.take(frameId) !== undefined);
    if (without.length === 0) return;
    log.error('a batch came back without all its results', { lane, frames: without.length });
    for (const ticket of without) ledger.tellDropped(ticket, 'engine-lost');
    if (lane === 'archive') engine.kill('it left results out', 'memory');
  }
}
