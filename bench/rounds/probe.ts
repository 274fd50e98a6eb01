import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

const wantedMs = 50;
/** onnxruntime's threads wait 200 µs for more work before they sleep; timers and collectors come to rest too. */
const settleMs = 10;

/** As many threads as there are cores, all with the same fixed work at once. */
export class Probe {
  readonly #threads: readonly Worker[];
  #steps = 10_000_000;

  private constructor(threads: readonly Worker[]) {
    this.#threads = threads;
  }

  static async start(cores: number): Promise<Probe> {
    const probe = new Probe(
      Array.from({ length: cores }, () => new Worker(new URL('probe-thread.ts', import.meta.url))),
    );
    for (let run = 0; run < 3; run++) await probe.measure(); // started and compiled
    const best = Math.min(await probe.measure(), await probe.measure(), await probe.measure());
    probe.#steps = Math.round((probe.#steps * wantedMs) / best);
    return probe;
  }

  /** Time in ms of the slowest thread. */
  async measure(): Promise<number> {
    await sleep(settleMs);
    const times = this.#threads.map(
      (thread) =>
        new Promise<number>((resolve) => {
          thread.once('message', ({ elapsedMs }: { elapsedMs: number }) => {
            resolve(elapsedMs);
          });
          thread.postMessage(this.#steps);
        }),
    );
    return Math.max(...(await Promise.all(times)));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }
}
