import type { Ticket } from '../../shared/engine/protocol.ts';
import type { DecisionReason, FrameDrop, Run } from './decision.ts';
import { deadlineMonoMs, hadMonoMs, type LiveStream } from './live-lane.ts';
import type { WorkShape } from './work-shape.ts';

/**
 * A live run as it was decided. There is one for nearly every frame, so it holds a few numbers; what people and the engine
 * read of it is made when they read it.
 */
export class LiveRun implements Run {
  readonly batchId: number;
  readonly tickets: readonly Ticket[];
  /** The camera of the first ticket, and those of the others in their order. */
  readonly head: LiveStream;
  readonly others: readonly LiveStream[];
  readonly drops: readonly FrameDrop[];
  readonly predictedMs: number;
  readonly startedMonoMs: number;
  readonly liveWaiting: number;
  readonly archiveWaiting: number;

  constructor(
    batchId: number,
    tickets: readonly Ticket[],
    head: LiveStream,
    others: readonly LiveStream[],
    drops: readonly FrameDrop[],
    predictedMs: number,
    startedMonoMs: number,
    liveWaiting: number,
    archiveWaiting: number,
  ) {
    this.batchId = batchId;
    this.tickets = tickets;
    this.head = head;
    this.others = others;
    this.drops = drops;
    this.predictedMs = predictedMs;
    this.startedMonoMs = startedMonoMs;
    this.liveWaiting = liveWaiting;
    this.archiveWaiting = archiveWaiting;
  }

  get kind(): 'run' {
    return 'run';
  }

  get lane(): 'live' {
    return 'live';
  }

  get jobId(): null {
    return null;
  }

  get shape(): WorkShape {
    return this.head.camera.shape;
  }

  get subject(): string {
    return this.head.camera.name;
  }

  get batch(): number {
    return this.tickets.length;
  }

  get places(): number {
    return this.tickets.length;
  }

  /** Until the deadline of the first frame. */
  get leftMs(): number {
    return deadlineMonoMs(this.head, this.tickets[0] as Ticket) - this.startedMonoMs;
  }

  get waitedMs(): number {
    let earliestMonoMs = Number.POSITIVE_INFINITY;
    for (const ticket of this.tickets) earliestMonoMs = Math.min(earliestMonoMs, hadMonoMs(ticket));
    return this.startedMonoMs - earliestMonoMs;
  }

  get reason(): DecisionReason & { readonly is: 'live' } {
    const waitedMs = this.startedMonoMs - hadMonoMs(this.tickets[0] as Ticket);
    return { is: 'live', camera: this.subject, waitedMs, leftMs: this.leftMs };
  }
}

/** The camera of the run's ticket `index`. */
export const streamAt = ({ head, others }: LiveRun, index: number): LiveStream =>
  index === 0 ? head : (others[index - 1] as LiveStream);
