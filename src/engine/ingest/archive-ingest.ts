import type { Clock } from '../../core/ports.ts';
import type { FailureKind } from '../../shared/domain/job.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import { ControlBlock } from './control-block.ts';
import type { DecodeTurns } from './decode-turns.ts';
import type { FrameOwner, HeldFrames } from './held-frames.ts';
import { IngestThread } from './ingest-thread.ts';
import type { FeedItem, FromArchiveWorker } from './messages.ts';
import type { IngestNews } from './ports.ts';

/** A worker that has work and credit and yet stands still for this long is stuck in a read. */
const stuckMs = 30_000;
/** Ends of a worker before it began with anything; then it is not the items' fault, and starting again is no use. */
const mostIdleEnds = 3;

interface Feed {
  readonly feed: number;
  readonly item: FeedItem;
  /** Tickets given so far, and the number above the last one's. */
  frames: number;
  endFrame: number;
  dropped: boolean;
}

/**
 * The main thread's side of one archive worker, which has one job at a time. The worker is started with the first item, and again whenever it dies:
 * the item in work then has failed, and the others are fed once more from where they were.
 */
export class ArchiveIngest implements FrameOwner {
  readonly #workerFile: string | URL;
  readonly #maxPixels: number;
  readonly #held: HeldFrames;
  readonly #clock: Clock;
  readonly #onArrival: () => void;
  readonly #onReturned: () => void;
  readonly #turns: DecodeTurns;
  readonly #seat: number;
  /** In the order they were fed; ended ones are taken out. */
  readonly #feeds = new Map<number, Feed>();
  #thread: IngestThread | null = null;
  #window = 0;
  #lastFeed = 0;
  #working: Feed | null = null;
  #idleEnds = 0;
  #progress = { beats: 0, atMonoMs: 0 };
  #news: IngestNews[] = [];

  constructor(options: {
    workerFile: string | URL;
    maxPixels: number;
    held: HeldFrames;
    clock: Clock;
    onArrival: () => void;
    /** Frames were given back. */
    onReturned: () => void;
    turns: DecodeTurns;
    seat: number;
  }) {
    this.#workerFile = options.workerFile;
    this.#maxPixels = options.maxPixels;
    this.#held = options.held;
    this.#clock = options.clock;
    this.#onArrival = options.onArrival;
    this.#onReturned = options.onReturned;
    this.#turns = options.turns;
    this.#seat = options.seat;
  }

