import type { Clock } from '../../core/ports.ts';
import type { DropReason } from '../../shared/domain/camera.ts';
import type { LaneSettings } from '../../shared/domain/lanes.ts';
import type { InferCounts } from '../../shared/domain/picture-api.ts';
import type { QueueStatus } from '../../shared/domain/system.ts';
import type { FromEngine, Ticket } from '../../shared/engine/protocol.ts';
import type { Detection } from '../../shared/domain/detection.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { FrameRun } from '../lanes/frame-sink.ts';
import type { LaneHost } from '../lanes/lane-host.ts';
import type { ModelService } from '../models/model-service.ts';
import type { PreparedWork } from '../models/work.ts';
import { labelled } from './labelled.ts';
import { PictureLanes } from './picture-lanes.ts';
import { PicturePace } from './picture-pace.ts';
import { PicturePlaces } from './picture-places.ts';
import {
  mostPictureBytes,
  pictureFormat,
  type Admission,
  type PictureOptions,
  type PictureOutcome,
} from './picture-request.ts';
import { pictureWork } from './picture-work.ts';

/** Four full batches of the widest micro-batch: more would wait longer than most callers do. */
const mostPictures = 64;
const mostBytes = 16 * mostPictureBytes;
/** Ways of running pictures (model, tier, score, classes) that are open at once. */
const mostWays = 32;
const tidyMs = 5_000;

export interface InferServiceDeps {
  readonly engine: EngineHost;
  readonly lanes: LaneHost;
  readonly models: ModelService;
  readonly clock: Clock;
  readonly settings: () => LaneSettings['api'];
}

interface Pending {
  readonly admission: Admission;
  readonly options: PictureOptions;
  readonly work: PreparedWork;
  readonly source: string;
  readonly settle: (outcome: PictureOutcome) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Pictures in, boxes out: each request is one picture in the live lane, collected with others by the window that is set,
 * and answered once: with boxes, as refused, as late, or as unusable.
 */
export class InferService {
  readonly #deps: InferServiceDeps;
  readonly #places: PicturePlaces;
  readonly #lanes: PictureLanes;
  readonly #pace = new PicturePace();
  readonly #works = new Map<string, PreparedWork>();
  /** By frame number: fed and not settled. */
  readonly #pending = new Map<number, Pending>();
  readonly #tidy: ReturnType<typeof setInterval>;
  #lastFrame = 0;
  #closed = false;
  #answered = 0;
  #late = 0;
  #failed = 0;
  /** Calls of the answered pictures: each is its share of one. */
  #calls = 0;

