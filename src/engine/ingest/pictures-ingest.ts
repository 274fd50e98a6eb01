import type { FailureKind } from '../../shared/domain/job.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import { ControlBlock } from './control-block.ts';
import type { FrameOwner, HeldFrames } from './held-frames.ts';
import { IngestThread } from './ingest-thread.ts';
import type { FeedPicture, FromPicturesWorker } from './messages.ts';
import type { IngestNews } from './ports.ts';

/** Pictures that may be here, undecoded. Whoever feeds them has a bound of its own, far below this one. */
const mostWaiting = 256;

/**
 * The main thread's side of the pictures worker. Unlike the archive it has no window: how many pictures are in the
 * engine is up to whoever feeds them, and each was accepted with a place reserved for it.
 */
export class PicturesIngest implements FrameOwner {
  readonly #workerFile: string | URL;
  readonly #maxPixels: number;
  readonly #held: HeldFrames;
  readonly #onArrival: () => void;
  /** Fed and not decoded yet; without their bytes, which went to the worker. */
  readonly #feeds = new Map<number, Omit<FeedPicture, 'bytes'>>();
  #thread: IngestThread | null = null;
  #lastFeed = 0;
  #news: IngestNews[] = [];

  constructor(workerFile: string | URL, maxPixels: number, held: HeldFrames, onArrival: () => void) {
    this.#workerFile = workerFile;
    this.#maxPixels = maxPixels;
    this.#held = held;
    this.#onArrival = onArrival;
  }

  feed({ bytes, ...picture }: FeedPicture): void {
    if (this.#feeds.size >= mostWaiting) {
      this.#fail(picture, 'timed-out', `${String(mostWaiting)} other pictures are waiting to be decoded.`);
      this.#onArrival();
      return;
    }
    const feed = ++this.#lastFeed;
    this.#feeds.set(feed, picture);
    // What came over a channel may be part of a larger buffer, which cannot be given away (`slice` of a Buffer is one too).
    const own = new Uint8Array(bytes);
    this.#running().say({ type: 'feed', feed, picture: { ...picture, bytes: own } }, [own.buffer]);
  }

  takeBack(buffers: ArrayBuffer[]): void {
    this.#thread?.say({ type: 'buffers', buffers }, buffers);
  }

  /** Reads what the worker said. */
  drain(tickets: Ticket[], tell: (news: IngestNews) => void): void {
    const thread = this.#thread;
    if (thread !== null) {
      const { ended } = thread;
      for (const message of thread.hear() as FromPicturesWorker[]) this.#take(message, tickets);
      if (ended) this.#lose(thread);
    }
    const news = this.#news;
    this.#news = [];
    for (const one of news) tell(one);
  }

  async close(timeoutMs: number): Promise<void> {
    this.#feeds.clear();
    const thread = this.#thread;
    if (thread === null) return;
    thread.control.stop();
    // It waits in its event loop, where only a message reaches it.
    thread.say({ type: 'buffers', buffers: [] });
    await thread.stop(timeoutMs);
  }

  #take(message: FromPicturesWorker, tickets: Ticket[]): void {
    const picture = this.#feeds.get(message.feed);
    if (picture === undefined) return;
    this.#feeds.delete(message.feed);
    if (message.type === 'picture-failed') {
      this.#fail(picture, message.kind, message.reason);
      return;
    }
    const { lane, source, frame, capturedMonoMs, capturedAtMs, deadlineMonoMs } = picture;
    tickets.push({
      frameId: this.#held.hold(message, source, this),
      lane,
      source,
      frame,
      timeMs: 0,
      capturedMonoMs,
      capturedAtMs,
      sourceWidth: message.sourceWidth,
      sourceHeight: message.sourceHeight,
      motion: null,
      ...(deadlineMonoMs === null ? {} : { deadlineMonoMs }),
    });
  }

  #running(): IngestThread {
    this.#thread ??= new IngestThread(
      this.#workerFile,
      { name: 'pictures', maxPixels: this.#maxPixels },
      new ControlBlock(),
      this.#onArrival,
    );
    return this.#thread;
  }

  /** The worker is gone: which of its pictures it broke down on is not known, so all of them are told. */
  #lose(thread: IngestThread): void {
    this.#thread = null;
    const reason = `The decoder broke down (${thread.error ?? 'no reason was given'}).`;
    for (const picture of this.#feeds.values()) this.#fail(picture, 'unreadable', reason);
    this.#feeds.clear();
  }

  #fail({ source, frame }: Omit<FeedPicture, 'bytes'>, kind: FailureKind, reason: string): void {
    this.#news.push({ type: 'picture-failed', source, frame, kind, reason });
  }
}
