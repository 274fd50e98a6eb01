import type { PreparedWork } from '../../src/app/models/work.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import type { LaneName } from '../../src/shared/domain/lanes.ts';
import type { FromEngine, Ticket } from '../../src/shared/engine/protocol.ts';
import type { BenchEngine } from '../engine/bench-engine.ts';
import { endlessItem, feedEndless, type Policy, type Shift } from '../lanes/policy.ts';

/** The frames to run next, oldest first; empty: nothing now. They are taken out of `waiting`. */
export type Choose = (waiting: Ticket[]) => Ticket[];

/**
 * A scheduler of the usual kind over the same engine and wire: whenever the device is free, `choose` says what runs.
 * `window` archive frames are decoded and not yet run at any time, the ones inside a call included.
 */
export class QueuePolicy implements Policy {
  readonly #engine: BenchEngine;
  readonly #work: PreparedWork;
  readonly #choose: Choose;
  readonly #window: number;
  #waiting: Ticket[] = [];
  #running: { readonly batchId: number; readonly tickets: readonly Ticket[] } | null = null;
  #nextBatch = 1;
  #shift: Shift | null = null;
  #ended: (() => void) | null = null;

  constructor(engine: BenchEngine, work: PreparedWork, options: { readonly window: number; readonly choose: Choose }) {
    this.#engine = engine;
    this.#work = work;
    this.#choose = options.choose;
    this.#window = options.window;
  }

  begin(shift: Shift): void {
    this.#shift = shift;
    this.#engine.driver = {
      message: (message) => {
        this.#hear(message);
      },
    };
    if (!shift.archive) return;
    this.#engine.host.send({ type: 'archive-window', frames: this.#window });
    this.#engine.host.send(feedEndless(this.#work));
  }

  async end(): Promise<void> {
    if (this.#shift?.archive === true) this.#engine.host.send({ type: 'drop-item', item: endlessItem });
    this.#waiting = this.#waiting.filter(({ lane }) => lane === 'live');
    // The live frames that still wait are run: their latency is part of the result.
    if (this.#running !== null || this.#waiting.length > 0) {
      await new Promise<void>((resolve) => {
        this.#ended = resolve;
        this.#pump();
      });
    }
    this.#ended = null;
    this.#shift = null;
    await this.#engine.settled();
  }

  #hear(message: FromEngine): void {
    if (message.type === 'run-failed') throw new Error(`a run failed: ${message.message}`);
    if (message.type === 'done') {
      const done = this.#running;
      if (done?.batchId !== message.batchId) return;
      this.#running = null;
      const now = systemClock.monoMs();
      const call = { frames: done.tickets.length, runMs: message.runMs };
      for (const ticket of done.tickets) this.#shift?.meter.analysed(ticket, call, now);
    }
    if (message.type === 'done' || message.type === 'tickets') this.#arrived(message.tickets);
    this.#pump();
  }

  /** In the order in which they came to be: frames that were announced together did not arrive together. */
  #arrived(tickets: readonly Ticket[]): void {
    const wanted = this.#ended === null ? tickets : tickets.filter(({ lane }) => lane === 'live');
    for (const ticket of wanted) this.#shift?.meter.captured(ticket);
    this.#waiting.push(...[...wanted].sort((a, b) => a.capturedMonoMs - b.capturedMonoMs));
  }

  #pump(): void {
    if (this.#running !== null) return;
    if (this.#ended !== null && this.#waiting.length === 0) {
      this.#ended();
      return;
    }
    const tickets = this.#choose(this.#waiting);
    const first = tickets[0];
    if (first === undefined) return;
    const batchId = this.#nextBatch++;
    this.#running = { batchId, tickets };
    const { modelId, input, post } = this.#work.shape;
    const frameIds = tickets.map(({ frameId }) => frameId);
    this.#engine.host.send({ type: 'run', batchId, modelId, lane: first.lane, input, frameIds, post });
  }
}

/** One queue for everything, batches as large as they come: what a job and cameras get without lanes. */
export const oneFifo =
  (mostFrames: number): Choose =>
  (waiting) =>
    waiting.splice(0, mostFrames);

/**
 * Priority levels with dynamic batching and no budget, the default policy of Triton's batcher: live frames first, all
 * that wait in one call; else as large an archive batch as there is, whatever a camera is about to send.
 */
export const priorityLevels =
  (mostFrames: Readonly<Record<LaneName, number>>): Choose =>
  (waiting) => {
    const lane: LaneName = waiting.some((ticket) => ticket.lane === 'live') ? 'live' : 'archive';
    const chosen = waiting.filter((ticket) => ticket.lane === lane).slice(0, mostFrames[lane]);
    const taken = new Set(chosen);
    const left = waiting.filter((ticket) => !taken.has(ticket));
    waiting.splice(0, waiting.length, ...left);
    return chosen;
  };
