import { randomBytes } from 'node:crypto';
import { afterEngineEnd, afterSuccess, mustRunAlone, noSuspects, type EngineEnd } from '../../core/jobs/suspects.ts';
import type { Clock } from '../../core/ports.ts';
import type { Detection } from '../../shared/domain/detection.ts';
import type { FinalAnswer, PictureReview, PictureReviewCounts } from '../../shared/domain/picture-api.ts';
import type { QueueStatus } from '../../shared/domain/system.ts';
import type { FromEngine, Ticket } from '../../shared/engine/protocol.ts';
import { describeError, toErrorValue } from '../../shared/errors.ts';
import type { StoreClient, StoredPictureReview } from '../../store/operations.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { LaneHost } from '../lanes/lane-host.ts';
import type { ModelService } from '../models/model-service.ts';
import type { PreparedWork } from '../models/work.ts';
import type { Log } from '../ports.ts';
import type { InferService } from './infer-service.ts';
import { labelled } from './labelled.ts';
import type { ReviewOutcome } from './picture-api.ts';
import { pictureFormat, type Admission, type ReviewOptions } from './picture-request.ts';
import { pictureWork } from './picture-work.ts';
import type { ReviewPictures } from './review-pictures.ts';
import { parseWebhook } from './webhook-address.ts';
import { WebhookQueue } from './webhook-queue.ts';
import type { PostWebhook } from './webhook.ts';

/** Without their last word, or with a webhook that is due. */
const mostOpen = 1_000;
/** In the engine at once: two chunks of what a CPU runs best, so that the slot never waits for a decoder. */
const mostAhead = 16;
const keepMs = 7 * 24 * 3_600_000;
const keepReviews = 10_000;
const forgetEveryMs = 3_600_000;
/** After the store or the decoder did not take one. */
const againMs = 2_000;
const mostTries = 3;
const jobId = 'picture-reviews';
const tier = 'accurate';

export interface ReviewServiceDeps {
  readonly store: StoreClient;
  readonly engine: EngineHost;
  readonly lanes: LaneHost;
  readonly models: ModelService;
  readonly infer: InferService;
  readonly pictures: ReviewPictures;
  readonly post: PostWebhook;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** A review without its last word. */
interface OpenReview {
  readonly row: StoredPictureReview;
  tries: number;
  /** `waiting`: for room in the engine; `fed`: in the engine; `paused`: comes back by a timer; `settling`: its last word is being kept. */
  state: 'waiting' | 'fed' | 'paused' | 'settling';
}

interface FedReview {
  readonly review: OpenReview;
  readonly work: PreparedWork;
  captured: boolean;
}

/**
 * The hybrid form of the picture API: the fast tier answers at once, and the picture waits in the archive lane for the
 * accurate tier's last word. Picture, provisional answer and what is still to be done are on the disk before the caller
 * hears of it, so neither a crash nor a restart loses a review; its last word is taken once.
 */
export class ReviewService {
  readonly #deps: ReviewServiceDeps;
  readonly #open = new Map<string, OpenReview>();
  /** By item key. */
  readonly #fed = new Map<string, FedReview>();
  readonly #works = new Map<string, Promise<PreparedWork>>();
  readonly #webhooks: WebhookQueue;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #suspects = noSuspects;
  #reserved = 0;
  #refused = 0;
  #feedings = 0;
  #feeding = false;
  #jobOpen = false;
  #closed = false;
  #forget: ReturnType<typeof setInterval> | null = null;

