import type { Clock } from '../../core/ports.ts';
import {
  decideInstances,
  firstWatch,
  joined,
  type InstanceDecision,
  type InstanceFacts,
} from '../../core/scheduler/instances.ts';
import type { LanesSnapshot, LaneSettings } from '../../shared/domain/lanes.ts';
import type { ItemNews } from '../../shared/engine/protocol.ts';
import { describeError, toErrorValue } from '../../shared/errors.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { LaneHost } from '../lanes/lane-host.ts';
import type { PreparedWork } from '../models/work.ts';
import type { Log } from '../ports.ts';
import type { ArchiveFleet, ExecutorLoss } from './archive-fleet.ts';
import { untilReady, type HalfCost } from './half-cost.ts';

const LOOK_MS = 1_000;
const CHANGES_KEPT = 50;
/** Without a camera there is no promise; work that one executor clears within this does not wait long. */
const PATIENCE_MS = 1_000;
/** Of the last ten seconds. */
const BUSY_SHARE = 0.9;

export interface FurtherExecutor {
  readonly engine: EngineHost;
  readonly lanes: LaneHost;
}

export interface ExecutorKeeperDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly first: FurtherExecutor;
  readonly fleet: ArchiveFleet;
  readonly halfCost: HalfCost;
  readonly cores: number;
  readonly threadsEach: number;
  readonly settings: () => LaneSettings;
  /** Live cameras: how many, and the shortest promise among them (infinite without any). */
  readonly cameras: () => { readonly live: number; readonly smallestSloMs: number };
  /** What is scanned now, or would be by default. */
  readonly work: () => Promise<PreparedWork>;
  /** Not started yet. */
  readonly make: (threads: number) => FurtherExecutor;
  readonly itemNews: (news: ItemNews) => void;
  readonly itemsLost: (loss: ExecutorLoss) => void;
}

/** Adds a second executor where the backlog asks for it and it pays, and sends it away again; every change has its reason. */
export class ExecutorKeeper {
  readonly #deps: ExecutorKeeperDeps;
  readonly #timer: ReturnType<typeof setInterval>;
  #watch = firstWatch;
  #second: FurtherExecutor | null = null;
  #warming = false;
  #leaving: Promise<void> | null = null;
  #looking = false;
  #why = '';
  #changes: LanesSnapshot['instances']['changes'] = [];
  #closed = false;

  constructor(deps: ExecutorKeeperDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }

