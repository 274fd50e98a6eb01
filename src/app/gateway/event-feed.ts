import type { WebSocket } from 'ws';
import { isReplacedByNext } from '../../shared/contract/event-weight.ts';
import type { QueueStatus } from '../../shared/domain/system.ts';
import type { App } from '../app.ts';
import type { Log } from '../ports.ts';

/** Bytes of one client that wait in this process. Past the first, replaced events are left out; past the second it goes. */
export interface SendLimits {
  readonly leaveOutBytes: number;
  readonly closeBytes: number;
}
const eventLimits: SendLimits = { leaveOutBytes: 1024 * 1024, closeBytes: 8 * 1024 * 1024 };

export interface EventFeedCounts {
  readonly clients: number;
  readonly sent: number;
  /** Events that a slow client did not get, since the next of their kind replaces them. */
  readonly leftOut: number;
  /** Clients closed because they had stopped reading. */
  readonly closedSlow: number;
}

export interface EventFeed {
  add(socket: WebSocket): void;
  counts(): EventFeedCounts;
  queues(): readonly QueueStatus[];
  close(): void;
}

/** Every event as JSON text to every client. One that reads too slowly costs a bounded buffer, never the others' events. */
export function createEventFeed(app: Pick<App, 'subscribe'>, log: Log, limits: SendLimits = eventLimits): EventFeed {
  const clients = new Set<WebSocket>();
  const counts = { sent: 0, leftOut: 0, closedSlow: 0 };

  const unsubscribe = app.subscribe((message) => {
    if (clients.size === 0) return;
    const text = JSON.stringify(message);
    const mayBeLeftOut = isReplacedByNext(message.event);
    for (const client of clients) {
      if (client.bufferedAmount > limits.closeBytes) {
        counts.closedSlow++;
        clients.delete(client);
        log.warn('closed an event listener that does not read', { waitingBytes: client.bufferedAmount });
        client.terminate();
      } else if (mayBeLeftOut && client.bufferedAmount > limits.leaveOutBytes) {
        counts.leftOut++;
      } else {
        client.send(text);
        counts.sent++;
      }
    }
  });

  return {
    add: (socket) => {
      clients.add(socket);
      socket.on('close', () => clients.delete(socket));
      // Listeners have nothing to say; reading on keeps pings and closes working.
      socket.on('message', () => undefined);
    },
    counts: () => ({ clients: clients.size, ...counts }),
    queues: () => [
      {
        name: 'client-events',
        unit: 'bytes',
        waiting: [...clients].reduce((sum, client) => sum + client.bufferedAmount, 0),
        bound: limits.closeBytes * clients.size,
        policy: 'left-out',
        givenUp: counts.leftOut + counts.closedSlow,
      },
    ],
    close: unsubscribe,
  };
}
