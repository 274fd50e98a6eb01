import { join } from 'node:path';
import type { Clock } from '../../core/ports.ts';
import type { Camera, CameraSettings } from '../../shared/domain/camera.ts';
import type { ItemFailure, JobDetail, JobSummary } from '../../shared/domain/job.ts';
import type { QueueStatus } from '../../shared/domain/system.ts';
import type { ItemNews } from '../../shared/engine/protocol.ts';
import { describeError, toErrorValue } from '../../shared/errors.ts';
import type { RepairPiece, StoreClient } from '../../store/operations.ts';
import type { EventBus } from '../event-bus.ts';
import type { ArchiveFleet, ExecutorLoss } from '../instances/archive-fleet.ts';
import type { ArchiveSharing } from '../jobs/archive-sharing.ts';
import { JobSuspects } from '../jobs/job-suspects.ts';
import type { LaneHost } from '../lanes/lane-host.ts';
import type { ModelService } from '../models/model-service.ts';
import type { Log } from '../ports.ts';
import type { FedPiece } from './fed-piece.ts';
import { PieceFailures } from './piece-failures.ts';
import { PiecesInFlight } from './pieces-in-flight.ts';
import { RepairBoard } from './repair-board.ts';
import { RepairCommits } from './repair-commits.ts';
import { RepairFeeder, suspectOf } from './repair-feeder.ts';
import { RepairJobs } from './repair-jobs.ts';
import { RepairRounds } from './repair-rounds.ts';
import { mostLeft, RepairSettling } from './repair-settling.ts';
import { cameraOfRepair, repairFailures } from './repair-summary.ts';
import { RepairWaits } from './repair-waits.ts';

export interface RepairServiceDeps {
  readonly store: StoreClient;
  readonly fleet: ArchiveFleet;
  readonly lanes: Pick<LaneHost, 'prepare' | 'admit' | 'knee'>;
  readonly models: Pick<ModelService, 'find'>;
  readonly sharing: ArchiveSharing;
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

/**
 * Makes the record of recorded cameras complete: frames that were shed live are decoded from the footage once its file is
 * closed, and analysed in the archive lane as their camera's were, oldest first. The ledger in the store is the only
 * state: whatever ends in between, what is open there is fed again.
 */
export class RepairService {
  readonly #deps: RepairServiceDeps;
  readonly #pieces = new PiecesInFlight();
  readonly #suspects = new JobSuspects();
  readonly #failures: PieceFailures;
  readonly #waits: RepairWaits;
  readonly #settling: RepairSettling;
  readonly #jobs: RepairJobs;
  readonly #board: RepairBoard;
  readonly #commits: RepairCommits;
  readonly #rounds: RepairRounds;