  constructor(deps: InferServiceDeps) {
    this.#deps = deps;
    this.#places = new PicturePlaces(deps.clock, { pictures: mostPictures, bytes: mostBytes });
    this.#lanes = new PictureLanes({
      lanes: deps.lanes,
      settings: deps.settings,
      mostWaiting: mostPictures,
      sink: {
        captured: () => undefined,
        analysed: (ticket, detections, run) => {
          this.#analysed(ticket, detections, run);
        },
        dropped: (ticket, reason) => {
          this.#dropped(ticket.frame, reason);
        },
        lost: () => undefined,
      },
      refused: (source, error) => {
        for (const pending of [...this.#pending.values()]) if (pending.source === source) pending.fail(error);
      },
    });
    this.#tidy = setInterval(() => {
      this.#lanes.closeIdle(deps.clock.monoMs());
    }, tidyMs);
  }

  /** Null: the queue is full, or too long for the deadline. `bytes`: the most that the picture can have. */
  admit(bytes: number, deadlineMs: number): Admission | null {
    if (this.#closed) return null;
    if (this.#pace.allows(this.#places.waiting, deadlineMs)) return this.#places.admit(bytes);
    this.#places.refuse();
    return null;
  }

  /** Never rejects for the picture's sake: throws for wrong options (`bad-input`, `not-found`, `model-rejected`). */
  async infer(admission: Admission, bytes: Uint8Array, options: PictureOptions): Promise<PictureOutcome> {
    const outcome = await this.#infer(admission, bytes, options);
    if (outcome.is === 'answered') {
      this.#answered += 1;
      this.#calls += 1 / outcome.answer.batch;
    } else if (outcome.is === 'late') this.#late += 1;
    else this.#failed += 1;
    return outcome;
  }

  /** False: it was not one of these. */
  pictureFailed({ source, frame, kind, reason }: Extract<FromEngine, { type: 'picture-failed' }>): boolean {
    const pending = this.#pending.get(frame);
    if (pending?.source !== source) return source.startsWith('api:');
    if (kind === 'timed-out') pending.settle({ is: 'late', reason });
    else if (kind === 'unreadable') pending.settle({ is: 'refused', reason, retryAfterS: 1 });
    else pending.settle({ is: 'unusable', kind, reason });
    return true;
  }

  /** What was fed and had no ticket yet went away without a word. */
  engineLost(): void {
    for (const frame of [...this.#pending.keys()]) this.#dropped(frame, 'engine-lost');
  }

  counts(): InferCounts {
    const meanBatch = this.#answered === 0 ? null : Math.round((100 * this.#answered) / this.#calls) / 100;
    return {
      answered: this.#answered,
      refused: this.#places.refused,
      late: this.#late,
      failed: this.#failed,
      meanBatch,
    };
  }

  queues(): readonly QueueStatus[] {
    const { waiting, bound, refused } = this.#places;
    const givenUp = refused + this.#late;
    return [{ name: 'api-pictures', unit: 'pictures', waiting, bound, policy: 'refused', givenUp }];
  }

  /** Whoever still waits is told; nothing is taken in any more. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#tidy);
    for (const { settle } of [...this.#pending.values()]) {
      settle({ is: 'refused', reason: 'Nightshift is stopping.', retryAfterS: 5 });
    }
    this.#lanes.close();
  }

  async #infer(admission: Admission, bytes: Uint8Array, options: PictureOptions): Promise<PictureOutcome> {
    const { engine, clock } = this.#deps;
    if (bytes.length === 0)
      return { is: 'unusable', kind: 'empty', reason: 'The body is empty: send the picture in it.' };
    if (pictureFormat(bytes) === null) {
      return { is: 'unusable', kind: 'unsupported', reason: 'The body is not a JPEG, PNG or WebP picture.' };
    }
    const { model, tier, score, classes } = options;
    const key = JSON.stringify([model, tier, score, classes]);
    const work = await this.#workOf(key, options);
    if (this.#closed) return { is: 'refused', reason: 'Nightshift is stopping.', retryAfterS: 5 };
    if (!engine.isReady) return { is: 'refused', reason: 'The engine is being started.', retryAfterS: 2 };
    const nowMonoMs = clock.monoMs();
    const leftMs = admission.atMonoMs + options.deadlineMs - nowMonoMs;
    if (leftMs <= 0) return { is: 'late', reason: lateWords(options) };
    if (this.#lanes.open >= mostWays && !this.#lanes.has(key)) this.#lanes.closeIdle(Number.POSITIVE_INFINITY);
    if (this.#lanes.open >= mostWays && !this.#lanes.has(key)) {
      return { is: 'refused', reason: 'Too many different options are in use at once.', retryAfterS: 10 };
    }
    const use = this.#lanes.use(key, work, nowMonoMs);
    const frame = ++this.#lastFrame;
    const outcome = new Promise<PictureOutcome>((settle, fail) => {
      this.#pending.set(frame, { admission, options, work, source: use.source, settle, fail });
    });
    const timer = setTimeout(() => {
      this.#pending.get(frame)?.settle({ is: 'late', reason: lateWords(options) });
    }, leftMs);
    engine.send({
      type: 'feed-picture',
      lane: 'live',
      source: use.source,
      frame,
      bytes,
      input: work.shape.input,
      multipleOf: work.model.manifest.input.multipleOf,
      padding: work.padding,
      capturedMonoMs: admission.atMonoMs,
      capturedAtMs: clock.epochMs() - (nowMonoMs - admission.atMonoMs),
      deadlineMonoMs: admission.atMonoMs + options.deadlineMs,
    });
    return outcome.finally(() => {
      clearTimeout(timer);
      this.#pending.delete(frame);
      use.done();
    });
  }

  async #workOf(key: string, options: PictureOptions): Promise<PreparedWork> {
    const known = this.#works.get(key);
    if (known !== undefined) return known;
    const work = pictureWork(await this.#deps.models.find(options.model), options);
    if (this.#works.size >= mostWays) this.#works.clear();
    this.#works.set(key, work);
    return work;
  }

  #analysed(ticket: Ticket, detections: readonly Detection[], run: FrameRun): void {
    const pending = this.#pending.get(ticket.frame);
    this.#pace.ended(run.frames, run.startedMonoMs, ticket.capturedMonoMs, this.#deps.clock.monoMs());
    if (pending === undefined) return; // its deadline passed inside the call
    const { manifest } = pending.work.model;
    pending.settle({
      is: 'answered',
      answer: {
        detections: labelled(detections, manifest.labels),
        width: ticket.sourceWidth,
        height: ticket.sourceHeight,
        batch: run.frames,
        queuedMs: rounded(Math.max(0, run.startedMonoMs - pending.admission.atMonoMs)),
        runMs: rounded(run.runMs),
        model: manifest.id,
        tier: pending.options.tier,
      },
    });
  }

  #dropped(frame: number, reason: DropReason): void {
    const pending = this.#pending.get(frame);
    if (pending === undefined) return;
    if (reason === 'too-late') pending.settle({ is: 'late', reason: lateWords(pending.options) });
    else if (reason === 'engine-lost') {
      pending.settle({ is: 'refused', reason: 'The engine went away with it and is being replaced.', retryAfterS: 2 });
    } else pending.settle({ is: 'refused', reason: `It gave way to others (${reason}).`, retryAfterS: 1 });
  }
}

const lateWords = ({ deadlineMs }: PictureOptions): string =>
  `No answer could be given within ${String(deadlineMs)} ms: the picture was dropped.`;

const rounded = (ms: number): number => Math.round(ms * 100) / 100;
