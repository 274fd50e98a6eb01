import type { Clock } from '../../core/ports.ts';
import { ClockTrust } from '../../core/recording/clock-trust.ts';
import { chooseLeaving, type DiskSpace } from '../../core/recording/retention.ts';
import type { SpaceThresholds } from '../../shared/domain/recording.ts';
import type { StoreClient } from '../../store/operations.ts';
import type { NoticeBoard } from '../notices/notice-board.ts';
import type { Log } from '../ports.ts';
import type { RecordingFiles } from './recording-files.ts';

export interface RetentionKeeperDeps {
  readonly store: StoreClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly notices: Pick<NoticeBoard, 'raise' | 'clear'>;
  readonly files: RecordingFiles;
  readonly thresholds: SpaceThresholds;
  readonly disk: () => Promise<DiskSpace | null>;
  /** Days by camera of the list; null: for as long as there is room. */
  readonly keepDays: () => ReadonlyMap<string, number | null>;
}

const leavingAtOnce = 500;
const pruneEveryMs = 3_600_000;
const clockTopic = 'recording-clock';
const dayMs = 86_400_000;

/** Footage past its days goes, then the oldest of all until there is room. One pass at a time. */
export class RetentionKeeper {
  readonly #deps: RetentionKeeperDeps;
  #pass: Promise<void> | null = null;
  #prunedMonoMs = -Infinity;
  readonly #trust = new ClockTrust();
  #isClockDoubted = false;

  constructor(deps: RetentionKeeperDeps) {
    this.#deps = deps;
  }

  /** When an earlier run was alive for the last time. */
  aliveUntil(epochMs: number): void {
    this.#trust.knownSince(epochMs, this.#deps.clock.monoMs());
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
    const keepDays = this.#isAgeKnown() ? await this.#keepDays() : new Map<string, number | null>();
    await this.#makeRoom(keepDays);
    // Then each camera for its days: the oldest of all may hide what is too old of one.
    const withDays = [...keepDays].flatMap(([id, days]) => (days === null ? [] : [id]));
    for (const cameraId of withDays) {
      while ((await this.#removeSome(cameraId, keepDays, null)).files === leavingAtOnce);
    }
    await this.#prune();
  }

  /** All cameras together. What was freed is counted, not asked for: some file systems give it back later. */
  async #makeRoom(keepDays: ReadonlyMap<string, number | null>): Promise<void> {
    const disk = await this.#deps.disk();
    for (let freedBytes = 0; ;) {
      const room = disk === null ? null : { ...disk, freeBytes: disk.freeBytes + freedBytes };
      const { files, bytes } = await this.#removeSome(null, keepDays, room);
      if (files < leavingAtOnce) return;
      freedBytes += bytes;
    }
  }

  async #keepDays(): Promise<ReadonlyMap<string, number | null>> {
    const keepDays = new Map<string, number | null>(this.#deps.keepDays());
    for (const gone of await this.#deps.store.call('recordings.removedDays', undefined)) {
      if (!keepDays.has(gone.cameraId)) keepDays.set(gone.cameraId, gone.keepDays);
    }
    return keepDays;
  }

  /** False: the clock has jumped ahead. Then nothing goes for its age until it is clear that this is the time. */
  #isAgeKnown(): boolean {
    const { clock, log, notices } = this.#deps;
    const monoMs = clock.monoMs();
    const aheadMs = this.#trust.look(clock.epochMs(), monoMs);
    const isTrusted = this.#trust.isTrusted(monoMs);
    if (aheadMs !== null) {
      const days = String(Math.round(aheadMs / dayMs));
      log.warn('no footage goes for its age for a while: the clock is ahead', { days });
      const text = `This machine's clock is ${days} days ahead of when Nightshift last looked at it. If it is wrong, set it: in six hours, footage that is too old by it is deleted.`;
      void notices.raise('warning', clockTopic, text);
    } else if (isTrusted && this.#isClockDoubted) void notices.clear(clockTopic);
    this.#isClockDoubted = !isTrusted;
    return isTrusted;
  }

  async #prune(): Promise<void> {
    const { store, clock } = this.#deps;
    const nowMonoMs = clock.monoMs();
    if (nowMonoMs - this.#prunedMonoMs < pruneEveryMs) return;
    this.#prunedMonoMs = nowMonoMs;
    await store.call('recordings.pruneGaps', { nowMs: clock.epochMs() });
  }

  /** Less than `leavingAtOnce` files: nothing more is to go, or it cannot. */
  async #removeSome(
    cameraId: string | null,
    keepDays: ReadonlyMap<string, number | null>,
    disk: DiskSpace | null,
  ): Promise<{ readonly files: number; readonly bytes: number }> {
    const { store, clock, log, files, thresholds } = this.#deps;
    const oldest = await store.call('recordings.oldest', { cameraId, limit: leavingAtOnce });
    const footage = oldest.map((segment) => ({ ...segment, endMs: segment.endMs ?? segment.startMs }));
    const leaving = chooseLeaving({ oldest: footage, nowMs: clock.epochMs(), keepDays, disk, thresholds });
    if (leaving.length === 0) return { files: 0, bytes: 0 };
    const ids = new Set(leaving.map(({ id }) => id));
    const gone = new Set(await files.remove(oldest.filter(({ id }) => ids.has(id))));
    log.info('recordings made room', { files: gone.size });
    return {
      files: gone.size,
      bytes: leaving.reduce((sum, { id, bytes }) => sum + (gone.has(id) ? bytes : 0), 0),
    };
  }
}
