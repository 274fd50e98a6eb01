import type { Clock } from '../../core/ports.ts';
import type { FailureKind } from '../../shared/domain/job.ts';
import type { ItemNews } from '../../shared/engine/protocol.ts';
import type { StoreClient, StoredItem, StoredJob } from '../../store/operations.ts';
import type { ArchiveFleet, ExecutorLoss } from '../instances/archive-fleet.ts';
import type { PreparedWork } from '../models/work.ts';
import type { Log } from '../ports.ts';
import type { FedItem } from './fed-item.ts';
import { ItemFeeder, type JobWork } from './item-feeder.ts';
import { ItemSource } from './item-source.ts';
import { ItemsInFlight } from './items-in-flight.ts';
import { JobListing } from './job-listing.ts';
import { JobSuspects } from './job-suspects.ts';
import { ResultCommits } from './result-commits.ts';
import { endOf, type RunEnd } from './run-end.ts';
import { RunMeter } from './run-meter.ts';
import { ScanSources } from './scan-sources.ts';

export interface JobRunnerDeps {
  readonly store: StoreClient;
  readonly fleet: ArchiveFleet;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

export interface RunHooks {
  /** The ledger is complete, or so long in the writing that the scan begins meanwhile; nothing is fed before this resolves. */
  readonly begins: () => Promise<void>;
  /** Something an operator could see changed. */
  readonly changed: () => void;
}

/**
 * One run of one archive job: finds its items, feeds them to the engine a few ahead, and commits results with the
 * cursors that cover them. Where the listing takes long it goes on beside the first results. It ends when every item is
 * done or failed, when it is stopped (what is finished is committed first), or when it cannot go on. It knows nothing of
 * other jobs: they meet in the lane and in the engine.
 *
 * An engine that goes away does not end it: items in work go back to their cursors and are fed again when the next
 * engine is ready.
 */
export class JobRunner {
  readonly meter: RunMeter;
  readonly #deps: JobRunnerDeps;
  readonly #job: StoredJob;
  readonly #work: JobWork;
  readonly #sources: ScanSources;
  readonly #listing: JobListing;
  readonly #abort = new AbortController();
  #stopped: () => void = () => undefined;
  /** Resolves when the run is asked to stop. */
  readonly whenStopped = new Promise<void>((resolve) => {
    this.#stopped = resolve;
  });
  readonly #items = new ItemsInFlight();
  readonly #suspects = new JobSuspects();
  readonly #source: ItemSource;
  readonly #commits: ResultCommits;
  readonly #feeder: ItemFeeder;
  #engineReady: boolean;
  #feeding = false;
  /** Somebody found it feeding: there may be more by now. */
  #looksAgain = false;
  #expectsMore = true;
  #finish: ((end: RunEnd) => void) | null = null;
  #changed: () => void = () => undefined;

