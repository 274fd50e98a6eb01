import type { EngineEnd } from '../../core/jobs/suspects.ts';
import type { ToEngine, Ticket } from '../../shared/engine/protocol.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { ItemLane } from '../lanes/frame-owners.ts';
import type { LaneHost } from '../lanes/lane-host.ts';
import type { PreparedWork } from '../models/work.ts';

type FeedItem = Extract<ToEngine, { type: 'feed-item' }>;

/** One engine with the lanes that feed it. */
export interface Executor {
  readonly engine: Pick<EngineHost, 'isReady' | 'send'>;
  readonly lanes: Pick<LaneHost, 'openJob' | 'closeJob' | 'jobExpects' | 'openItem' | 'closeItem' | 'prepare'>;
}

interface Member extends Executor {
  /** Items it was given and has not been relieved of. */
  readonly items: Set<string>;
  /** Gets new items. A further executor does once it is warm, and no more once it is to go. */
  takesWork: boolean;
}

interface OpenJob {
  readonly job: Parameters<LaneHost['openJob']>[0];
  readonly works: readonly PreparedWork[];
  expects: boolean;
}

/**
 * The executors that archive jobs run on. Usually there is one, the same that serves the cameras; further ones take
 * archive items only. An item stays with the executor that it was given to: its frames wait in that engine's memory.
 * Jobs see one desk; who runs what is decided here, item by item, by who has the fewest.
 */
export class ArchiveFleet {
  readonly #first: Member;
  readonly #further: Member[] = [];
  readonly #jobs = new Map<string, OpenJob>();
  readonly #byItem = new Map<string, Member>();

  constructor(first: Executor) {
    this.#first = { ...first, items: new Set(), takesWork: true };
  }

  get isReady(): boolean {
    return this.#first.engine.isReady;
  }

  /** A job is open here. */
  get hasWork(): boolean {
    return this.#jobs.size > 0;
  }

  /** How many take work. */
  get count(): number {
    return 1 + this.#further.filter(({ takesWork }) => takesWork).length;
  }

  openJob(job: OpenJob['job'], works: readonly PreparedWork[]): void {
    this.#jobs.set(job.jobId, { job, works, expects: true });
    for (const { lanes } of this.#members()) lanes.openJob(job);
  }

  closeJob(jobId: string): void {
    this.#jobs.delete(jobId);
    for (const { lanes } of this.#members()) lanes.closeJob(jobId);
  }

  jobExpects(jobId: string, more: boolean): void {
    const open = this.#jobs.get(jobId);
    if (open !== undefined) open.expects = more;
    for (const { lanes } of this.#members()) lanes.jobExpects(jobId, more);
  }

  /** Gives the item to an executor and has it decoded there. */
  feed(lane: ItemLane, command: FeedItem): void {
    const member = this.#leastBusy();
    member.items.add(lane.item);
    this.#byItem.set(lane.item, member);
    member.lanes.openItem(lane);
    member.engine.send(command);
  }

  /** The engine stops decoding it; `item-ended` still comes. */
  drop(item: string): void {
    this.#byItem.get(item)?.engine.send({ type: 'drop-item', item });
  }

  closeItem(item: string): void {
    const member = this.#byItem.get(item);
    if (member === undefined) return;
    this.#byItem.delete(item);
    member.items.delete(item);
    member.lanes.closeItem(item);
  }

  /**
   * A further executor, ready and with no job open yet: every open job's work is warmed there before it gets an item.
   * Rejects where a model is refused; it then takes no work.
   */
  async join(executor: Executor): Promise<void> {
    const member: Member = { ...executor, items: new Set(), takesWork: false };
    this.#further.push(member);
    for (const { job } of this.#jobs.values()) member.lanes.openJob(job);
    for (const { works } of this.#jobs.values()) for (const work of works) await member.lanes.prepare(work, 'archive');
    for (const [jobId, { expects }] of this.#jobs) member.lanes.jobExpects(jobId, expects);
    // It may have been told to go while it was warming up.
    if (this.#further.includes(member)) member.takesWork = true;
  }

  /** It gets no more items; it can leave once it has none (`isIdle`). */
  retire({ lanes }: Executor): void {
    const member = this.#find(lanes);
    if (member !== undefined) member.takesWork = false;
  }

  isIdle({ lanes }: Executor): boolean {
    return this.#find(lanes)?.items.size === 0;
  }

  /** Forgets a further executor; answers the items it still had, which must be fed again. */
  leave({ lanes }: Executor): ReadonlySet<string> {
    const member = this.#find(lanes);
    if (member === undefined) return new Set();
    this.#further.splice(this.#further.indexOf(member), 1);
    for (const item of member.items) this.#byItem.delete(item);
    return member.items;
  }

  /** The items that an executor has, for when its engine goes away. */
  itemsOf({ lanes }: Executor): ReadonlySet<string> {
    return (lanes === this.#first.lanes ? this.#first : this.#find(lanes))?.items ?? new Set();
  }

  #find(lanes: Executor['lanes']): Member | undefined {
    return this.#further.find((member) => member.lanes === lanes);
  }

  #members(): readonly Member[] {
    return [this.#first, ...this.#further];
  }

  #leastBusy(): Member {
    let chosen = this.#first;
    for (const member of this.#further) {
      if (member.takesWork && member.engine.isReady && member.items.size < chosen.items.size) chosen = member;
    }
    return chosen;
  }
}

/** An executor went away: the frames inside its call that did not come back, and the items that went with it. */
export interface ExecutorLoss {
  readonly running: readonly Ticket[];
  readonly end: EngineEnd;
  readonly items: ReadonlySet<string>;
  /** Nothing can be fed before another one is ready. */
  readonly isFirst: boolean;
}
