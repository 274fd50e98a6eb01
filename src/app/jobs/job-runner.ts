import { groupStart } from '../../core/jobs/refresh-groups.ts';
import { afterEngineEnd, afterSuccess, mustRunAlone, noSuspects } from '../../core/jobs/suspects.ts';
import type { Clock } from '../../core/ports.ts';
import type { FailureKind } from '../../shared/domain/job.ts';
import type { ItemNews } from '../../shared/engine/protocol.ts';
import { NightshiftError, toErrorValue, type ErrorValue } from '../../shared/errors.ts';
import type { ItemProgress, SourceCommit, StoreClient, StoredItem, StoredJob } from '../../store/operations.ts';
import type { ArchiveFleet, ExecutorLoss } from '../instances/archive-fleet.ts';
import type { ItemLane } from '../lanes/frame-owners.ts';
import type { Log } from '../ports.ts';
import type { PreparedWork } from '../models/work.ts';
import { enumerateItems } from './enumerate.ts';
import { FedItem } from './fed-item.ts';
import { fingerprint } from './fingerprint.ts';
import { ItemRetries } from './item-retries.ts';
import { RunMeter } from './run-meter.ts';

const FLUSH_MS = 250;
const FLUSH_ROWS = 2_000;
const PAGE_ITEMS = 200;
/** Items handed to the engine ahead of its decoder: pictures are small steps, a video is a long one. */
const AHEAD_ITEMS = 96;
const AHEAD_VIDEOS = 2;

