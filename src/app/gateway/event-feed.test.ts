import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import type { EventMessage } from '../../shared/contract/events.ts';
import { createEventFeed } from './event-feed.ts';
import { createFakeApp, silentLog } from './testing/fake-app.ts';

/** A peer whose kernel takes nothing: everything sent stays in the buffer. */
class StuckSocket extends EventEmitter {
  bufferedAmount = 0;
  received: string[] = [];
  terminated = false;
  send(text: string): void {
    this.received.push(text);
    this.bufferedAmount += text.length;
  }
  terminate(): void {
    this.terminated = true;
    this.emit('close');
  }
}

const replaced: EventMessage = { event: 'cameras.status', payload: [] };
const lasting: EventMessage = { event: 'cameras.changed', payload: { cameraId: 'c1' } };

it('leaves out replaced events first, then closes; other listeners lose nothing', () => {
  const app = createFakeApp();
  const feed = createEventFeed(app, silentLog, { leaveOutBytes: 200, closeBytes: 1000 });
  const [stuck, reading] = [new StuckSocket(), new StuckSocket()];
  feed.add(stuck as unknown as WebSocket);
  feed.add(reading as unknown as WebSocket);

  let rounds = 0;
  while (!stuck.terminated) {
    app.emit(replaced);
    app.emit(lasting);
    reading.bufferedAmount = 0;
    rounds++;
  }
  const size = JSON.stringify(lasting).length;
  expect(stuck.bufferedAmount).toBeGreaterThan(1000);
  expect(stuck.bufferedAmount).toBeLessThanOrEqual(1000 + size);
  expect(stuck.received.filter((text) => text === JSON.stringify(lasting)).length).toBeGreaterThan(
    stuck.received.filter((text) => text === JSON.stringify(replaced)).length,
  );
  expect(reading.received).toHaveLength(2 * rounds);
  const { clients, leftOut, closedSlow, sent } = feed.counts();
  expect({ clients, closedSlow }).toEqual({ clients: 1, closedSlow: 1 });
  expect(leftOut).toBeGreaterThan(0);
  expect(feed.queues()).toMatchObject([{ waiting: reading.bufferedAmount, bound: 1000, givenUp: leftOut + 1 }]);
  expect(sent).toBe(stuck.received.length + reading.received.length);
  feed.close();
  expect(app.listeners.size).toBe(0);
});
