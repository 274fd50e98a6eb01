import type { Clock } from '../../core/ports.ts';
import type { ItemNews } from '../../shared/engine/protocol.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import { enumerateItems } from '../jobs/enumerate.ts';
import type { LaneHost } from '../lanes/lane-host.ts';
import type { PreparedWork } from '../models/work.ts';

/** Without a larger batch for so long, decoding ahead and the widest size are under way. */
const SETTLE_MS = 3_000;
const LONGEST_SETTLE_MS = 20_000;
const MEASURE_MS = 10_000;
const TICK_MS = 100;
/** Items that the engine holds ahead, as in a scan: with fewer pictures at hand, the device would wait for company. */
const AHEAD_ITEMS = 96;
const AHEAD_VIDEOS = 2;
/** As a scan does it unless told otherwise. */
const VIDEO_FPS = 5;
const LANE_JOB = 'calibration-night';
/** Frames of an earlier measurement that are announced late must not be taken for frames of this one. */
let feedings = 0;

export interface NightMeasureDeps {
  readonly engine: Pick<EngineHost, 'send' | 'isReady'>;
  readonly lanes: Pick<LaneHost, 'openJob' | 'closeJob' | 'openItem' | 'closeItem' | 'prepare'>;
  readonly clock: Clock;
}

/**
 * How many pictures a second this machine really makes of footage, decoding and device together: the same files are read
 * over and over through the archive lane for about 15 s. Nothing of it is stored.
 */
export class NightMeasure {
  readonly #deps: NightMeasureDeps;
  /** By item: whether it is a video. */
  readonly #open = new Map<string, boolean>();
  /** The engine is through with them, but their last frames may still wait for the device. */
  readonly #ended: string[] = [];
  #fed = 0;
  #stopped = false;
  #stop: () => void = () => undefined;
  readonly #whenStopped = new Promise<void>((resolve) => {
    this.#stop = resolve;
  });
  #share = 0;

  constructor(deps: NightMeasureDeps) {
    this.#deps = deps;
  }

  /** How far it is, 0..1. */
  get progress(): number {
    return this.#share;
  }

  stop(): void {
    this.#stopped = true;
    this.#stop();
  }

  /** True where the news was about one of its own items. */
  itemNews(news: ItemNews): boolean {
    if (!this.#open.has(news.item)) return false;
    if (news.type !== 'item-opened') {
      this.#open.delete(news.item);
      this.#ended.push(news.item);
    }
    return true;
  }

  /** Pictures a second; null where it was stopped, the engine went away, or nothing could be read. Rejects where the model is refused. */
  async run(work: PreparedWork, path: string): Promise<number | null> {
    const { engine, lanes, clock } = this.#deps;
    const files: { path: string; kind: 'picture' | 'video' }[] = [];
    const signal = { throwIfAborted: (): void => undefined };
    for await (const page of enumerateItems({ paths: [path], recursive: false, signal, unreadable: () => undefined }))
      files.push(...page);
    if (files.length === 0) return null;
    await Promise.race([lanes.prepare(work, 'archive'), this.#whenStopped]);
    if (this.#stopped) return null;

    // Whole calls are counted: a call of 64 pictures must not fall half into the window.
    const latest = { frames: 0, atMonoMs: 0, largest: 0, grewMonoMs: clock.monoMs() };
    const feed = (): void => {
      const file = files[this.#fed % files.length];
      if (file === undefined) return;
      this.#fed += 1;
      const item = `${LANE_JOB}.${String(++feedings)}`;
      this.#open.set(item, file.kind === 'video');
      lanes.openItem({
        item,
        jobId: LANE_JOB,
        shape: work.shape,
        work,
        isAlone: () => false,
        sink: {
          captured: () => undefined,
          analysed: (_ticket, _detections, run) => {
            latest.frames += 1;
            latest.atMonoMs = clock.monoMs();
            if (run.frames <= latest.largest) return;
            latest.largest = run.frames;
            latest.grewMonoMs = latest.atMonoMs;
          },
          dropped: () => undefined,
          lost: () => undefined,
        },
      });
      const { input } = work.shape;
      const { multipleOf } = work.model.manifest.input;
      const how = {
        jobId: LANE_JOB,
        weight: 1,
        fps: VIDEO_FPS,
        startFrame: 0,
        input,
        multipleOf,
        padding: work.padding,
        motionGate: false,
      };
      engine.send({ type: 'feed-item', item, path: file.path, kind: file.kind, ...how });
    };
    lanes.openJob({ jobId: LANE_JOB, name: 'Calibration', batch: 'auto' });
    const startMonoMs = clock.monoMs();
    let from: { atMonoMs: number; frames: number } | null = null;
    try {
      for (;;) {
        while (this.#hasRoomFor(files[this.#fed % files.length]?.kind)) feed();
        await new Promise<void>((resolve) => {
          setTimeout(resolve, TICK_MS);
        });
        const now = clock.monoMs();
        this.#share = Math.min(1, (now - startMonoMs) / (SETTLE_MS + MEASURE_MS));
        if (this.#stopped || !engine.isReady) return null;
        const isSettled =
          now - startMonoMs >= SETTLE_MS &&
          (now - latest.grewMonoMs >= SETTLE_MS || now - startMonoMs >= LONGEST_SETTLE_MS);
        if (isSettled) from ??= { ...latest };
        if (from !== null && now - from.atMonoMs >= MEASURE_MS) {
          const run = latest.frames - from.frames;
          return run === 0 ? null : (run * 1000) / (latest.atMonoMs - from.atMonoMs);
        }
      }
    } finally {
      for (const item of this.#open.keys()) engine.send({ type: 'drop-item', item });
      for (const item of [...this.#open.keys(), ...this.#ended]) lanes.closeItem(item);
      this.#open.clear();
      lanes.closeJob(LANE_JOB);
    }
  }

  #hasRoomFor(kind: 'picture' | 'video' | undefined): boolean {
    const videos = [...this.#open.values()].filter(Boolean).length;
    return this.#open.size < AHEAD_ITEMS && (kind !== 'video' || videos < AHEAD_VIDEOS);
  }
}