  feed(item: FeedItem): void {
    const feed: Feed = { feed: ++this.#lastFeed, item, frames: 0, endFrame: item.startFrame, dropped: false };
    this.#feeds.set(feed.feed, feed);
    this.#running().say({ type: 'feed', feed: feed.feed, item });
  }

  /** Its held frames are given back now; `item-ended` follows once the worker has let go of it. */
  drop(item: string): void {
    for (const feed of this.#feeds.values()) {
      if (feed.item.item !== item || feed.dropped) continue;
      feed.dropped = true;
      this.#thread?.say({ type: 'drop', feed: feed.feed });
    }
    this.#held.releaseSource(item, this);
  }

  /** Items that it has not come to the end of. */
  get feeds(): number {
    return this.#feeds.size;
  }

  /** Decoded and not given back. */
  get framesOut(): number {
    return this.#thread?.control.framesOut ?? this.#held.countOf(this);
  }

  get isIdle(): boolean {
    return this.#feeds.size === 0 && this.framesOut === 0;
  }

  set window(frames: number) {
    if (frames === this.#window) return;
    this.#window = frames;
    if (this.#thread !== null) this.#thread.control.window = frames;
  }

  takeBack(buffers: ArrayBuffer[]): void {
    this.#thread?.say({ type: 'buffers', buffers }, buffers);
    this.#thread?.control.framesReturned(buffers.length);
    this.#onReturned();
  }

  /** Looks whether the worker is stuck; called every second or so. */
  watch(): void {
    const thread = this.#thread;
    if (thread === null) return;
    const { beats, hasCredit } = thread.control;
    const nowMs = this.#clock.monoMs();
    if (this.#working === null || !hasCredit || beats !== this.#progress.beats) {
      this.#progress = { beats, atMonoMs: nowMs };
    } else if (nowMs - this.#progress.atMonoMs > stuckMs) {
      void thread.stop(0);
      this.#lose(thread, 'timed-out', `Nothing could be read from it for ${String(stuckMs / 1000)} s.`);
      this.#onArrival();
    }
  }

  /** Reads what the worker said. */
  drain(tickets: Ticket[], tell: (news: IngestNews) => void): void {
    const thread = this.#thread;
    if (thread !== null) {
      const { ended } = thread;
      for (const message of thread.hear() as FromArchiveWorker[]) this.#take(message, tickets, tell);
      if (ended) {
        this.#lose(thread, 'undecodable', `The decoder broke down on it (${thread.error ?? 'no reason was given'}).`);
      }
    }
    const news = this.#news;
    this.#news = [];
    for (const one of news) tell(one);
  }

  async close(timeoutMs: number): Promise<void> {
    this.#feeds.clear();
    await this.#thread?.stop(timeoutMs);
    this.#turns.seat(this.#seat).forget();
  }

  #take(message: FromArchiveWorker, tickets: Ticket[], tell: (news: IngestNews) => void): void {
    const feed = this.#feeds.get(message.feed);
    if (feed === undefined) return;
    const { item } = feed.item;
    switch (message.type) {
      case 'item-started':
        this.#working = feed;
        this.#idleEnds = 0;
        break;
      case 'item-opened':
        // Told once a feeding, also where a new worker had to open the item again.
        if (feed.frames === 0 && !feed.dropped) {
          tell({
            type: 'item-opened',
            item,
            width: message.width,
            height: message.height,
            expectedFrames: message.expectedFrames,
          });
        }
        break;
      case 'frame': {
        const frameId = this.#held.hold(message, item, this);
        if (feed.dropped) {
          this.#held.release([frameId]);
          break;
        }
        const { frame, timeMs, capturedMonoMs, capturedAtMs, sourceWidth, sourceHeight, motion } = message;
        feed.frames++;
        feed.endFrame = frame + 1;
        tickets.push({
          frameId,
          lane: 'archive',
          source: item,
          frame,
          timeMs,
          capturedMonoMs,
          capturedAtMs,
          sourceWidth,
          sourceHeight,
          motion,
        });
        break;
      }
      case 'unchanged': {
        if (feed.dropped) break;
        const { type, feed: _feed, ...frame } = message;
        feed.frames++;
        feed.endFrame = frame.frame + 1;
        tell({ type, frames: [{ lane: 'archive', source: item, ...frame }] });
        break;
      }
      case 'item-ended':
        feed.endFrame = message.endFrame;
        this.#end(feed);
        tell(endedNews(feed, !feed.dropped));
        break;
      case 'item-dropped':
        this.#end(feed);
        tell(endedNews(feed, false));
        break;
      case 'item-failed':
        this.#end(feed);
        tell(
          feed.dropped
            ? endedNews(feed, false)
            : { type: 'item-failed', item, kind: message.kind, reason: message.reason },
        );
        break;
    }
  }

  #end(feed: Feed): void {
    this.#feeds.delete(feed.feed);
    if (this.#working === feed) this.#working = null;
  }

  #running(): IngestThread {
    if (this.#thread !== null) return this.#thread;
    const control = new ControlBlock();
    control.window = this.#window;
    // Frames of a worker that died are still out; they come back to this one.
    for (let held = this.#held.countOf(this); held > 0; held--) control.frameTaken();
    this.#progress = { beats: 0, atMonoMs: this.#clock.monoMs() };
    this.#thread = new IngestThread(
      this.#workerFile,
      { name: 'archive', maxPixels: this.#maxPixels, turns: this.#turns.buffer, seat: this.#seat },
      control,
      this.#onArrival,
    );
    return this.#thread;
  }

  /** The worker is gone or given up. What was in work has failed; the rest goes to a new one. */
  #lose(thread: IngestThread, kind: FailureKind, reason: string): void {
    this.#thread = null;
    this.#turns.seat(this.#seat).forget();
    const working = this.#working;
    if (working !== null) this.#fail(working, kind, reason);
    else if (++this.#idleEnds >= mostIdleEnds) {
      const why = `The archive decoder cannot be started (${thread.error ?? 'no reason was given'}).`;
      for (const feed of [...this.#feeds.values()]) this.#fail(feed, 'unreadable', why);
    }
    for (const feed of [...this.#feeds.values()]) {
      if (feed.dropped) {
        this.#end(feed);
        this.#news.push(endedNews(feed, false));
        continue;
      }
      this.#running().say({ type: 'feed', feed: feed.feed, item: { ...feed.item, startFrame: feed.endFrame } });
    }
  }

  #fail(feed: Feed, kind: FailureKind, reason: string): void {
    this.#end(feed);
    this.#news.push(
      feed.dropped ? endedNews(feed, false) : { type: 'item-failed', item: feed.item.item, kind, reason },
    );
  }
}

function endedNews(feed: Feed, complete: boolean): IngestNews {
  return { type: 'item-ended', item: feed.item.item, frames: feed.frames, endFrame: feed.endFrame, complete };
}
