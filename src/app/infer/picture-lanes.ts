import { inputText } from '../../core/scheduler/work-shape.ts';
import type { LaneSettings } from '../../shared/domain/lanes.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import type { FrameSink } from '../lanes/frame-sink.ts';
import type { LaneHost } from '../lanes/lane-host.ts';
import type { PreparedWork } from '../models/work.ts';

/**
 * What the scheduler is told of a source of pictures. Each picture has a deadline of its own; this one only says how
 * tight the source is beside cameras, which go first wherever both wait.
 */
const sloMs = 1_000;
/** Nothing is kept free for a way of running pictures that nobody has used for so long. */
const idleMs = 10_000;

interface SizeLane {
  readonly cameraId: string;
  readonly work: PreparedWork;
  /** Batches up to this are being warmed, or are warm. */
  upTo: number;
}

interface Way {
  /** Its pictures are fed under this name; each is routed to the lane of the size that fits it. */
  readonly source: string;
  readonly key: string;
  readonly work: PreparedWork;
  /** By input size. */
  readonly lanes: Map<string, SizeLane>;
  usedMonoMs: number;
  inUse: number;
}

export interface PictureLanesOptions {
  readonly lanes: LaneHost;
  readonly settings: () => LaneSettings['api'];
  readonly sink: FrameSink;
  readonly mostWaiting: number;
  /** The model of these pictures is refused. */
  readonly refused: (source: string, error: unknown) => void;
}

/**
 * The picture API's share of the live lane: a camera-like source for every way in which pictures are asked to be run
 * (model, tier, what is reported) and every size that they have. Sources that are not used are taken out again, so that
 * a quiet API keeps nothing from the archive.
 */
export class PictureLanes {
  readonly #options: PictureLanesOptions;
  readonly #ways = new Map<string, Way>();
  /** Looked at by the scheduler for every decision, so a change holds at once. */
  readonly #window = { windowMs: 0, batch: 1 };
  #last = 0;

  constructor(options: PictureLanesOptions) {
    this.#options = options;
  }

  /** The source to feed one picture to; `done` once nobody waits for that picture any more. */
  use(key: string, work: PreparedWork, nowMonoMs: number): { readonly source: string; readonly done: () => void } {
    this.#window.windowMs = this.#options.settings().windowMs;
    this.#window.batch = this.#window.windowMs === 0 ? 1 : this.#options.settings().batch;
    const way = this.#ways.get(key) ?? this.#open(key, work);
    for (const lane of way.lanes.values()) this.#warm(way, lane);
    way.usedMonoMs = nowMonoMs;
    way.inUse += 1;
    return { source: way.source, done: () => (way.inUse -= 1) };
  }

  has(key: string): boolean {
    return this.#ways.has(key);
  }

  get open(): number {
    return this.#ways.size;
  }

  closeIdle(nowMonoMs: number): void {
    for (const way of [...this.#ways.values()]) {
      if (way.inUse === 0 && nowMonoMs - way.usedMonoMs >= idleMs) this.#close(way);
    }
  }

  close(): void {
    for (const way of [...this.#ways.values()]) this.#close(way);
  }

  #open(key: string, work: PreparedWork): Way {
    const { lanes, sink } = this.#options;
    const source = `api:${String(++this.#last)}`;
    const way: Way = { source, key, work, lanes: new Map(), usedMonoMs: 0, inUse: 0 };
    this.#ways.set(key, way);
    const { shape } = work;
    const route = (ticket: Ticket): string => this.#laneOf(way, ticket);
    lanes.openCamera({ cameraId: source, name: 'Picture API', sloMs, weight: 'low', shape, sink, route });
    return way;
  }

  #laneOf(way: Way, { sourceWidth, sourceHeight }: Ticket): string {
    const { lanes, sink, mostWaiting } = this.#options;
    const work = way.work.fitted(sourceWidth, sourceHeight);
    const size = inputText(work.shape.input);
    const known = way.lanes.get(size);
    if (known !== undefined) return known.cameraId;
    const cameraId = `${way.source}@${size}`;
    const lane: SizeLane = { cameraId, work, upTo: 0 };
    way.lanes.set(size, lane);
    lanes.openCamera({
      cameraId,
      name: 'Picture API',
      sloMs,
      weight: 'low',
      shape: work.shape,
      maxWaiting: mostWaiting,
      window: this.#window,
      sink,
    });
    lanes.cameraLive(cameraId, { width: sourceWidth, height: sourceHeight });
    this.#warm(way, lane);
    return cameraId;
  }

  /** Every batch that the window may make: none of them may be the first of its size. */
  #warm({ source }: Way, lane: SizeLane): void {
    if (lane.upTo >= this.#window.batch) return;
    lane.upTo = this.#window.batch;
    this.#options.lanes.prepare(lane.work, 'live', lane.upTo).catch((caught: unknown) => {
      this.#options.refused(source, caught);
    });
  }

  #close(way: Way): void {
    this.#ways.delete(way.key);
    for (const { cameraId } of way.lanes.values()) this.#options.lanes.closeCamera(cameraId);
    this.#options.lanes.closeCamera(way.source);
  }
}
