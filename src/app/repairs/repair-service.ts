import { join } from 'node:path';
import type { Clock } from '../../core/ports.ts';
import type { Camera, CameraSettings } from '../../shared/domain/camera.ts';
import type { ItemFailure, JobDetail, JobSummary } from '../../shared/domain/job.ts';
import type { CameraRepair } from '../../shared/domain/repair.ts';
import type { QueueStatus } from '../../shared/domain/system.ts';
import type { ItemNews } from '../../shared/engine/protocol.ts';
import { describeError, NightshiftError, toErrorValue } from '../../shared/errors.ts';
import type { RepairPiece, StoreClient } from '../../store/operations.ts';
import type { EventBus } from '../event-bus.ts';
import type { ArchiveFleet, ExecutorLoss } from '../instances/archive-fleet.ts';
import { JobSuspects } from '../jobs/job-suspects.ts';
import type { LaneHost } from '../lanes/lane-host.ts';
import type { ModelService } from '../models/model-service.ts';
import type { Log } from '../ports.ts';
import type { FedPiece } from './fed-piece.ts';
import { PieceFailures } from './piece-failures.ts';
import { PiecesInFlight } from './pieces-in-flight.ts';
import { RepairCommits } from './repair-commits.ts';
import { readRepairs } from './repair-counts.ts';
import { RepairFeeder, suspectOf } from './repair-feeder.ts';
import { RepairJob } from './repair-job.ts';
import { cameraOfRepair, repairFailures, repairSummary } from './repair-summary.ts';

export interface RepairServiceDeps {
  readonly store: StoreClient;
  readonly fleet: ArchiveFleet;
  readonly lanes: Pick<LaneHost, 'prepare' | 'admit' | 'knee'>;
  readonly models: Pick<ModelService, 'find'>;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly dataDir: string;
  readonly cameras: {
    readonly list: () => readonly Camera[];
    readonly update: (id: string, change: Partial<CameraSettings>) => Promise<Camera>;
  };
  /** Resolves when the rows of the footage say what there is of it. */
  readonly footageIsKnown: () => Promise<unknown>;
}

const lookMs = 1_000;
const countMs = 2_000;
const settleMs = 10_000;
/** A frame without footage may still get some: files are told when they are opened, and written by news. */
const waitForFootageMs = 60_000;
/** After the store, or a camera's model, could not be used. */
const pauseMs = 30_000;
const framesOfPiece = 2_000;
/** A night of 14 hours at 5 frames a second, all of them shed. */
export const mostLeft = 250_000;
/** Single frames are known so long; how many they were stays. */
const rememberedMs = 31 * 86_400_000;

/**
 * Makes the record of recorded cameras complete: frames that were shed live are decoded from the footage once its file is
 * closed, and analysed in the archive lane as their camera's were, oldest first. The ledger in the store is the only
 * state: whatever ends in between, what is open there is fed again.
 */
