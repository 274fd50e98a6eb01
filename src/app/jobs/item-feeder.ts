import { groupStart } from '../../core/jobs/refresh-groups.ts';
import type { StoreClient, StoredItem, StoredJob } from '../../store/operations.ts';
import type { ArchiveFleet } from '../instances/archive-fleet.ts';
import type { PreparedWork } from '../models/work.ts';
import { FedItem } from './fed-item.ts';
import { fingerprint } from './fingerprint.ts';
import type { ItemSource } from './item-source.ts';
import type { ItemsInFlight } from './items-in-flight.ts';
import type { JobSuspects } from './job-suspects.ts';
import type { ResultCommits } from './result-commits.ts';
import type { RunMeter } from './run-meter.ts';
import type { ScanSources } from './scan-sources.ts';

export interface JobWork {
  readonly picture: PreparedWork;
  readonly video: PreparedWork;
}

export interface ItemFeederDeps {
  readonly store: StoreClient;
  readonly fleet: ArchiveFleet;
  readonly job: StoredJob;
  readonly work: JobWork;
  /** Of the enumeration that goes with it. */
  readonly run: number;
  readonly items: ItemsInFlight;
  readonly source: ItemSource;
  readonly suspects: JobSuspects;
  readonly commits: ResultCommits;
  readonly meter: RunMeter;
  readonly sources: ScanSources;
  /** Whether the engine takes items, and the run wants to give it some. */
  readonly mayFeed: () => boolean;
  readonly changed: () => void;
  readonly progressed: () => void;
  readonly failed: (caught: unknown) => void;
}

/** Hands single items to the engine, and takes in what comes of their frames. */
export class ItemFeeder {
  readonly #deps: ItemFeederDeps;
  #latest: PreparedWork;

  constructor(deps: ItemFeederDeps) {
    this.#deps = deps;
    this.#latest = deps.work.video;
  }

  /** How the job's latest picture is run. */
  get latestWork(): PreparedWork {
    return this.#latest;
  }

  /** Rejects where the store does not answer, and with `SourceAway` where all files of the scan are gone at once. */
  async feed(item: StoredItem): Promise<void> {
    const { store, items, source, commits, work: works, meter, mayFeed, changed, run } = this.#deps;
    const work = works[item.kind];
    let key: string;
    try {
      key = await fingerprint(item.path);
    } catch (caught) {
      await this.#cannotRead(item, caught);
      return;
    }
    const isBack = items.comesBack(item.id);
    // Its cursor first: what is known of it already must not be run again.
    if (isBack) await commits.settled();
    const bound = await store.call('items.bind', {
      itemId: item.id,
      source: { key, kind: item.kind, width: null, height: null },
      recipeId: work.recipeId,
      expectedFrames: item.expectedFrames,
      run,
    });
    if (bound.complete) {
      if (!isBack) meter.skipped += 1;
      changed();
      return;
    }
    // The engine may have gone while we read the file: it comes back when there is another.
    if (!mayFeed()) {
      if (isBack) items.stillComesBack(item.id);
      source.putBack([item]);
      return;
    }
    this.#hand(item, new FedItem(item, { sourceId: bound.sourceId, recipeId: work.recipeId, cursor: bound.cursor }));
  }

  #hand(item: StoredItem, fed: FedItem): void {
    const { fleet, job, items, suspects, commits, meter, work: works, progressed, failed } = this.#deps;
    const { id: jobId, spec } = job;
    const work = works[item.kind];
    const isVideo = item.kind === 'video';
    const motionGate = spec.motionGate && isVideo;
    const itemKey = feedingKey(item);
    items.add(itemKey, fed);
    fleet.feed(
      {
        item: itemKey,
        jobId,
        shape: work.shape,
        work,
        refused: failed,
        isAlone: (frame) => suspects.mustRunAlone({ itemId: item.id, frame }),
        sink: {
          captured: (ticket) => {
            this.#latest = work.fitted(ticket.sourceWidth, ticket.sourceHeight);
            fed.announced(ticket);
          },
          unchanged: (frame) => {
            fed.unchanged(frame);
            meter.unchanged();
            commits.rowWaits();
            progressed();
          },
          analysed: (ticket, detections, batch) => {
            suspects.succeeded({ itemId: item.id, frame: ticket.frame });
            fed.analysed(ticket, detections);
            meter.analysed(batch);
            commits.rowWaits();
            progressed();
          },
          dropped: () => undefined,
          lost: () => undefined,
        },
      },
      {
        type: 'feed-item',
        item: itemKey,
        jobId,
        weight: spec.weight,
        path: item.path,
        kind: item.kind,
        fps: spec.fps,
        ...(isVideo && spec.sampling !== null ? { sampling: spec.sampling } : {}),
        ...(isVideo && spec.span !== null ? { span: spec.span } : {}),
        startFrame: motionGate ? groupStart(fed.cursor) : fed.cursor,
        input: work.shape.input,
        multipleOf: work.model.manifest.input.multipleOf,
        padding: work.padding,
        motionGate,
      },
    );
  }

  async #cannotRead(item: StoredItem, caught: unknown): Promise<void> {
    const { store, source, meter, changed, sources } = this.#deps;
    await sources.areThere();
    const code = (caught as NodeJS.ErrnoException).code;
    const reason = caught instanceof Error ? caught.message : String(caught);
    if (code === 'ENOENT') {
      await store.call('items.fail', {
        itemId: item.id,
        state: 'missing',
        kind: 'missing',
        reason: 'There is no such file, or it is gone since it was listed.',
      });
    } else if (source.retryLater(item, 'unreadable')) {
      meter.retried += 1;
      return;
    } else {
      await store.call('items.fail', { itemId: item.id, state: 'failed', kind: 'unreadable', reason });
    }
    meter.failed += 1;
    changed();
  }
}

/**
 * Every feeding has a key of its own: frames that an earlier feeding of the item announced late (it was paused and
 * resumed during a long call, say) must not be taken for frames of this one.
 */
let feedings = 0;
const feedingKey = (item: StoredItem): string => `${String(item.id)}.${String(++feedings)}`;
