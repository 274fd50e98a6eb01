import { Worker } from 'node:worker_threads';
import type { Clock } from '../../src/core/ports.ts';
import { MediaFault } from '../../src/engine/ingest/media-fault.ts';
import type { HeldFrame, Ingest, IngestNews } from '../../src/engine/ingest/ports.ts';
import type { LostFrames, Ticket } from '../../src/shared/engine/protocol.ts';
import type { Arrival } from './messages.ts';

/**
 * Ingest without decoding: live frames become tickets at the times of a trace made beforehand, archive frames as soon
 * as the window has room. Their pixels are real pictures from a small pool. What it announces, when, and how it is
 * drained is the real ingest's; so everything after decoding can be measured alone and repeated exactly.
 */
export class SyntheticIngest implements Ingest {
  readonly #clock: Clock;
  readonly #waker = new Worker(new URL('arrival-waker.ts', import.meta.url));
  readonly #held = new Map<
    number,
    { readonly frame: HeldFrame; readonly isArchive: boolean; readonly source: string }
  >();
  #pictures: readonly HeldFrame[] = [];
  #arrivals: readonly Arrival[] = [];
  #nextArrival = 0;
  #lastId = 0;
  #liveFrame = 0;
  #window: number;
  #heldArchive = 0;
  #item: { readonly key: string; next: number } | null = null;
  #announced = false;
  #onArrival: () => void = () => undefined;
  #onNews: (news: IngestNews) => void = () => undefined;

  constructor(clock: Clock, archiveWindow: number) {
    this.#clock = clock;
    this.#window = archiveWindow;
    this.#waker.on('message', () => {
      this.#announce();
    });
    this.#waker.unref();
  }

  show(pictures: readonly HeldFrame[]): void {
    this.#pictures = pictures;
  }

  /** Frames of a former trace that were not due yet are forgotten. */
  play(arrivals: readonly Arrival[]): void {
    this.#arrivals = arrivals;
    this.#nextArrival = 0;
    this.#waker.postMessage(Float64Array.from(arrivals, ({ dueMonoMs }) => dueMonoMs));
  }

  openCamera(): void {
    throw new Error('synthetic cameras are not opened: they play a trace');
  }
  closeCamera(): void {}
  watchCamera(): void {}
  streamCamera(): void {}
  recordCamera(): void {}
  recordUntil(): void {}
  playRecording(): void {}
  stopPlaying(): void {}
  look(): Promise<never> {
    return Promise.reject(new Error('there is no camera here'));
  }
  exportRecording(): Promise<never> {
    return Promise.reject(new Error('nothing is recorded here'));
  }

  mendRecording(): Promise<never> {
    return this.exportRecording();
  }

  /** An item without an end; a new one takes the place of the former. */
  feedItem({ item }: { readonly item: string }): void {
    this.#item = { key: item, next: 0 };
    this.#announceSoon();
  }

  dropItem(item: string): void {
    if (this.#item?.key !== item) return;
    const { next } = this.#item;
    this.#item = null;
    this.release([...this.#held].filter(([, held]) => held.source === item).map(([frameId]) => frameId));
    this.#onNews({ type: 'item-ended', item, frames: next, endFrame: next, complete: false });
    this.#announceSoon();
  }

  feedPicture(): void {
    throw new Error('synthetic frames come from no picture');
  }

  setArchiveWindow(frames: number): void {
    this.#window = frames;
    this.#announceSoon();
  }

  drain(): { tickets: Ticket[]; lost: LostFrames[] } {
    this.#announced = false;
    const now = this.#clock.monoMs();
    const tickets: Ticket[] = [];
    for (; this.#nextArrival < this.#arrivals.length; this.#nextArrival++) {
      const { source, dueMonoMs } = this.#arrivals[this.#nextArrival]!;
      if (dueMonoMs > now) break;
      tickets.push(this.#hold('live', source, this.#liveFrame++, dueMonoMs));
    }
    const item = this.#item;
    while (item !== null && this.#heldArchive < this.#window) {
      tickets.push(this.#hold('archive', item.key, item.next++, now));
    }
    return { tickets, lost: [] };
  }

  onArrival(listener: () => void): void {
    this.#onArrival = listener;
  }

  onNews(listener: (news: IngestNews) => void): void {
    this.#onNews = listener;
  }

  frame(frameId: number): HeldFrame | null {
    return this.#held.get(frameId)?.frame ?? null;
  }

  release(frameIds: readonly number[]): void {
    for (const frameId of frameIds) {
      const held = this.#held.get(frameId);
      if (held === undefined) continue;
      this.#held.delete(frameId);
      if (held.isArchive) this.#heldArchive -= 1;
    }
    if (this.#item !== null && this.#heldArchive < this.#window) this.#announceSoon();
  }

  discard(frameIds: readonly number[]): void {
    this.release(frameIds);
  }

  inspect(): Promise<never> {
    return Promise.reject(new MediaFault('unsupported', 'Synthetic frames come from no file.'));
  }
  still(): Promise<never> {
    return Promise.reject(new MediaFault('unsupported', 'Synthetic frames come from no file.'));
  }
  snapshot(): null {
    return null;
  }

  async close(): Promise<void> {
    await this.#waker.terminate();
  }

  #hold(lane: Ticket['lane'], source: string, frame: number, capturedMonoMs: number): Ticket {
    const frameId = ++this.#lastId;
    const picture = this.#pictures[frameId % this.#pictures.length];
    if (picture === undefined) throw new Error('there are no pictures to show yet');
    this.#held.set(frameId, { frame: picture, isArchive: lane === 'archive', source });
    if (lane === 'archive') this.#heldArchive += 1;
    const capturedAtMs = this.#clock.epochMs() - (this.#clock.monoMs() - capturedMonoMs);
    const { sourceWidth, sourceHeight } = picture;
    const times = { timeMs: capturedMonoMs, capturedMonoMs, capturedAtMs };
    return { frameId, lane, source, frame, ...times, sourceWidth, sourceHeight, motion: null };
  }

  #announceSoon(): void {
    setImmediate(() => {
      if (this.#item !== null && this.#heldArchive < this.#window) this.#announce();
    });
  }

  #announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    this.#onArrival();
  }
}
