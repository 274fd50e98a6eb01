import type { PreparedWork } from '../../src/app/models/work.ts';
import type { BenchEngine } from '../engine/bench-engine.ts';
import type { Policy, Shift } from '../lanes/policy.ts';
import { oneFifo, QueuePolicy } from './queue-policy.ts';

/** Two sessions in two processes, each with all threads, and nothing between them: the operating system decides. */
export class TwoSessions implements Policy {
  readonly #live: QueuePolicy;
  readonly #archive: QueuePolicy;

  constructor(live: BenchEngine, archive: BenchEngine, work: PreparedWork, archiveBatch: number) {
    this.#live = new QueuePolicy(live, work, { window: 0, choose: oneFifo(1) });
    this.#archive = new QueuePolicy(archive, work, { window: 2 * archiveBatch, choose: oneFifo(archiveBatch) });
  }

  begin(shift: Shift): void {
    this.#live.begin({ ...shift, archive: false });
    this.#archive.begin({ ...shift, cameras: [], archive: shift.archive });
  }

  async end(): Promise<void> {
    await Promise.all([this.#live.end(), this.#archive.end()]);
  }
}
