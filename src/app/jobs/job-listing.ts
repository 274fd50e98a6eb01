import type { Clock } from '../../core/ports.ts';
import type { StoreClient, StoredJob } from '../../store/operations.ts';
import type { Log } from '../ports.ts';
import { findItems } from './find-items.ts';
import { LeftOut } from './left-out.ts';
import type { RunMeter } from './run-meter.ts';
import type { ScanSources } from './scan-sources.ts';

/** A listing that takes longer goes on beside the first results; a shorter one is waited for, so that progress is known. */
const PATIENCE_MS = 1_000;

export interface JobListingDeps {
  readonly store: StoreClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: RunMeter;
  readonly signal: AbortSignal;
  readonly sources: ScanSources;
  /** A page is in the ledger. */
  readonly paged: () => void;
  /** The ledger is complete. */
  readonly whole: () => void;
}

/** The files of one run of a job on their way into the ledger, a page at a time: the next is listed once the last is stored. */
export class JobListing {
  /** Its number in the ledger, of each listing another, so that what this one saw can be told from what an earlier one saw. */
  readonly run: number;
  readonly leftOut = new LeftOut();
  isOver = false;
  readonly #job: StoredJob;
  readonly #deps: JobListingDeps;

  constructor(job: StoredJob, deps: JobListingDeps) {
    this.#job = job;
    this.#deps = deps;
    this.run = lastRun = Math.max(deps.clock.epochMs(), lastRun + 1);
  }

  /** `isLong` resolves once it has taken a while and there is something to begin with; see `findItems` for `over`. */
  begin(): { readonly over: Promise<void>; readonly isLong: Promise<void> } {
    const { clock, paged, whole } = this.#deps;
    const longFromMonoMs = clock.monoMs() + PATIENCE_MS;
    let tell: () => void = () => undefined;
    const isLong = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const over = findItems(this.#job, {
      ...this.#deps,
      run: this.run,
      leftOut: this.leftOut,
      paged: () => {
        if (clock.monoMs() >= longFromMonoMs) tell();
        paged();
      },
    }).then(() => {
      this.isOver = true;
      whole();
    });
    return { over, isLong };
  }
}

let lastRun = 0;
