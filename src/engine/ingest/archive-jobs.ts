import type { Clock } from '../../core/ports.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import { ArchiveIngest } from './archive-ingest.ts';
import { DecodeTurns } from './decode-turns.ts';
import type { HeldFrames } from './held-frames.ts';
import type { FeedItem } from './messages.ts';
import type { IngestNews } from './ports.ts';

/** More jobs at once than this share a thread: the later one's items come after the earlier one's. */
const mostThreads = 6;
/** A thread beyond the first is put away after so long without work. */
const keptMs = 30_000;

export interface ArchiveJobsOptions {
  readonly workerFile: string | URL;
  readonly maxPixels: number;
  /** Frames decoded and not yet given back, all jobs together. */
  readonly window: number;
  /** How many of the threads decode at once. */
  readonly decodeAtOnce: number;
  readonly held: HeldFrames;
  readonly clock: Clock;
  readonly onArrival: () => void;
}

interface Place {
  readonly seat: number;
  readonly ingest: ArchiveIngest;
  jobId: string;
  idleSinceMs: number | null;
}

/**
 * The archive's items, job by job: each job has a thread and an equal share of the window, so one whose file cannot be
 * read, or which has nothing ready, stands in nobody's way. How much each may decode is by turns (`DecodeTurns`).
 */
export class ArchiveJobs {
  readonly #options: ArchiveJobsOptions;
  readonly #turns: DecodeTurns;
  readonly #places: Place[] = [];
  #window: number;

  constructor(options: ArchiveJobsOptions) {
    this.#options = options;
    this.#window = options.window;
    this.#turns = DecodeTurns.of(options.decodeAtOnce, () => options.clock.monoMs());
  }

  feed(item: FeedItem): void {
    const place = this.#placeFor(item.jobId);
    place.jobId = item.jobId;
    this.#share(place);
    place.ingest.feed(item);
  }

  /** Its held frames are given back now; `item-ended` follows once the worker has let go of it. */
  drop(item: string): void {
    for (const { ingest } of this.#places) ingest.drop(item);
  }

  set window(frames: number) {
    this.#window = frames;
    this.#share();
  }

  /** Called every second or so: looks for workers that are stuck, and for threads that nobody needs. */
  watch(): void {
    const nowMs = this.#options.clock.monoMs();
    for (const place of [...this.#places]) {
      place.ingest.watch();
      if (!place.ingest.isIdle) place.idleSinceMs = null;
      else place.idleSinceMs ??= nowMs;
      if (this.#places.length === 1 || place.idleSinceMs === null || nowMs - place.idleSinceMs < keptMs) continue;
      this.#places.splice(this.#places.indexOf(place), 1);
      void place.ingest.close(keptMs);
    }
  }

  /** Reads what the workers said. */
  drain(tickets: Ticket[], tell: (news: IngestNews) => void): void {
    for (const { ingest } of this.#places) ingest.drain(tickets, tell);
    this.#share();
  }

  async close(timeoutMs: number): Promise<void> {
    await Promise.all(this.#places.map(({ ingest }) => ingest.close(timeoutMs)));
  }

  #placeFor(jobId: string): Place {
    const own = this.#places.find((place) => place.jobId === jobId) ?? this.#places.find(({ ingest }) => ingest.isIdle);
    if (own !== undefined) return own;
    if (this.#places.length < mostThreads) return this.#open(jobId);
    return this.#places.reduce((a, b) => (b.ingest.feeds < a.ingest.feeds ? b : a));
  }

  #open(jobId: string): Place {
    const { workerFile, maxPixels, held, clock, onArrival } = this.#options;
    let seat = 0;
    while (this.#places.some((place) => place.seat === seat)) seat += 1;
    const ingest = new ArchiveIngest({
      ...{ workerFile, maxPixels, held, clock, onArrival, seat },
      turns: this.#turns,
      onReturned: () => {
        this.#share();
      },
    });
    const place: Place = { seat, ingest, jobId, idleSinceMs: null };
    this.#places.push(place);
    return place;
  }

  /**
   * Equal shares for all that have work. One that still holds more than its share, from when there were fewer, leaves the
   * others less until it has given that back: together they never hold more than the window.
   */
  #share(starting: Place | null = null): void {
    const busy = this.#places.filter((place) => place === starting || !place.ingest.isIdle);
    if (busy.length === 0) return;
    const share = Math.max(1, Math.floor(this.#window / busy.length));
    const excess = busy.reduce((sum, { ingest }) => sum + Math.max(0, ingest.framesOut - share), 0);
    const within = busy.filter(({ ingest }) => ingest.framesOut <= share).length;
    const less = within === 0 ? 0 : Math.ceil(excess / within);
    for (const { ingest } of busy) ingest.window = ingest.framesOut > share ? share : Math.max(0, share - less);
  }
}
