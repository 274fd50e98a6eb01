import type { Clock } from '../../core/ports.ts';
import { chooseLeaving, type DiskSpace } from '../../core/recording/retention.ts';
import type { SpaceThresholds } from '../../shared/domain/recording.ts';
import type { StoreClient } from '../../store/operations.ts';
import type { Log } from '../ports.ts';
import type { RecordingFiles } from './recording-files.ts';

export interface RetentionKeeperDeps {
  readonly store: StoreClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly files: RecordingFiles;
  readonly thresholds: SpaceThresholds;
  readonly disk: () => Promise<DiskSpace | null>;
  /** Days by camera of the list; null: for as long as there is room. */
  readonly keepDays: () => ReadonlyMap<string, number | null>;
}

const leavingAtOnce = 500;
const pruneEveryMs = 3_600_000;

/** Footage past its days goes, then the oldest of all until there is room. One pass at a time. */
export class RetentionKeeper {
  readonly #deps: RetentionKeeperDeps;
  #pass: Promise<void> | null = null;
  #prunedMonoMs = -Infinity;

  constructor(deps: RetentionKeeperDeps) {
    this.#deps = deps;
  }

  /** Never rejects: what could not be done is logged, and tried again with the next pass. */
  retain(): Promise<void> {
    this.#pass ??= this.#retain()
      .catch((caught: unknown) => {
        this.#deps.log.error('retention failed', { reason: String(caught) });
      })
      .finally(() => {
        this.#pass = null;
      });
    return this.#pass;
  }

  /** No pass is under way. */
  settled(): Promise<void> {
    return this.#pass ?? Promise.resolve();
  }

  async #retain(): Promise<void> {
    const { store } = this.#deps;
    const keepDays = new Map<string, number | null>(this.#deps.keepDays());
    for (const gone of await store.call('recordings.removedDays', undefined)) {
      if (!keepDays.has(gone.cameraId)) keepDays.set(gone.cameraId, gone.keepDays);
    }
    // All cameras together for the room, then each for its days: the oldest of all may hide what is too old of one.
    const withDays = [...keepDays].flatMap(([id, days]) => (days === null ? [] : [id]));
    for (const cameraId of [null, ...withDays]) while (await this.#removeSome(cameraId, keepDays));
    await this.#prune();
  }

  async #prune(): Promise<void> {
    const { store, clock } = this.#deps;
    const nowMonoMs = clock.monoMs();
    if (nowMonoMs - this.#prunedMonoMs < pruneEveryMs) return;
    this.#prunedMonoMs = nowMonoMs;
    await store.call('recordings.pruneGaps', { nowMs: clock.epochMs() });
  }

  /** False: nothing more is to go, or it cannot. */
  async #removeSome(cameraId: string | null, keepDays: ReadonlyMap<string, number | null>): Promise<boolean> {
    const { store, clock, log, files, thresholds } = this.#deps;
    const oldest = await store.call('recordings.oldest', { cameraId, limit: leavingAtOnce });
    const footage = oldest.map((segment) => ({ ...segment, endMs: segment.endMs ?? segment.startMs }));
    const disk = cameraId === null ? await this.#deps.disk() : null;
    const leaving = chooseLeaving({ oldest: footage, nowMs: clock.epochMs(), keepDays, disk, thresholds });
    if (leaving.length === 0) return false;
    const ids = new Set(leaving.map(({ id }) => id));
    const gone = await files.remove(oldest.filter(({ id }) => ids.has(id)));
    log.info('recordings made room', { files: gone });
    return gone === leavingAtOnce;
  }
}
