import { expectedEnd, expectedEnds, type NewJob, type SharingJob } from '../../core/jobs/expected-ends.ts';

/** One kind of work that shares the archive's time. */
export interface Sharer {
  /** What is fed now. */
  readonly running: () => readonly SharingJob[];
  /** Weights of what waits for a turn, in its order. */
  readonly waitingWeights: () => readonly number[];
  /** From now on the shares are others: speeds of before say nothing. */
  readonly sharingChanged: () => void;
}

/** Who shares the archive's time: scans, and the repair of what cameras shed. When each of them ends depends on all. */
export class ArchiveSharing {
  readonly #sharers: Sharer[] = [];

  add(sharer: Sharer): void {
    this.#sharers.push(sharer);
  }

  /** One began to feed, or has ended. */
  changed(): void {
    for (const sharer of this.#sharers) sharer.sharingChanged();
  }

  /** In how many ms each of those that run ends, by id; without those of which that cannot be said. */
  ends(): ReadonlyMap<string, number> {
    const waiting = this.#sharers.flatMap((sharer) => sharer.waitingWeights());
    return expectedEnds(this.#running(), waiting);
  }

  /**
   * In how many ms a job ends that is asked for now; null: that cannot be said. `id`: it, if it runs already.
   * `waitingWeights`: of those that wait before it.
   */
  endOfNew(id: string, job: NewJob, startsNow: boolean, waitingWeights: readonly number[]): number | null {
    const others = this.#running().filter((running) => running.id !== id);
    return expectedEnd(job, startsNow, others, waitingWeights);
  }

  #running(): readonly SharingJob[] {
    return this.#sharers.flatMap((sharer) => sharer.running());
  }
}