  constructor(job: StoredJob, work: JobWork, deps: JobRunnerDeps) {
    const { store, fleet, clock, random } = deps;
    this.#job = job;
    this.#work = work;
    this.#deps = deps;
    this.meter = new RunMeter(clock);
    const [items, suspects, meter] = [this.#items, this.#suspects, this.meter];
    const changed = (): void => {
      this.#changed();
    };
    const failed = (caught: unknown): void => {
      this.#giveUp(caught);
    };
    this.#source = new ItemSource(store, job.id, clock, random, () => void this.#feed());
    this.#sources = new ScanSources(job.spec);
    const sources = this.#sources;
    this.#listing = new JobListing(job, {
      ...{ store, clock, log: deps.log, meter, signal: this.#abort.signal, sources },
      paged: () => {
        changed();
        void this.#feed();
      },
      whole: () => {
        this.#source.ledgerIsWhole();
        changed();
        void this.#feed();
      },
    });
    this.#commits = new ResultCommits({
      store,
      items,
      meter,
      changed,
      failed,
      closed: (key, fed) => {
        fleet.closeItem(key);
        if (fed.isFailed) meter.failed += 1;
      },
      over: () => void this.#feed(),
    });
    this.#feeder = new ItemFeeder({
      ...{ store, fleet, job, work, items, suspects, meter, sources, changed, failed },
      run: this.#listing.run,
      source: this.#source,
      commits: this.#commits,
      mayFeed: () => this.#mayFeed,
      progressed: () => {
        this.#progressed();
      },
    });
    this.#engineReady = fleet.isReady;
  }

  get jobId(): string {
    return this.#job.id;
  }

  /** How its latest picture is run. */
  get latestWork(): PreparedWork {
    return this.#feeder.latestWork;
  }

  /** Files are still being listed. */
  get isListing(): boolean {
    return !this.#listing.isOver;
  }

  /** What it could not look at, in a sentence; null: nothing. */
  get leftOut(): string | null {
    return this.#listing.leftOut.text;
  }

  /** What is being looked at, for the operator: name and position. */
  get current(): ItemsInFlight['current'] {
    return this.#items.current;
  }

  /** Never rejects. */
  async run({ begins, changed }: RunHooks): Promise<RunEnd> {
    this.#changed = changed;
    const { fleet } = this.#deps;
    const { signal } = this.#abort;
    const listing = this.#listing.begin();
    try {
      await Promise.race([listing.over, listing.isLong]);
      await begins();
      signal.throwIfAborted();
      this.meter.start();
      changed();
      const ended = new Promise<RunEnd>((resolve) => {
        this.#finish = resolve;
      });
      listing.over.catch((caught: unknown) => {
        this.#giveUp(caught);
      });
      const { name, spec } = this.#job;
      const { batch, weight } = spec;
      const left = (): number | null => (this.isListing ? null : this.meter.picturesLeft);
      fleet.openJob({ jobId: this.jobId, name, batch, weight, left }, [this.#work.picture, this.#work.video]);
      void this.#feed();
      const end = await ended;
      this.meter.stop();
      return end;
    } catch (caught) {
      if (signal.aborted) return { end: 'stopped' };
      return endOf(caught);
    } finally {
      this.#takeBack();
      this.#commits.close();
      fleet.closeJob(this.jobId);
      this.#source.close();
      // Nothing is written into the ledger for a run that is over.
      this.#abort.abort();
      await listing.over.catch(() => undefined);
    }
  }

  /** Stops feeding, takes back what the engine has not run, commits the rest. Safe to call at any time. */
  stop(): void {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    this.#takeBack();
    this.#end({ end: 'stopped' });
    this.#stopped();
  }

  engineIsReady(): void {
    this.#engineReady = true;
    // Cursors first, so that nothing which is already known is decoded again.
    void this.#commits.flush().then(() => this.#feed());
  }

  /** `running`: the frames inside the call that did not come back; of whichever job. */
  engineLost({ running, end, items, isFirst }: ExecutorLoss): void {
    if (isFirst) this.#engineReady = false;
    const inCall = running.flatMap(({ source, frame }) => {
      const fed = this.#items.get(source);
      return fed === undefined ? [] : [{ itemId: fed.item.id, frame }];
    });
    const guilty = new Map(this.#suspects.engineEnded(end, inCall).map(({ itemId, frame }) => [itemId, frame]));
    const feedAgain: StoredItem[] = [];
    for (const [key, fed] of this.#items.entries()) {
      if (!items.has(key)) continue;
      this.#deps.fleet.closeItem(key);
      if (fed.isSettled) continue; // only its commit is missing
      const frame = guilty.get(fed.item.id);
      if (frame === undefined) feedAgain.push(this.#items.interrupt(key, fed));
      else {
        fed.abandon();
        const reason = `frame ${String(frame)} ended the engine twice when it ran alone`;
        fed.failed('crashes-engine', reason, 'quarantined');
      }
    }
    this.#source.putBack(feedAgain);
    this.meter.retried += feedAgain.length > 0 ? 1 : 0;
    this.#commits.soon();
    if (!isFirst) void this.#feed();
  }

  /** News of the engine about one of this job's items; false where the item is not of this job. */
  itemNews(news: ItemNews): boolean {
    const fed = this.#items.get(news.item);
    if (fed === undefined) return false;
    switch (news.type) {
      case 'item-opened':
        fed.expectedFrames = news.expectedFrames;
        break;
      case 'item-ended':
        if (news.complete) fed.ended(news.endFrame);
        this.#progressed();
        break;
      case 'item-failed':
        void this.#itemFailed(news.item, fed, news.kind, news.reason);
        break;
    }
    return true;
  }

  /** The engine stops decoding what it has of this run, and nothing more of it is heard. */
  #takeBack(): void {
    for (const key of this.#items.keys()) {
      this.#deps.fleet.drop(key);
      this.#deps.fleet.closeItem(key);
    }
  }

  get #mayFeed(): boolean {
    return this.#engineReady && this.#finish !== null;
  }

  /** Keeps the engine a few items ahead. One at a time; whoever finds it running relies on it to look again. */
  async #feed(): Promise<void> {
    if (this.#finish === null) return;
    this.#looksAgain = true;
    if (this.#feeding) return;
    this.#feeding = true;
    try {
      while (this.#looksAgain) {
        this.#looksAgain = false;
        while (this.#mayFeed && this.#items.hasRoom) {
          const item = await this.#source.next();
          if (item === null) break;
          await this.#feeder.feed(item);
        }
      }
    } catch (caught) {
      this.#giveUp(caught);
    } finally {
      this.#feeding = false;
    }
    this.#tellExpectation();
    if (this.#items.isEmpty && this.#source.isEmpty && !this.#feeding) this.#end({ end: 'done' });
  }

  async #itemFailed(key: string, fed: FedItem, kind: FailureKind, reason: string): Promise<void> {
    if (kind === 'unreadable' || kind === 'missing') {
      try {
        await this.#sources.areThere();
      } catch (caught) {
        this.#giveUp(caught);
        return;
      }
      // The engine may have gone meanwhile, and the item with it.
      if (this.#items.get(key) !== fed) return;
    }
    if (kind === 'timed-out') this.meter.timedOut += 1;
    if (this.#source.retryLater(fed.item, kind)) {
      this.meter.retried += 1;
      this.#items.interrupt(key, fed);
      this.#deps.fleet.closeItem(key);
      void this.#feed();
      return;
    }
    fed.failed(kind, reason, kind === 'missing' ? 'missing' : 'failed');
    this.#progressed();
  }

  #progressed(): void {
    this.#tellExpectation();
    this.#commits.soon();
  }

  /** A chunk need not wait for company once everything there is has been decoded. */
  #tellExpectation(): void {
    const more = !this.#source.isEmpty || !this.#items.areDecoded;
    if (more === this.#expectsMore) return;
    this.#expectsMore = more;
    this.#deps.fleet.jobExpects(this.jobId, more);
  }

  /** The run is over, and nothing more of it may be committed: see `ResultCommits.refuse`. */
  #giveUp(caught: unknown): void {
    this.#commits.refuse();
    this.#end(endOf(caught));
  }

  #end(end: RunEnd): void {
    const finish = this.#finish;
    this.#finish = null;
    if (finish === null) return;
    if (end.end === 'failed' || end.end === 'held-up') {
      finish(end);
      return;
    }
    // What is finished is committed before anybody hears that the run is over.
    void this.#commits.settled().then(() => {
      finish(end);
    });
  }
}