export interface JobRunnerDeps {
  readonly store: StoreClient;
  readonly fleet: ArchiveFleet;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

export interface JobWork {
  readonly picture: PreparedWork;
  readonly video: PreparedWork;
}

export interface RunHooks {
  /** The ledger is complete; nothing is fed before this resolves. */
  readonly enumerated: () => Promise<void>;
  /** Something an operator could see changed. */
  readonly changed: () => void;
}

export type RunEnd =
  | { readonly end: 'done' }
  | { readonly end: 'stopped' }
  /** The store does not take results for now (a full disk, say): the job can go on where it is once that is mended. */
  | { readonly end: 'held-up'; readonly error: ErrorValue }
  | { readonly end: 'failed'; readonly error: ErrorValue };

/**
 * One run of one archive job: finds its items, feeds them to the engine a few ahead, and commits results with the
 * cursors that cover them. It ends when every item is done or failed, when it is stopped (what is finished is
 * committed first), or when it cannot go on.
 *
 * An engine that goes away does not end it: items in work go back to their cursors and are fed again when the next
 * engine is ready.
 */
export class JobRunner {
  readonly meter: RunMeter;
  /** Folders below the scanned ones that could not be looked into. */
  readonly unreadable: string[] = [];
  /** Set once the ledger is complete and items are being fed. */
  phase: 'enumerating' | 'running' = 'enumerating';
  readonly #deps: JobRunnerDeps;
  readonly #job: StoredJob;
  readonly #work: JobWork;
  #latest: PreparedWork;
  readonly #abort = new AbortController();
  #stopped: () => void = () => undefined;
  readonly #whenStopped = new Promise<void>((resolve) => {
    this.#stopped = resolve;
  });
  readonly #inFlight = new Map<string, FedItem>();
  /** Left the engine before their end: what they have is committed with the next flush, then they are forgotten. */
  readonly #leftovers: FedItem[] = [];
  /** Ids of items that left the engine before their end and come back. */
  readonly #comingBack = new Set<number>();
  /** Items to be fed (again), before anything new from the ledger. */
  #again: StoredItem[] = [];
  readonly #retries: ItemRetries;
  #suspects = noSuspects;
  #lastItemId = 0;
  #ledgerDry = false;
  #engineReady: boolean;
  #feeding = false;
  #flushing: Promise<void> | null = null;
  #flushTimer: ReturnType<typeof setTimeout> | null = null;
  #rowsWaiting = 0;
  #expectsMore = true;
  /** A commit failed: see `#giveUp`. */
  #lost = false;
  #finish: ((end: RunEnd) => void) | null = null;
  #changed: () => void = () => undefined;

  constructor(job: StoredJob, work: JobWork, deps: JobRunnerDeps) {
    this.#job = job;
    this.#work = work;
    this.#latest = work.video;
    this.#deps = deps;
    this.meter = new RunMeter(deps.clock);
    this.#retries = new ItemRetries(deps.clock, deps.random, () => void this.#feed());
    this.#engineReady = deps.fleet.isReady;
  }

  get jobId(): string {
    return this.#job.id;
  }

  /** How its latest picture is run. */
  get latestWork(): PreparedWork {
    return this.#latest;
  }

  /** Never rejects. */
  async run({ enumerated, changed }: RunHooks): Promise<RunEnd> {
    this.#changed = changed;
    try {
      await this.#enumerate();
      await enumerated();
      this.#abort.signal.throwIfAborted();
      this.phase = 'running';
      this.meter.start();
      changed();
      const ended = new Promise<RunEnd>((resolve) => {
        this.#finish = resolve;
      });
      const { name, spec } = this.#job;
      const { batch, weight } = spec;
      this.#deps.fleet.openJob({ jobId: this.jobId, name, batch, weight }, [this.#work.picture, this.#work.video]);
      void this.#feed();
      const end = await ended;
      this.meter.stop();
      return end;
    } catch (caught) {
      if (this.#abort.signal.aborted) return { end: 'stopped' };
      return endOf(caught);
    } finally {
      this.#takeBack();
      if (this.#flushTimer !== null) clearTimeout(this.#flushTimer);
      this.#deps.fleet.closeJob(this.jobId);
      this.#retries.close();
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

  /** Resolves when the run is asked to stop. */
  get whenStopped(): Promise<void> {
    return this.#whenStopped;
  }

  /** What is being looked at, for the operator: name and position. */
  get current(): { path: string; kind: 'picture' | 'video'; positionMs: number } | null {
    for (const fed of this.#inFlight.values()) {
      return { path: fed.item.path, kind: fed.item.kind, positionMs: fed.positionMs };
    }
    return null;
  }

  engineIsReady(): void {
    this.#engineReady = true;
    // Cursors first, so that nothing which is already known is decoded again.
    void this.#flush().then(() => this.#feed());
  }

  /** `running`: the frames inside the call that did not come back. */
  engineLost({ running, end, items, isFirst }: ExecutorLoss): void {
    if (isFirst) this.#engineReady = false;
    const verdict = afterEngineEnd(
      this.#suspects,
      end,
      running.flatMap(({ source, frame }) => {
        const fed = this.#inFlight.get(source);
        return fed === undefined ? [] : [suspectOf(fed.item.id, frame)];
      }),
    );
    this.#suspects = verdict.ledger;
    const feedAgain: StoredItem[] = [];
    for (const [key, fed] of this.#inFlight) {
      if (!items.has(key)) continue;
      this.#deps.fleet.closeItem(key);
      if (fed.isSettled) continue; // only its commit is missing
      fed.abandon();
      const guilty = running.find(
        ({ source, frame }) => source === key && verdict.quarantined.includes(suspectOf(fed.item.id, frame)),
      );
      if (guilty !== undefined) {
        const reason = `frame ${String(guilty.frame)} ended the engine twice when it ran alone`;
        fed.failed('crashes-engine', reason, 'quarantined');
        continue;
      }
      feedAgain.push({ ...fed.item, expectedFrames: fed.expectedFrames });
      this.#comingBack.add(fed.item.id);
      this.#inFlight.delete(key);
      this.#leftovers.push(fed);
    }
    this.#again = [...feedAgain, ...this.#again];
    this.meter.retried += feedAgain.length > 0 ? 1 : 0;
    this.#scheduleFlush();
    if (!isFirst) void this.#feed();
  }

  /** News of the engine about one of this job's items; false where the item is not of this job. */
  itemNews(news: ItemNews): boolean {
    const fed = this.#inFlight.get(news.item);
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
        this.#itemFailed(news.item, fed, news.kind, news.reason);
        break;
    }
    return true;
  }

  /** The engine stops decoding what it has of this run, and nothing more of it is heard. */
  #takeBack(): void {
    for (const key of this.#inFlight.keys()) {
      this.#deps.fleet.drop(key);
      this.#deps.fleet.closeItem(key);
    }
  }

  async #enumerate(): Promise<void> {
    const run = this.#deps.clock.epochMs();
    const { paths, recursive } = this.#job.spec;
    for await (const items of enumerateItems({
      paths,
      recursive,
      signal: this.#abort.signal,
      unreadable: (folder, error) => {
        this.#deps.log.warn('a folder was left out', { folder, error: error.message });
        this.unreadable.push(folder);
      },
    })) {
      await this.#deps.store.call('items.found', { jobId: this.jobId, run, items });
      this.meter.found += items.length;
      this.meter.foundPictures += items.filter((item) => item.kind === 'picture').length;
      this.#changed();
      this.#abort.signal.throwIfAborted();
    }
    await this.#deps.store.call('items.endFound', { jobId: this.jobId, run });
    if (this.meter.found === 0) {
      throw new NightshiftError({
        kind: 'bad-input',
        message: 'No pictures or videos were found.',
        where: paths.join(', '),
        hint: recursive
          ? 'Check the path; hidden and unknown file types are left out.'
          : 'Only this folder itself was looked at; turn on "recursive" for the folders below it.',
      });
    }
  }

  /** Keeps the engine a few items ahead. One at a time; whoever finds it running relies on it to look again. */
  async #feed(): Promise<void> {
    // Before the ledger is complete, an empty page would be taken for its end.
    if (this.#feeding || this.phase !== 'running') return;
    this.#feeding = true;
    try {
      while (this.#engineReady && !this.#abort.signal.aborted && this.#hasRoom()) {
        const item = await this.#nextItem();
        if (item === null) break;
        await this.#feedItem(item);
      }
    } catch (caught) {
      this.#giveUp(caught);
    } finally {
      this.#feeding = false;
    }
    this.#tellExpectation();
    this.#endIfFinished();
  }

  #hasRoom(): boolean {
    let items = 0;
    let videos = 0;
    for (const fed of this.#inFlight.values()) {
      if (fed.isSettled) continue; // waits for its commit only
      items += 1;
      videos += fed.item.kind === 'video' ? 1 : 0;
    }
    return items < AHEAD_ITEMS && videos < AHEAD_VIDEOS && this.#inFlight.size < FLUSH_ROWS;
  }

  async #nextItem(): Promise<StoredItem | null> {
    const again = this.#again.shift() ?? this.#retries.take();
    if (again !== undefined) return again;
    if (this.#ledgerDry) return null;
    const page = await this.#deps.store.call('items.page', {
      jobId: this.jobId,
      states: ['pending'],
      afterId: this.#lastItemId,
      limit: PAGE_ITEMS,
    });
    const last = page[page.length - 1];
    if (last === undefined) {
      this.#ledgerDry = true;
      return null;
    }
    this.#lastItemId = last.id;
    this.#again.push(...page);
    return this.#again.shift() ?? null;
  }

  async #feedItem(item: StoredItem): Promise<void> {
    const work = this.#work[item.kind];
    let key: string;
    try {
      key = await fingerprint(item.path);
    } catch (caught) {
      await this.#cannotRead(item, caught);
      return;
    }
    const bound = await this.#deps.store.call('items.bind', {
      itemId: item.id,
      source: { key, kind: item.kind, width: null, height: null },
      recipeId: work.recipeId,
      expectedFrames: item.expectedFrames,
    });
    const isBack = this.#comingBack.delete(item.id);
    if (bound.complete) {
      if (!isBack) this.meter.skipped += 1;
      this.#changed();
      return;
    }
    // The engine may have gone while we read the file: it comes back through `engineIsReady`.
    if (!this.#engineReady || this.#abort.signal.aborted) {
      if (isBack) this.#comingBack.add(item.id);
      this.#again.unshift(item);
      return;
    }
    const motionGate = this.#job.spec.motionGate && item.kind === 'video';
    const startFrame = motionGate ? groupStart(bound.cursor) : bound.cursor;
    const fed = new FedItem(item, { sourceId: bound.sourceId, recipeId: work.recipeId, cursor: bound.cursor });
    const itemKey = feedingKey(item);
    this.#inFlight.set(itemKey, fed);
    const lane: ItemLane = {
      item: itemKey,
      jobId: this.jobId,
      shape: work.shape,
      work,
      refused: (caught) => {
        this.#giveUp(caught);
      },
      isAlone: (frame) => mustRunAlone(this.#suspects, suspectOf(item.id, frame)),
      sink: {
        captured: (ticket) => {
          this.#latest = work.fitted(ticket.sourceWidth, ticket.sourceHeight);
          fed.announced(ticket);
        },
        unchanged: (frame) => {
          fed.unchanged(frame);
          this.meter.unchanged();
          this.#rowsWaiting += 1;
          this.#progressed();
        },
        analysed: (ticket, detections, batch) => {
          this.#suspects = afterSuccess(this.#suspects, [suspectOf(item.id, ticket.frame)]);
          fed.analysed(ticket, detections);
          this.meter.analysed(batch);
          this.#rowsWaiting += 1;
          this.#progressed();
        },
        dropped: () => undefined,
        lost: () => undefined,
      },
    };
    this.#deps.fleet.feed(lane, {
      type: 'feed-item',
      item: itemKey,
      path: item.path,
      kind: item.kind,
      fps: this.#job.spec.fps,
      startFrame,
      input: work.shape.input,
      multipleOf: work.model.manifest.input.multipleOf,
      padding: work.padding,
      motionGate,
    });
  }

  async #cannotRead(item: StoredItem, caught: unknown): Promise<void> {
    const code = (caught as NodeJS.ErrnoException).code;
    const reason = caught instanceof Error ? caught.message : String(caught);
    if (code === 'ENOENT') {
      await this.#deps.store.call('items.fail', {
        itemId: item.id,
        state: 'missing',
        kind: 'missing',
        reason: 'The file is gone since the job was made.',
      });
    } else if (this.#retries.add(item, 'unreadable')) {
      this.meter.retried += 1;
      return;
    } else {
      await this.#deps.store.call('items.fail', { itemId: item.id, state: 'failed', kind: 'unreadable', reason });
    }
    this.meter.failed += 1;
    this.#changed();
  }

  #itemFailed(key: string, fed: FedItem, kind: FailureKind, reason: string): void {
    if (kind === 'timed-out') this.meter.timedOut += 1;
    if (this.#retries.add(fed.item, kind)) {
      this.meter.retried += 1;
      fed.abandon();
      this.#comingBack.add(fed.item.id);
      this.#inFlight.delete(key);
      this.#deps.fleet.closeItem(key);
      this.#leftovers.push(fed);
      void this.#feed();
      return;
    }
    fed.failed(kind, reason, kind === 'missing' ? 'missing' : 'failed');
    this.#progressed();
  }

  #progressed(): void {
    this.#tellExpectation();
    if (this.#rowsWaiting >= FLUSH_ROWS) void this.#flush();
    else this.#scheduleFlush();
  }

  /** A chunk need not wait for company once everything there is has been decoded. */
  #tellExpectation(): void {
    let more = !this.#ledgerDry || this.#again.length > 0 || !this.#retries.isEmpty;
    for (const fed of this.#inFlight.values()) more ||= !fed.isDecoded;
    if (more === this.#expectsMore) return;
    this.#expectsMore = more;
    this.#deps.fleet.jobExpects(this.jobId, more);
  }

  #scheduleFlush(): void {
    this.#flushTimer ??= setTimeout(() => {
      this.#flushTimer = null;
      void this.#flush();
    }, FLUSH_MS);
  }

  #flush(): Promise<void> {
    this.#flushing ??= this.#commit().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  async #commit(): Promise<void> {
    if (this.#lost) return;
    const commits: SourceCommit[] = [];
    const items: ItemProgress[] = [];
    let frames = 0;
    let inherited = 0;
    let replayed = 0;
    for (const fed of [...this.#leftovers.splice(0), ...this.#inFlight.values()]) {
      const taken = fed.takeCommit();
      if (taken === null) continue;
      if (taken.commit !== null) commits.push(taken.commit);
      items.push(taken.progress);
      frames += taken.frames;
      inherited += taken.inherited;
      replayed += taken.replayed;
    }
    this.#rowsWaiting = Math.max(0, this.#rowsWaiting - frames - replayed);
    if (items.length > 0) {
      try {
        const receipt = await this.#deps.store.call('results.commit', { commits, items });
        this.meter.frames += receipt.newFrames;
        this.meter.inherited += inherited;
        this.meter.framesTwice += frames - receipt.newFrames;
      } catch (caught) {
        this.#giveUp(caught);
        return;
      }
      for (const [key, fed] of [...this.#inFlight]) {
        if (!fed.isClosed) continue;
        this.#inFlight.delete(key);
        this.#deps.fleet.closeItem(key);
        if (fed.isFailed) this.meter.failed += 1;
      }
      this.#changed();
    }
    if (this.#rowsWaiting > 0) this.#scheduleFlush();
    void this.#feed();
  }

  #endIfFinished(): void {
    const idle = this.#inFlight.size === 0 && this.#leftovers.length === 0 && this.#again.length === 0;
    if (idle && this.#ledgerDry && this.#retries.isEmpty && !this.#feeding) this.#end({ end: 'done' });
  }

  /**
   * Results that were taken out for a commit that failed are lost to this run. Nothing after them may be committed, or
   * an item could end with a hole in it; the next run begins at the store's cursors.
   */
  #giveUp(caught: unknown): void {
    this.#lost = true;
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
    void this.#flush()
      .then(() => this.#flush())
      .then(() => {
        finish(end);
      });
  }
}

/** A full disk is the operator's to mend, and no fault of the job. */
export function endOf(caught: unknown): RunEnd {
  const error = toErrorValue(caught);
  return { end: error.kind === 'no-space' ? 'held-up' : 'failed', error };
}

const suspectOf = (itemId: number, frame: number): string => `${String(itemId)}#${String(frame)}`;

/**
 * Every feeding has a key of its own: frames that an earlier feeding of the item announced late (it was paused and
 * resumed during a long call, say) must not be taken for frames of this one.
 */
let feedings = 0;
const feedingKey = (item: StoredItem): string => `${String(item.id)}.${String(++feedings)}`;
