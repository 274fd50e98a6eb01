import { parentPort } from 'node:worker_threads';

/** A fixed amount of integer work: how long it takes says how much of the processor was there. */
parentPort?.on('message', (steps: number) => {
  const startMs = performance.now();
  let mixed = 1;
  for (let step = 0; step < steps; step++) mixed = (Math.imul(mixed, 1_664_525) + 1_013_904_223) | 0;
  parentPort?.postMessage({ elapsedMs: performance.now() - startMs, mixed });
});
