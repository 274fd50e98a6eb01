import { parentPort } from 'node:worker_threads';
import { machineClock } from '../../src/engine/ingest/clock.ts';

/**
 * Wakes the engine's main thread when a synthetic frame is due, as an ingest worker's message would: timers of the main
 * thread count whole milliseconds, and that would be part of every latency.
 */
const sleeper = new Int32Array(new SharedArrayBuffer(4));

parentPort?.on('message', (dueMonoMs: Float64Array) => {
  for (const due of dueMonoMs) {
    for (let left = due - machineClock.monoMs(); left > 0; left = due - machineClock.monoMs()) {
      Atomics.wait(sleeper, 0, 0, left);
    }
    parentPort?.postMessage(null);
  }
});
