import type { Ticket } from '../../shared/engine/protocol.ts';
import { warmedUp } from '../scheduler/cost-model.ts';
import { decide } from '../scheduler/decide.ts';
import type { LiveStream } from '../scheduler/live-lane.ts';
import { admitTo, apply, cameraOpened, createScheduler, finished } from '../scheduler/scheduler.ts';
import { workShape } from '../scheduler/work-shape.ts';

export interface TicketCost {
  /** Tickets that were run; half of the cameras' stay waiting. */
  readonly ran: number;
  readonly nsPerTicket: number;
}

/**
 * What the scheduler itself costs: a ticket's whole way (admission, decision, taking out, end of its run) with so many
 * cameras, each at hand as `app/` has it. `processorUs` tells the processor time of this process: the wall clock of a busy
 * machine says nothing.
 */
export function driveTickets(cameras: number, tickets: number, processorUs: () => number): TicketCost {
  const scheduler = createScheduler(0);
  const shape = workShape('model', { width: 320, height: 320 }, { score: 0.4, iou: 0.5, classes: null });
  warmedUp(scheduler.costs, { modelId: 'model', input: '320x320', lane: 'live', batch: 1 }, [0.001]);
  const sources = Array.from({ length: cameras }, (_, index) => `camera ${index}`);
  for (const source of sources) {
    cameraOpened(scheduler, { source, name: source, sloMs: 1_000_000, weight: 'normal', shape });
  }
  const streams = sources.map((source) => scheduler.live.bySource.get(source) as LiveStream);
  // Made beforehand: the engine's messages are not the scheduler's cost.
  const arrivals = Array.from({ length: tickets }, (_, index) => arrival(sources, index));
  let ran = 0;
  const startUs = processorUs();
  for (let index = 0; index < arrivals.length; index += 1) {
    const ticket = arrivals[index] as Ticket;
    const now = ticket.capturedMonoMs;
    admitTo(scheduler, streams[numberOf(index, cameras)] as LiveStream, ticket, now);
    // Half of the cameras always wait, so that the heaps are as deep as they get.
    if (index < cameras / 2) continue;
    const batch = apply(scheduler, decide(scheduler, now), now);
    if (batch === null) continue;
    finished(scheduler, batch.batchId, 0.001, now);
    ran += batch.tickets.length;
  }
  return { ran, nsPerTicket: ((processorUs() - startUs) * 1_000) / arrivals.length };
}

/** The cameras in no order. */
const numberOf = (index: number, cameras: number): number => (index * 7_919) % cameras;

/** 200 ms between the frames of a camera. */
function arrival(sources: readonly string[], index: number): Ticket {
  return {
    frameId: index,
    lane: 'live',
    source: sources[numberOf(index, sources.length)] as string,
    frame: index,
    timeMs: 0,
    capturedMonoMs: (index * 200) / sources.length,
    capturedAtMs: 0,
    sourceWidth: 1,
    sourceHeight: 1,
    motion: null,
  };
}
