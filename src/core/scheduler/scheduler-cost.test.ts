import { expect, test } from 'vitest';
import type { Ticket } from '../../shared/engine/protocol.ts';
import { warmedUp } from './cost-model.ts';
import { decide } from './decide.ts';
import { admitLive, apply, cameraOpened, createScheduler, finished } from './scheduler.ts';
import { workShape } from './work-shape.ts';

declare const process: { cpuUsage(): { readonly user: number } };
declare const console: { info(text: string): void };

/** Nanoseconds a ticket for its whole way: admission, decision, taking out, end of its run. */
function nsPerTicket(streams: number, tickets: number): number {
  const scheduler = createScheduler(0);
  const shape = workShape('model', { width: 320, height: 320 }, { score: 0.4, iou: 0.5, classes: null });
  warmedUp(scheduler.costs, { modelId: 'model', input: '320x320', lane: 'live', batch: 1 }, [0.001]);
  const sources = Array.from({ length: streams }, (_, index) => `camera ${index}`);
  for (const source of sources) {
    cameraOpened(scheduler, { source, name: source, sloMs: 1_000_000, weight: 'normal', shape });
  }
  // Made beforehand: the engine's messages are not the scheduler's cost. 200 ms between frames of a camera.
  const stepMs = 200 / streams;
  const arrivals = Array.from({ length: tickets }, (_, index): Ticket => {
    const capturedMonoMs = index * stepMs;
    const source = sources[(index * 7919) % streams] as string;
    const picture = { sourceWidth: 1, sourceHeight: 1, motion: null };
    return {
      frameId: index,
      lane: 'live',
      source,
      frame: index,
      timeMs: 0,
      capturedMonoMs,
      capturedAtMs: 0,
      ...picture,
    };
  });
  // Processor time: the wall clock of a busy machine says nothing about the scheduler.
  const startUs = process.cpuUsage().user;
  let ran = 0;
  // Half of the streams always wait, so that the heaps are as deep as they get.
  arrivals.forEach((ticket, index) => {
    const now = ticket.capturedMonoMs;
    admitLive(scheduler, ticket, now);
    if (index < streams / 2) return;
    const batch = apply(scheduler, decide(scheduler, now), now);
    if (batch === null) return;
    finished(scheduler, batch.batchId, 0.001, now);
    ran += batch.tickets.length;
  });
  const elapsedUs = process.cpuUsage().user - startUs;
  expect(ran).toBe(tickets - Math.ceil(streams / 2));
  return (elapsedUs * 1000) / tickets;
}

test('a ticket costs about the same at a thousand cameras as at one', () => {
  nsPerTicket(100, 50_000); // lets the compiler settle
  const one = nsPerTicket(1, 200_000);
  const thousand = nsPerTicket(1_000, 1_000_000);
  console.info(`scheduler: ${one.toFixed(0)} ns a ticket at 1 camera, ${thousand.toFixed(0)} ns at 1,000 cameras`);
  // Far above what is measured, so that a busy machine does not fail it; a search through all cameras would.
  expect(thousand).toBeLessThan(10_000);
  expect(thousand).toBeLessThan(10 * one);
});
