import { createHash } from 'node:crypto';
import type { LostFrames, Ticket } from '../../../shared/engine/protocol.ts';
import { createIngest, type IngestOptions } from '../create-ingest.ts';
import type { FeedItem, OpenCamera } from '../messages.ts';
import type { HeldFrame, Ingest, IngestNews } from '../ports.ts';

export interface Arrived {
  readonly ticket: Ticket;
  readonly frame: HeldFrame;
  /** SHA-1 of the letterboxed bytes. */
  readonly hash: string;
}

type News<T extends IngestNews['type']> = Extract<IngestNews, { type: T }>;

/** An ingest with real workers, and everything it has told. Frames are given back at once unless `keep` is set. */
export class IngestProbe {
  readonly ingest: Ingest;
  readonly arrived: Arrived[] = [];
  readonly lost: LostFrames[] = [];
  readonly news: IngestNews[] = [];
  keep = false;
  #listeners: (() => void)[] = [];

  constructor(options: Partial<IngestOptions> = {}) {
    this.ingest = createIngest({
      workerFile: new URL('../worker.ts', import.meta.url),
      archiveWindow: 8,
      maxPixels: 100e6,
      ...options,
    });
    this.ingest.onNews((news) => this.news.push(news));
    this.ingest.onArrival(() => {
      this.drain();
    });
  }

  drain(): void {
    const { tickets, lost } = this.ingest.drain();
    this.lost.push(...lost);
    for (const ticket of tickets) {
      const frame = this.ingest.frame(ticket.frameId);
      if (frame === null) throw new Error(`ticket ${String(ticket.frameId)} has no frame`);
      const copy = this.keep ? frame : { ...frame, bytes: frame.bytes.slice() };
      this.arrived.push({ ticket, frame: copy, hash: createHash('sha1').update(frame.bytes).digest('hex') });
    }
    if (!this.keep) this.ingest.release(tickets.map((ticket) => ticket.frameId));
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }

  /** Waits until something is true; looked at after each arrival. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#listeners.push(resolve));
  }

  told<T extends IngestNews['type']>(type: T): News<T>[] {
    return this.news.filter((news): news is News<T> => news.type === type);
  }

  of(source: string): Arrived[] {
    return this.arrived.filter(({ ticket }) => ticket.source === source);
  }

  feed(path: string, changes: Partial<FeedItem> = {}): string {
    const item = changes.item ?? path;
    this.ingest.feedItem({
      type: 'feed-item',
      jobId: 'job',
      weight: 1,
      path,
      kind: 'video',
      fps: 5,
      startFrame: 0,
      input: { width: 160, height: 160 },
      multipleOf: 0,
      padding: 114,
      motionGate: false,
      ...changes,
      item,
    });
    return item;
  }

  /** How an item ended: its `item-ended` or `item-failed`. */
  async end(item: string): Promise<News<'item-ended'> | News<'item-failed'>> {
    const find = (): News<'item-ended'> | News<'item-failed'> | undefined =>
      [...this.told('item-ended'), ...this.told('item-failed')].find((news) => news.item === item);
    await this.until(() => find() !== undefined);
    const found = find();
    if (found === undefined) throw new Error('unreachable');
    return found;
  }

  open(url: string, changes: Partial<OpenCamera> = {}): string {
    const cameraId = changes.cameraId ?? 'camera';
    this.ingest.openCamera({
      type: 'open-camera',
      opening: 1,
      url,
      analysisFps: 5,
      input: { width: 160, height: 160 },
      multipleOf: 0,
      padding: 114,
      motionGate: false,
      staggerMs: 0,
      openTimeoutMs: 2000,
      transport: 'auto',
      watch: { silentMs: 20_000, frozenMs: 20_000, intervalMs: null, changes: false },
      preview: { maxWidth: 320, maxFps: 15 },
      ...changes,
      cameraId,
    });
    return cameraId;
  }

  async closed(cameraId: string): Promise<News<'camera-closed'>> {
    const find = (): News<'camera-closed'> | undefined =>
      this.told('camera-closed').find((news) => news.cameraId === cameraId);
    await this.until(() => find() !== undefined);
    const found = find();
    if (found === undefined) throw new Error('unreachable');
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ingest.close(1000);
  }
}

export const demoFile = (name: string): string =>
  new URL(`../../../../resources/demo/${name}`, import.meta.url).pathname;
