import { setTimeout as wait } from 'node:timers/promises';

/** What became of one picture. Latency counts from the moment it was due, not from when it could be sent. */
export interface Sent<T> {
  readonly index: number;
  readonly latencyMs: number;
  readonly reply: T;
}

/** The shortest timer there is. */
const timerMs = 1;

/**
 * Calls `send` at each of the due times whatever became of those before: a server that falls behind is not spared by its
 * clients, and what waits on this side for a connection counts as latency. Resolves when all have been answered; the first
 * that fails ends it, and no more are sent.
 */
export async function openLoop<T>(
  dueMs: readonly number[],
  send: (index: number) => Promise<T>,
): Promise<readonly Sent<T>[]> {
  const startMs = performance.now();
  const sent: Promise<Sent<T>>[] = [];
  const failed = new AbortController();
  for (const [index, atMs] of dueMs.entries()) {
    for (let leftMs = startMs + atMs - performance.now(); leftMs > 0; leftMs = startMs + atMs - performance.now()) {
      await wait(Math.max(timerMs, Math.floor(leftMs)));
    }
    if (failed.signal.aborted) break;
    const one = send(index).then((reply) => ({ index, latencyMs: performance.now() - startMs - atMs, reply }));
    one.catch(() => {
      failed.abort();
    });
    sent.push(one);
  }
  return Promise.all(sent);
}
