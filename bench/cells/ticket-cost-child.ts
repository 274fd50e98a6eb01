import type { Ticket } from '../../src/shared/engine/protocol.ts';
import { warmedUp } from '../../src/core/scheduler/cost-model.ts';
import { decide } from '../../src/core/scheduler/decide.ts';
import { admitLive, apply, cameraOpened, createScheduler, finished } from '../../src/core/scheduler/scheduler.ts';
import { workShape } from '../../src/core/scheduler/work-shape.ts';

/**
 * What the scheduler itself costs: a ticket's whole way (admission, decision, taking out, end of its run) at so many
 * streams, in ns of this process's time. In a process of its own: nothing else has shaped the compiler's choices.
 * Argument: number of tickets.
 */
const tickets = Number(process.argv[2] ?? 300_000);
nsPerTicket(100, tickets / 6); // lets the compiler settle
const one = nsPerTicket(1, tickets);
const thousand = nsPerTicket(1_000, tickets);
console.log(JSON.stringify({ one, thousand }));

function nsPerTicket(streams: number, count: number): number {
  const scheduler = createScheduler(0);
  const shape = workShape('model', { width: 320, height: 320 }, { score: 0.4, iou: 0.5, classes: null });
  warmedUp(scheduler.costs, { modelId: 'model', input: '320x320', lane: 'live', batch: 1 }, [0.001]);
  const sources = Array.from({ length: streams }, (_, index) => `camera ${index}`);
  for (const source of sources) {
    cameraOpened(scheduler, { source, name: source, sloMs: 1_000_000, weight: 'normal', shape });
  }
  // Made beforehand: the engine's messages are not the scheduler's cost. 200 ms between frames of a camera.
  const stepMs = 200 / streams;
  const arrivals = Array.from({ length: count }, (_, index): Ticket => {
    const capturedMonoMs = index * stepMs;
    const source = sources[(index * 7919) % streams] ?? '';
    return {
      frameId: index,
      lane: 'live',
      source,
      frame: index,
      timeMs: 0,
      capturedMonoMs,
      capturedAtMs: 0,
      sourceWidth: 1,
      sourceHeight: 1,
      motion: null,
    };
  });
  const startUs = process.cpuUsage().user;
  // Half of the streams always wait, so that the heaps are as deep as they get.
  arrivals.forEach((ticket, index) => {
    const now = ticket.capturedMonoMs;
    admitLive(scheduler, ticket, now);
    if (index < streams / 2) return;
    const batch = apply(scheduler, decide(scheduler, now), now);
    if (batch !== null) finished(scheduler, batch.batchId, 0.001, now);
  });
  return ((process.cpuUsage().user - startUs) * 1000) / count;
}