export class RepairService {
  readonly #deps: RepairServiceDeps;
  readonly #folder: string;
  readonly #pieces = new PiecesInFlight();
  readonly #jobs = new Map<string, RepairJob>();
  readonly #suspects = new JobSuspects();
  readonly #failures: PieceFailures;
  readonly #feeder: RepairFeeder;
  readonly #commits: RepairCommits;
  #counts: ReadonlyMap<string, CameraRepair> = new Map();
  readonly #told = new Map<string, string>();
  /** Cameras whose model cannot be run for now, and until when. */
  readonly #heldUp = new Map<string, number>();
  #givenUp = 0;
  #isActive = false;
  #isReady = false;
  #isClosing = false;
  #looking: Promise<void> = Promise.resolve();
  #isLooking = false;
  #lookTimer: ReturnType<typeof setInterval> | null = null;
  #stopped: () => void = () => undefined;
  readonly #whenStopped = new Promise<void>((resolve) => {
    this.#stopped = resolve;
  });
  #settledMonoMs = -Infinity;
  #countedMonoMs = -Infinity;
  #pausedUntilMonoMs = -Infinity;

  constructor(deps: RepairServiceDeps) {
    this.#deps = deps;
    this.#folder = join(deps.dataDir, 'recordings');
    this.#failures = new PieceFailures(deps.clock, deps.random);
    const pieces = this.#pieces;
    this.#commits = new RepairCommits({
      ...deps,
      pieces,
      fpsOf: (cameraId) => this.#camera(cameraId)?.analysisFps ?? null,
      repaired: (cameraId, frames) => {
        this.#jobOf(cameraId).meter.frames += frames;
      },
      settled: (key) => {
        deps.fleet.closeItem(key);
      },
      over: (detections) => {
        if (detections > 0) deps.bus.emit('review.changed', { events: 0, detections });
        if (this.#mayFeed) this.#look();
      },
      failed: (caught) => {
        this.#storeFailed(caught);
      },
    });
    this.#feeder = new RepairFeeder({
      ...deps,
      folder: this.#folder,
      pieces,
      suspects: this.#suspects,
      progressed: () => {
        this.#commits.soon();
      },
      refused: (camera, error) => {
        this.#holdUp(camera, error);
        this.#takeBack((piece) => piece.cameraId === camera.id);
      },
    });
    this.#isReady = deps.fleet.isReady;
  }

  /** `active`: this process repairs, beside whatever else it does. */
  start(active: boolean): void {
    this.#isActive = active;
    if (!active) return;
    this.#lookTimer = setInterval(() => {
      this.#look();
    }, lookMs);
  }

  /** Of the cameras that have any, as they are in the store now. */
  async summaries(): Promise<readonly JobSummary[]> {
    await this.#count();
    return this.#deps.cameras.list().flatMap((camera) => {
      const counts = this.#counts.get(camera.id);
      return counts === undefined ? [] : [this.#summary(camera, counts)];
    });
  }

  /** Whether the job of this id is one of these. */
  owns(jobId: string): boolean {
    return cameraOfRepair(jobId) !== null;
  }

  async get(jobId: string): Promise<JobDetail> {
    const { camera, counts } = await this.#find(jobId);
    const history = this.#jobs.get(camera.id)?.meter.history ?? [];
    return { ...this.#summary(camera, counts), failures: repairFailures(counts), history };
  }

  async failures(jobId: string): Promise<{ total: number; failures: readonly ItemFailure[] }> {
    const failures = repairFailures((await this.#find(jobId)).counts);
    return { total: failures.length, failures };
  }

  /** The camera's own switch: there is one place where it says whether it is repaired. */
  async switch(jobId: string, on: boolean): Promise<JobSummary> {
    const { camera } = await this.#find(jobId);
    await this.#deps.cameras.update(camera.id, { repair: on });
    if (!on) this.#takeBack((piece) => piece.cameraId === camera.id);
    this.#look();
    const found = await this.#find(jobId);
    return this.#summary(found.camera, found.counts);
  }

  queues(): readonly QueueStatus[] {
    const cameras = this.#deps.cameras.list().filter(({ recording }) => recording !== 'off');
    const waiting = [...this.#counts.values()].reduce((sum, { left }) => sum + left, 0);
    const bound = mostLeft * cameras.length;
    return [{ name: 'repair-frames', unit: 'frames', waiting, bound, policy: 'oldest-out', givenUp: this.#givenUp }];
  }

  engineIsReady(): void {
    this.#isReady = true;
    this.#look();
  }

  engineLost({ running, end, items, isFirst }: ExecutorLoss): void {
    if (isFirst) this.#isReady = false;
    const inCall = running.flatMap(({ source, frame }) => {
      const fed = this.#pieces.get(source);
      return fed === undefined ? [] : [{ fed, suspect: suspectOf(fed.piece, fed.capturedAtMs(frame)) }];
    });
    const guilty = this.#suspects.engineEnded(
      end,
      inCall.map(({ suspect }) => suspect),
    );
    for (const { fed, suspect } of inCall) {
      if (guilty.some(({ itemId, frame }) => itemId === suspect.itemId && frame === suspect.frame)) {
        fed.lose(suspect.frame, 'crashes-engine');
      }
    }
    this.#takeBack((_, key) => items.has(key));
  }

  /** False: the item is not one of these. */
  itemNews(news: ItemNews): boolean {
    const fed = this.#pieces.get(news.item);
    if (fed === undefined) return false;
    if (news.type === 'item-ended' && news.complete) {
      fed.decoded();
      this.#failures.succeeded(fed.piece.file);
      this.#expect(fed.piece.cameraId);
      this.#commits.soon();
    } else if (news.type === 'item-failed') this.#failed(news.item, fed, news);
    return true;
  }

  /** Commits what is finished; everything else is open in the store. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#stopped();
    if (this.#lookTimer !== null) clearInterval(this.#lookTimer);
    this.#takeBack(() => true);
    await this.#looking;
    await this.#commits.flush();
    for (const job of this.#jobs.values()) job.close();
  }

  /** One at a time; whoever finds it looking may rely on the next look, a second later. */
  #look(): void {
    if (!this.#isActive || this.#isLooking || this.#isClosing) return;
    this.#isLooking = true;
    this.#looking = this.#lookOnce()
      .catch((caught: unknown) => {
        this.#pausedUntilMonoMs = this.#deps.clock.monoMs() + pauseMs;
        this.#deps.log.error('shed frames could not be looked for', { reason: describeError(toErrorValue(caught)) });
      })
      .finally(() => {
        this.#isLooking = false;
      });
  }

  async #lookOnce(): Promise<void> {
    const { clock } = this.#deps;
    if (clock.monoMs() < this.#pausedUntilMonoMs) return;
    this.#takeBack(({ cameraId }) => !this.#isRepaired(cameraId));
    // Before anything is fed again: the ledger is the only state.
    if (this.#pieces.hasLeftovers) await this.#commits.flush();
    if (this.#isReady) {
      await this.#deps.footageIsKnown();
      if (clock.monoMs() - this.#settledMonoMs >= settleMs) await this.#settle();
      while (this.#mayFeed && (await this.#feedNext()));
    }
    for (const job of this.#jobs.values()) if (this.#pieces.of(job.cameraId).length === 0) job.close();
    if (clock.monoMs() - this.#countedMonoMs >= countMs) await this.#count();
  }

  get #mayFeed(): boolean {
    return this.#isReady && !this.#isClosing && this.#pieces.hasRoom;
  }

  #camera(cameraId: string): Camera | undefined {
    return this.#deps.cameras.list().find(({ id }) => id === cameraId);
  }

  #isRepaired(cameraId: string): boolean {
    return this.#camera(cameraId)?.repair === true;
  }

  async #settle(): Promise<void> {
    const { store, clock, cameras } = this.#deps;
    this.#settledMonoMs = clock.monoMs();
    const nowMs = clock.epochMs();
    const { givenUp } = await store.call('repairs.settle', {
      cameraIds: cameras.list().map(({ id }) => id),
      nowMs,
      waitMs: waitForFootageMs,
      mostOpen: mostLeft,
      forgetBeforeMs: nowMs - rememberedMs,
    });
    this.#givenUp += givenUp;
  }

  /** False: nothing more can be fed now. */
  async #feedNext(): Promise<boolean> {
    const { store, clock, cameras } = this.#deps;
    const nowMs = clock.monoMs();
    const isWanted = ({ id, repair }: Camera): boolean => repair && (this.#heldUp.get(id) ?? nowMs) <= nowMs;
    const piece = await store.call('repairs.next', {
      cameraIds: cameras.list().flatMap((camera) => (isWanted(camera) ? [camera.id] : [])),
      skipFiles: [...this.#pieces.files, ...this.#failures.waiting()],
      limit: framesOfPiece,
    });
    const camera = piece === null ? undefined : this.#camera(piece.cameraId);
    if (piece === null || camera === undefined) return false;
    try {
      const work = await this.#feeder.workOf(piece);
      if (work === null) {
        await this.#lose(piece, 'model-changed');
        return true;
      }
      await this.#feeder.prepare(work, this.#whenStopped);
      if (this.#mayFeed && this.#isRepaired(camera.id)) this.#feeder.feed(piece, camera, work, this.#jobOf(camera.id));
    } catch (caught) {
      this.#holdUp(camera, caught);
    }
    return true;
  }

  /** Its model cannot be run for now: others go on. */
  #holdUp(camera: Camera, caught: unknown): void {
    const reason = describeError(toErrorValue(caught));
    this.#deps.log.warn('shed frames wait: they cannot be run', { camera: camera.name, reason });
    this.#heldUp.set(camera.id, this.#deps.clock.monoMs() + pauseMs);
  }

  #jobOf(cameraId: string): RepairJob {
    const known = this.#jobs.get(cameraId);
    if (known !== undefined) return known;
    const job = new RepairJob(cameraId, this.#deps.fleet, this.#deps.clock);
    job.left = this.#counts.get(cameraId)?.left ?? 0;
    this.#jobs.set(cameraId, job);
    return job;
  }

  #expect(cameraId: string): void {
    this.#jobs.get(cameraId)?.expects(this.#pieces.of(cameraId).some(({ isDecoded }) => !isDecoded));
  }

  #failed(key: string, fed: FedPiece, { kind, reason }: Extract<ItemNews, { type: 'item-failed' }>): void {
    const { file, cameraId, frames } = fed.piece;
    const job = this.#jobOf(cameraId);
    if (kind === 'timed-out') job.meter.timedOut += 1;
    this.#deps.log.warn('footage could not be read for shed frames', { file, kind, reason });
    // What was found before it broke is committed first: it is settled then, and what is lost is what is left.
    if (this.#failures.retryLater(file, kind)) job.meter.retried += 1;
    else for (const frame of frames) fed.lose(frame, 'unreadable');
    this.#takeBack((_, other) => other === key);
  }

  /** The engine stops decoding them, and they are open again but for what has come of them. */
  #takeBack(which: (piece: RepairPiece, key: string) => boolean): void {
    const { fleet } = this.#deps;
    for (const [key, { piece }] of this.#pieces.takeBack(which)) {
      fleet.drop(key);
      fleet.closeItem(key);
      this.#expect(piece.cameraId);
      this.#commits.soon();
    }
  }

  #storeFailed(caught: unknown): void {
    this.#pausedUntilMonoMs = this.#deps.clock.monoMs() + pauseMs;
    const reason = describeError(toErrorValue(caught));
    this.#deps.log.error('results of shed frames could not be stored', { reason });
    this.#takeBack(() => true);
    this.#pieces.forgetLeftovers();
  }

  async #lose({ sourceId, recipeId, frames }: RepairPiece, why: string): Promise<void> {
    const lost = [{ sourceId, recipeId, frames, why }];
    const atMs = this.#deps.clock.epochMs();
    await this.#deps.store.call('repairs.commit', { commits: [], lost, joinsMs: 0, atMs });
  }

  async #count(): Promise<void> {
    const { store, clock, cameras, bus } = this.#deps;
    this.#countedMonoMs = clock.monoMs();
    const list = cameras.list();
    this.#counts = await readRepairs(
      store,
      list.map(({ id }) => id),
      clock.epochMs(),
    );
    for (const camera of list) {
      const counts = this.#counts.get(camera.id);
      const job = this.#jobs.get(camera.id);
      if (job !== undefined) job.left = counts?.left ?? 0;
      if (counts === undefined) continue;
      const summary = this.#summary(camera, counts);
      const text = JSON.stringify([summary.state, counts, summary.current]);
      if (this.#told.get(camera.id) === text) continue;
      this.#told.set(camera.id, text);
      bus.emit('jobs.progress', summary);
    }
  }

  #summary(camera: Camera, counts: CameraRepair): JobSummary {
    const job = this.#jobs.get(camera.id);
    const [fed] = this.#pieces.of(camera.id);
    const run =
      job === undefined
        ? null
        : {
            meter: job.meter,
            isRunning: fed !== undefined,
            current: fed === undefined ? null : fed.piece.file,
            knee: job.latestWork === null ? null : this.#deps.lanes.knee(job.latestWork.shape),
          };
    return repairSummary(camera, counts, run, { folder: join(this.#folder, camera.id), isActive: this.#isActive });
  }

  async #find(jobId: string): Promise<{ camera: Camera; counts: CameraRepair }> {
    await this.#count();
    const cameraId = cameraOfRepair(jobId);
    const camera = this.#camera(cameraId ?? '');
    const counts = this.#counts.get(cameraId ?? '');
    if (camera === undefined || counts === undefined) {
      throw new NightshiftError({
        kind: 'not-found',
        message: 'There is no such job.',
        where: jobId,
        hint: 'See `nightshift jobs` or the Jobs view.',
      });
    }
    return { camera, counts };
  }
}