  /** The lanes of all executors together. */
  snapshot(): LanesSnapshot {
    const { first, fleet } = this.#deps;
    const lanes = first.lanes.snapshot();
    const instances = { now: fleet.count, why: this.#why, changes: this.#changes };
    if (this.#second === null) return { ...lanes, instances };
    const further = this.#second.lanes.snapshot().archive;
    const archive = {
      ...lanes.archive,
      waiting: lanes.archive.waiting + further.waiting,
      batches: lanes.archive.batches + further.batches,
      frames: lanes.archive.frames + further.frames,
      framesPerSecond: lanes.archive.framesPerSecond + further.framesPerSecond,
    };
    return { ...lanes, archive, instances };
  }

  /** The settings of the lanes changed. */
  configure(settings: LaneSettings): void {
    this.#second?.lanes.configure(settings);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#leaving;
    await this.#end();
  }

  async #look(): Promise<void> {
    if (this.#looking || this.#closed) return;
    this.#looking = true;
    try {
      const facts = await this.#facts();
      const { watch, decision } = decideInstances(this.#watch, facts);
      this.#watch = watch;
      this.#why = decision.why;
      this.#act(decision);
    } catch (caught) {
      this.#deps.log.error('executors could not be looked after', { error: describeError(toErrorValue(caught)) });
    } finally {
      this.#looking = false;
    }
  }

  async #facts(): Promise<InstanceFacts> {
    const { clock, first, fleet, halfCost, cores, threadsEach, settings, cameras, work } = this.#deps;
    const { scale, most } = settings().instances;
    const { live, smallestSloMs } = cameras();
    const idle = live === 0 && !fleet.hasWork;
    const halfThreads = Math.max(1, Math.floor(threadsEach / 2));
    let wholeMs: number | null = null;
    let halfMs: number | null = null;
    if (scale === 'auto') {
      const current = await work();
      wholeMs = first.lanes.predictMs(current.shape, 'archive', 1);
      halfMs = await halfCost.of(current, halfThreads);
      if (halfMs === null && idle && first.engine.state.state === 'ready' && cores - threadsEach < threadsEach)
        void halfCost.measure(current, halfThreads);
    }
    const queue = first.lanes.queues().find(({ name }) => name === 'archive-frames');
    const { waiting, bound } = queue ?? { waiting: 0, bound: 0 };
    const lanes = first.lanes.snapshot();
    // A device that is never idle, or a window that stays filled while cameras hold it: decoding waits for the device,
    // however much there is to come.
    const isBusy = lanes.live.slotShare + lanes.archive.slotShare >= BUSY_SHARE;
    const isFull = fleet.hasWork && (isBusy || (bound > 0 && waiting >= bound / 2));
    const executors = this.#second === null ? [first] : [first, this.#second];
    return {
      nowMonoMs: clock.monoMs(),
      scale,
      most,
      count: fleet.count,
      warming: this.#warming,
      backlogMs: isFull ? Number.POSITIVE_INFINITY : fleet.hasWork ? Math.max(1, waiting * (wholeMs ?? 0)) : 0,
      clearsMs: Math.min(PATIENCE_MS, smallestSloMs),
      cores,
      threadsEach,
      liveCameras: live,
      wholeMs,
      halfMs,
      archivePerSecond: executors.reduce((sum, { lanes }) => sum + lanes.snapshot().archive.framesPerSecond, 0),
    };
  }

  #act(decision: InstanceDecision): void {
    if (decision.do === 'add' && this.#second === null && this.#leaving === null) void this.#add(decision);
    else if (decision.do === 'retire' && this.#second !== null) {
      this.#tell(decision.why, 1);
      this.#deps.fleet.retire(this.#second);
      this.#leaving ??= this.#whenIdle(this.#second).finally(() => {
        this.#leaving = null;
      });
    }
  }

  async #add({ threads, why }: InstanceDecision & { readonly do: 'add' }): Promise<void> {
    const { fleet, log, clock } = this.#deps;
    const second = this.#deps.make(threads);
    this.#second = second;
    this.#warming = true;
    try {
      this.#listen(second);
      await untilReady(second.engine, second.lanes);
      await fleet.join(second);
      this.#watch = joined(this.#watch, clock.monoMs());
      this.#tell(why, 2);
    } catch (caught) {
      log.warn('a second executor did not come up', { error: describeError(toErrorValue(caught)) });
      this.#tell(`a second executor did not come up: ${describeError(toErrorValue(caught))}`, 1);
      await this.#end();
    } finally {
      this.#warming = false;
    }
  }

  #listen(second: FurtherExecutor): void {
    const { fleet, itemNews, itemsLost } = this.#deps;
    second.engine.listen({
      ready: () => undefined,
      lost: ({ text, end }) => {
        // It is not waited for: its items go to those that are there.
        const running = second.lanes.engineLost(end);
        const items = new Set(fleet.itemsOf(second));
        fleet.retire(second);
        itemsLost({ running, end, items, isFirst: false });
        this.#tell(`the second executor went away: ${text}`, 1);
        void this.#end();
      },
      message: (message) => {
        if (message.type === 'item-opened' || message.type === 'item-ended' || message.type === 'item-failed')
          itemNews(message);
        else second.lanes.message(message);
      },
      state: () => undefined,
      recycle: () => {
        second.lanes.recycle();
      },
    });
  }

  /** What it has decoded is still run. */
  async #whenIdle(second: FurtherExecutor): Promise<void> {
    while (!this.#closed && this.#second === second && !this.#deps.fleet.isIdle(second))
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    if (this.#second === second) await this.#end();
  }

  async #end(): Promise<void> {
    const second = this.#second;
    if (second === null) return;
    this.#second = null;
    this.#deps.fleet.leave(second);
    second.lanes.close();
    await second.engine.stop();
  }

  #tell(why: string, count: number): void {
    this.#deps.log.info('executors', { count, why });
    this.#changes = [...this.#changes, { atMs: this.#deps.clock.epochMs(), count, why }].slice(-CHANGES_KEPT);
  }
}