  constructor(deps: RepairServiceDeps) {
    this.#deps = deps;
    const folder = join(deps.dataDir, 'recordings');
    const [pieces, suspects] = [this.#pieces, this.#suspects];
    const failures = (this.#failures = new PieceFailures(deps.clock, deps.random));
    const waits = (this.#waits = new RepairWaits(deps.clock));
    const settling = (this.#settling = new RepairSettling(deps));
    const jobs = (this.#jobs = new RepairJobs({
      ...deps,
      leftOf: (cameraId) => this.#board.leftOf(cameraId),
      left: () => this.#board.left('repaired'),
    }));
    const board = (this.#board = new RepairBoard({
      ...deps,
      folder,
      pieces,
      jobs,
      waitsFor: (cameraId) => this.#rounds.waitsFor(cameraId),
    }));
    const commits = (this.#commits = new RepairCommits({
      ...deps,
      pieces,
      fpsOf: (cameraId) => deps.cameras.list().find(({ id }) => id === cameraId)?.analysisFps ?? null,
      repaired: (cameraId, frames) => {
        jobs.of(cameraId).meter.frames += frames;
      },
      settled: (key) => {
        deps.fleet.closeItem(key);
      },
      over: (detections) => {
        if (detections > 0) deps.bus.emit('review.changed', { events: 0, detections });
        if (this.#rounds.mayFeed) this.#rounds.look();
      },
      failed: (caught) => {
        this.#storeFailed(caught);
      },
    }));
    const feeder = new RepairFeeder({
      ...deps,
      folder,
      pieces,
      suspects,
      progressed: () => {
        commits.soon();
      },
      refused: (camera, error) => {
        this.#rounds.holdUp(camera, error);
        this.#takeBack((piece) => piece.cameraId === camera.id);
      },
    });
    this.#rounds = new RepairRounds(
      {
        ...deps,
        ...{ pieces, jobs, board, settling, waits, failures, feeder, commits },
        takeBack: (which) => {
          this.#takeBack(which);
        },
      },
      deps.fleet.isReady,
    );
  }

  /** From now on this process repairs, beside whatever else it does. Safe to call again. */
  start(): void {
    this.#rounds.start();
  }

  /** Of the cameras that have any, as they are in the store now. */
  summaries(): Promise<readonly JobSummary[]> {
    return this.#board.summaries();
  }

  /** Whether the job of this id is one of these. */
  owns(jobId: string): boolean {
    return cameraOfRepair(jobId) !== null;
  }

  async get(jobId: string): Promise<JobDetail> {
    const { camera, counts } = await this.#board.find(jobId);
    const history = this.#jobs.get(camera.id)?.meter.history ?? [];
    return { ...this.#board.summary(camera, counts), failures: repairFailures(counts), history };
  }

  async failures(jobId: string): Promise<{ total: number; failures: readonly ItemFailure[] }> {
    const failures = repairFailures((await this.#board.find(jobId)).counts);
    return { total: failures.length, failures };
  }

  /** The camera's own switch: there is one place where it says whether it is repaired. */
  async switch(jobId: string, on: boolean): Promise<JobSummary> {
    const { camera } = await this.#board.find(jobId);
    await this.#deps.cameras.update(camera.id, { repair: on });
    if (!on) this.#takeBack((piece) => piece.cameraId === camera.id);
    this.#rounds.look();
    const found = await this.#board.find(jobId);
    return this.#board.summary(found.camera, found.counts);
  }

  queues(): readonly QueueStatus[] {
    const cameras = this.#deps.cameras.list().filter(({ recording }) => recording !== 'off');
    const bound = mostLeft * cameras.length;
    const { givenUp } = this.#settling;
    return [
      { name: 'repair-frames', unit: 'frames', waiting: this.#board.left(), bound, policy: 'oldest-out', givenUp },
    ];
  }

  engineIsReady(): void {
    this.#rounds.engineIsReady();
  }

  engineLost({ running, end, items, isFirst }: ExecutorLoss): void {
    if (isFirst) this.#rounds.engineLost();
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
    this.#rounds.stop();
    this.#takeBack(() => true);
    await this.#rounds.settled();
    await this.#commits.flush();
    this.#jobs.close();
  }

  #expect(cameraId: string): void {
    this.#jobs.get(cameraId)?.expects(this.#pieces.of(cameraId).some(({ isDecoded }) => !isDecoded));
  }

  #failed(key: string, fed: FedPiece, { kind, reason }: Extract<ItemNews, { type: 'item-failed' }>): void {
    const { file, cameraId, frames } = fed.piece;
    const { meter } = this.#jobs.of(cameraId);
    if (kind === 'timed-out') meter.timedOut += 1;
    this.#deps.log.warn('footage could not be read for shed frames', { file, kind, reason });
    // What was found before it broke is committed first: it is settled then, and what is lost is what is left.
    if (this.#failures.retryLater(file, kind, reason)) meter.retried += 1;
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
    const reason = describeError(toErrorValue(caught));
    this.#waits.pause(reason);
    this.#deps.log.error('results of shed frames could not be stored', { reason });
    this.#takeBack(() => true);
    this.#pieces.forgetLeftovers();
  }
}