  constructor(deps: ReviewServiceDeps) {
    this.#deps = deps;
    this.#webhooks = new WebhookQueue({
      post: deps.post,
      random: deps.random,
      log: deps.log,
      ended: (id, delivered) => {
        void this.#keep('told', () => deps.store.call('pictureReviews.told', { id, delivered }));
      },
    });
  }

  /** Goes on with what an earlier process left. */
  async load(): Promise<void> {
    const { store, pictures } = this.#deps;
    const { pending, due } = await store.call('pictureReviews.open', undefined);
    for (const row of pending) this.#open.set(row.id, { row, tries: 0, state: 'waiting' });
    await this.#keep('tidy', () => pictures.dropAllBut(new Set(pending.map(({ file }) => file))));
    for (const row of due) this.#tell(row);
    await this.#forgetOld();
    this.#forget = setInterval(() => void this.#forgetOld(), forgetEveryMs);
    void this.#feed();
  }

  /** Accepted means kept. Throws for wrong options, and where the picture cannot be kept. */
  async review(admission: Admission, bytes: Uint8Array, options: ReviewOptions): Promise<ReviewOutcome> {
    if (options.webhook !== null) parseWebhook(options.webhook);
    await this.#workOf(options); // a model without an accurate tier is told before anything is run
    if (this.#closed || this.#open.size + this.#webhooks.size + this.#reserved >= mostOpen) {
      this.#refused += 1;
      return { is: 'refused', reason: 'More reviews wait for their last word than are kept.', retryAfterS: 30 };
    }
    this.#reserved += 1;
    try {
      const { webhook, ...rest } = options;
      const outcome = await this.#deps.infer.infer(admission, bytes, { ...rest, tier: 'fast' });
      if (outcome.is !== 'answered') return outcome;
      const id = randomBytes(18).toString('base64url');
      const file = `${id}.${pictureFormat(bytes) ?? 'bin'}`;
      const added = {
        id,
        createdAtMs: this.#deps.clock.epochMs(),
        model: options.model,
        score: options.score,
        classes: options.classes,
        file,
        provisional: outcome.answer,
        webhookUrl: webhook,
      };
      await this.#deps.pictures.keep(file, bytes);
      await this.#deps.store.call('pictureReviews.add', added).catch(async (caught: unknown) => {
        await this.#deps.pictures.drop(file);
        throw caught;
      });
      const row = { ...added, state: 'pending', final: null, changed: null, reason: null, webhook: 'none' } as const;
      if (!this.#closed) this.#open.set(id, { row, tries: 0, state: 'waiting' });
      void this.#feed();
      return { is: 'accepted', review: told(row) };
    } finally {
      this.#reserved -= 1;
    }
  }

  async find(id: string): Promise<PictureReview | null> {
    const row = await this.#deps.store.call('pictureReviews.get', { id });
    return row === null ? null : told(row);
  }

  counts(): Promise<PictureReviewCounts> {
    return this.#deps.store.call('pictureReviews.counts', undefined);
  }

  engineIsReady(): void {
    void this.#feed();
  }

  /** `running`: the frames inside the call that did not come back. */
  engineLost(running: readonly Ticket[], end: EngineEnd): void {
    const own = running.flatMap(({ source }) => this.#fed.get(source)?.review.row.id ?? []);
    const verdict = afterEngineEnd(this.#suspects, end, own);
    this.#suspects = verdict.ledger;
    for (const [key, { review }] of [...this.#fed]) {
      this.#letGo(key);
      if (verdict.quarantined.includes(review.row.id)) {
        void this.#settle(review, null, 'It ended the engine twice when it ran alone.');
      } else review.state = 'waiting';
    }
  }

  /** False: it was not one of these. */
  pictureFailed({ source, kind, reason }: Extract<FromEngine, { type: 'picture-failed' }>): boolean {
    const fed = this.#fed.get(source);
    if (fed === undefined) return source.startsWith('review:');
    this.#letGo(source);
    // The picture is not to blame for a decoder that broke down, or has too much to do.
    if ((kind === 'unreadable' || kind === 'timed-out') && ++fed.review.tries < mostTries) this.#pause(fed.review);
    else void this.#settle(fed.review, null, reason);
    return true;
  }

  queues(): readonly QueueStatus[] {
    const waiting = this.#open.size + this.#webhooks.size + this.#reserved;
    const givenUp = this.#refused;
    return [{ name: 'review-pictures', unit: 'pictures', waiting, bound: mostOpen, policy: 'refused', givenUp }];
  }

  /** What is open stays on the disk, for the next start. */
  close(): void {
    this.#closed = true;
    if (this.#forget !== null) clearInterval(this.#forget);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#webhooks.close();
    for (const key of [...this.#fed.keys()]) this.#letGo(key);
    if (this.#jobOpen) this.#deps.lanes.closeJob(jobId);
  }

  /** Keeps the engine a few ahead. One at a time; whoever finds it running relies on it to look again. */
  async #feed(): Promise<void> {
    if (this.#feeding) return;
    this.#feeding = true;
    try {
      for (let next = this.#next(); next !== null; next = this.#next()) await this.#feedOne(next);
    } finally {
      this.#feeding = false;
    }
    this.#tellExpectation();
  }

  #next(): OpenReview | null {
    if (this.#closed || !this.#deps.engine.isReady || this.#fed.size >= mostAhead) return null;
    for (const review of this.#open.values()) if (review.state === 'waiting') return review;
    return null;
  }

  async #feedOne(review: OpenReview): Promise<void> {
    const { engine, lanes, clock, pictures } = this.#deps;
    const { row } = review;
    let work: PreparedWork;
    let bytes: Uint8Array;
    try {
      work = await this.#workOf(row);
      bytes = await pictures.read(row.file);
    } catch (caught) {
      await this.#settle(review, null, `It could not be run again: ${describeError(toErrorValue(caught))}`);
      return;
    }
    // The engine may have gone while the file was read: it comes back through `engineIsReady`.
    if (this.#closed || !engine.isReady) return;
    if (!this.#jobOpen) {
      this.#jobOpen = true;
      lanes.openJob({ jobId, name: 'Picture reviews', batch: 'auto' });
    }
    // Of its own for every feeding: what an earlier one announces late must not be taken for this one's.
    const key = `review:${String(++this.#feedings)}`;
    const fed: FedReview = { review, work, captured: false };
    review.state = 'fed';
    this.#fed.set(key, fed);
    lanes.openItem({
      item: key,
      jobId,
      shape: work.shape,
      work,
      refused: (error) => {
        this.#letGo(key);
        if (review.state === 'fed') void this.#settle(review, null, describeError(toErrorValue(error)));
      },
      isAlone: () => mustRunAlone(this.#suspects, row.id),
      sink: {
        captured: () => {
          fed.captured = true;
          this.#tellExpectation();
        },
        analysed: (ticket, detections) => {
          this.#analysed(key, fed, ticket, detections);
        },
        dropped: () => undefined,
        lost: () => undefined,
      },
    });
    engine.send({
      type: 'feed-picture',
      lane: 'archive',
      source: key,
      frame: 0,
      bytes,
      input: work.shape.input,
      multipleOf: work.model.manifest.input.multipleOf,
      padding: work.padding,
      capturedMonoMs: clock.monoMs(),
      capturedAtMs: clock.epochMs(),
      deadlineMonoMs: null,
    });
  }

  #analysed(key: string, { review, work }: FedReview, ticket: Ticket, detections: readonly Detection[]): void {
    this.#suspects = afterSuccess(this.#suspects, [review.row.id]);
    this.#letGo(key);
    const final: FinalAnswer = {
      detections: labelled(detections, work.model.manifest.labels),
      width: ticket.sourceWidth,
      height: ticket.sourceHeight,
      tier,
      atMs: this.#deps.clock.epochMs(),
    };
    void this.#settle(review, final, null);
  }

  /** The last word: kept first, then told. Where the store does not take it, the picture is run again later. */
  async #settle(review: OpenReview, final: FinalAnswer | null, reason: string | null): Promise<void> {
    const { store, pictures } = this.#deps;
    const { id, file, provisional } = review.row;
    review.state = 'settling';
    const changed = final === null ? null : !sameClasses(provisional, final);
    const kept = await this.#keep('settle', () => store.call('pictureReviews.settle', { id, final, changed, reason }));
    if (!kept) {
      this.#pause(review);
      return;
    }
    this.#open.delete(id);
    await this.#keep('drop', () => pictures.drop(file));
    const row = await store.call('pictureReviews.get', { id }).catch(() => null);
    if (row?.webhook === 'due') this.#tell(row);
    void this.#feed();
  }

  #tell(row: StoredPictureReview): void {
    // What a caller finds by GET, as it will be once this was taken.
    if (row.webhookUrl !== null && !this.#closed) {
      this.#webhooks.add(row.id, row.webhookUrl, JSON.stringify({ ...told(row), webhook: 'delivered' }));
    }
  }

  #letGo(key: string): void {
    if (this.#fed.delete(key)) this.#deps.lanes.closeItem(key);
  }

  #pause(review: OpenReview): void {
    review.state = 'paused';
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      review.state = 'waiting';
      void this.#feed();
    }, againMs);
    this.#timers.add(timer);
  }

  /** A chunk need not wait for company once everything there is has been decoded; and no job stays without work. */
  #tellExpectation(): void {
    if (!this.#jobOpen || this.#closed) return;
    if (this.#open.size === 0) {
      this.#jobOpen = false;
      this.#deps.lanes.closeJob(jobId);
      return;
    }
    let more = false;
    for (const { state } of this.#open.values()) more ||= state === 'waiting';
    for (const { captured } of this.#fed.values()) more ||= !captured;
    this.#deps.lanes.jobExpects(jobId, more);
  }

  #workOf({ model, score, classes }: Pick<StoredPictureReview, 'model' | 'score' | 'classes'>): Promise<PreparedWork> {
    const key = JSON.stringify([model, score, classes]);
    const known = this.#works.get(key);
    if (known !== undefined) return known;
    if (this.#works.size >= mostOpen) this.#works.clear();
    const work = this.#deps.models.find(model).then((found) => pictureWork(found, { tier, score, classes }));
    this.#works.set(key, work);
    work.catch(() => this.#works.delete(key));
    return work;
  }

  async #forgetOld(): Promise<void> {
    const beforeMs = this.#deps.clock.epochMs() - keepMs;
    await this.#keep('forget', () => this.#deps.store.call('pictureReviews.forget', { beforeMs, keep: keepReviews }));
  }

  /** False where the disk or the store did not take it; that is logged, and made up for later. */
  async #keep(what: string, work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (caught) {
      if (!this.#closed) this.#deps.log.warn('a review could not be kept', { what, error: String(caught) });
      return false;
    }
  }
}

/** Changed is what an operator would act on differently: which classes are there, not where their boxes lie. */
function sameClasses(
  a: { readonly detections: PictureReview['provisional']['detections'] },
  b: { readonly detections: PictureReview['provisional']['detections'] },
): boolean {
  const left = new Set(a.detections.map((detection) => detection.class));
  const right = new Set(b.detections.map((detection) => detection.class));
  return left.size === right.size && [...left].every((label) => right.has(label));
}

const told = (row: StoredPictureReview): PictureReview => ({
  id: row.id,
  state: row.state,
  createdAtMs: row.createdAtMs,
  model: row.model,
  provisional: row.provisional,
  final: row.final,
  changed: row.changed,
  reason: row.reason,
  webhook: row.webhook,
});
