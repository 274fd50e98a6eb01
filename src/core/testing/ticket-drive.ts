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
  const ring = ticketRing(sources);
  const places = ring.map(({ source }) => scheduler.live.bySource.get(source) as LiveStream);
  let ran = 0;
  let place = 0;
  const startUs = processorUs();
  for (let index = 0; index < tickets; index += 1) {
    const ticket = ring[place] as ReusedTicket;
    const now = ((index + 0.5) * frameEveryMs) / cameras;
    ticket.frameId = index;
    ticket.capturedMonoMs = now;
    admitTo(scheduler, places[place] as LiveStream, ticket, now);
    place = place + 1 === ring.length ? 0 : place + 1;
    // Half of the cameras always wait, so that the heaps are as deep as they get.
    if (index < cameras / 2) continue;
    const batch = apply(scheduler, decide(scheduler, now), now);
    if (batch === null) continue;
    finished(scheduler, batch.batchId, 0.001, now);
    ran += batch.tickets.length;
  }
  return { ran, nsPerTicket: ((processorUs() - startUs) * 1_000) / tickets };
}

type ReusedTicket = { -readonly [Key in keyof Ticket]: Ticket[Key] };

const frameEveryMs = 200;

/**
 * Every camera twice, in no order. The engine's messages are not the scheduler's cost, so they are made beforehand and used
 * again after they were run: hundreds of thousands of them would be work for the memory's clean-up, which is timed as well.
 */
const ticketRing = (sources: readonly string[]): ReusedTicket[] =>
  Array.from({ length: 2 * sources.length }, (_, index) => ({
    frameId: index,
    lane: 'live',
    source: sources[(index * 7_919) % sources.length] as string,
    frame: index,
    timeMs: 0,
    capturedMonoMs: 0.5,
    capturedAtMs: 0,
    sourceWidth: 1,
    sourceHeight: 1,
    motion: null,
  }));
