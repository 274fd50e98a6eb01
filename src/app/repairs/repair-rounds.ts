import type { Clock } from '../../core/ports.ts';
import type { Camera } from '../../shared/domain/camera.ts';
import { describeError, toErrorValue } from '../../shared/errors.ts';
import type { RepairPiece, StoreClient } from '../../store/operations.ts';
import type { Log } from '../ports.ts';
import type { PieceFailures } from './piece-failures.ts';
import type { PiecesInFlight } from './pieces-in-flight.ts';
import type { RepairBoard } from './repair-board.ts';
import type { RepairCommits } from './repair-commits.ts';
import type { RepairFeeder } from './repair-feeder.ts';
import type { RepairJobs } from './repair-jobs.ts';
import type { RepairSettling } from './repair-settling.ts';
import { waitWords, type RepairWaits } from './repair-waits.ts';

export interface RepairRoundsDeps {
  readonly store: StoreClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly cameras: { readonly list: () => readonly Camera[] };
  readonly footageIsKnown: () => Promise<unknown>;
  readonly pieces: PiecesInFlight;
  readonly jobs: RepairJobs;
  readonly board: RepairBoard;
  readonly settling: RepairSettling;
  readonly waits: RepairWaits;
  readonly failures: PieceFailures;
  readonly feeder: RepairFeeder;
  readonly commits: RepairCommits;
  /** Pieces that the engine gives up; what has come of them is committed, the rest is open again. */
  readonly takeBack: (which: (piece: RepairPiece) => boolean) => void;
}

const lookMs = 1_000;
const framesOfPiece = 2_000;

/** Looks every second for shed frames that can be repaired, and keeps the engine a file ahead with the oldest of them. */
export class RepairRounds {
  readonly #deps: RepairRoundsDeps;
  #isActive = false;
  #isReady: boolean;
  #isClosing = false;
  #looking: Promise<void> = Promise.resolve();
  #isLooking = false;
  /** What the look is at that may take long, and since when. */
  #busy: { readonly why: string; readonly sinceMonoMs: number } | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;
  #stopped: () => void = () => undefined;
  readonly #whenStopped = new Promise<void>((resolve) => {
    this.#stopped = resolve;
  });

  constructor(deps: RepairRoundsDeps, isReady: boolean) {
    this.#deps = deps;
    this.#isReady = isReady;
  }

  /** Safe to call again. */
  start(): void {
    if (this.#isActive || this.#isClosing) return;
    this.#isActive = true;
    this.#timer = setInterval(() => {
      // A look that takes long says why all the same; what the store has against it the look hears itself.
      if (this.#isLooking) void this.#deps.board.countIfDue().catch(() => undefined);
      this.look();
    }, lookMs);
  }

  engineIsReady(): void {
    this.#isReady = true;
    this.look();
  }

  engineLost(): void {
    this.#isReady = false;
  }

  /** There is room for another file. */
  get mayFeed(): boolean {
    return this.#isReady && !this.#isClosing && this.#deps.pieces.hasRoom;
  }

  /** One at a time; whoever finds it looking may rely on the next look, a second later. */
  look(): void {
    if (!this.#isActive || this.#isLooking || this.#isClosing) return;
    this.#isLooking = true;
    this.#looking = this.#lookOnce()
      .catch((caught: unknown) => {
        const reason = describeError(toErrorValue(caught));
        this.#deps.waits.pause(reason);
        this.#deps.log.error('shed frames could not be looked for', { reason });
      })
      .finally(() => {
        this.#isLooking = false;
      });
  }

  /** Why none of the camera's frames are in the engine, in words; the surest reason first. */
  waitsFor(cameraId: string): string {
    const { waits, failures, pieces, clock } = this.#deps;
    if (!this.#isActive) return waitWords.notHere;
    if (!this.#isReady) return waitWords.engine;
    const leftAlone = waits.reasonOf(cameraId);
    if (leftAlone !== null) return leftAlone;
    if (this.#busy !== null && clock.monoMs() - this.#busy.sinceMonoMs >= lookMs) return this.#busy.why;
    const unreadable = failures.reasonOf(cameraId);
    if (unreadable !== null) return waitWords.unreadable(unreadable);
    return pieces.hasRoom ? waitWords.footage : waitWords.turn;
  }

  /** Nothing is fed any more. */
  stop(): void {
    this.#isClosing = true;
    this.#stopped();
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** No look is under way. */
  settled(): Promise<void> {
    return this.#looking;
  }

  async #lookOnce(): Promise<void> {
    const { waits, takeBack, pieces, commits, footageIsKnown, settling, jobs, board } = this.#deps;
    if (waits.isPaused) return;
    takeBack(({ cameraId }) => !this.#isRepaired(cameraId));
    // Before anything is fed again: the ledger is the only state.
    if (pieces.hasLeftovers) await commits.flush();
    if (this.#isReady) {
      await this.#busyWith(waitWords.earlierFootage, footageIsKnown());
      await settling.settleIfDue();
      while (this.mayFeed && (await this.#feedNext()));
    }
    jobs.close((cameraId) => pieces.of(cameraId).length === 0);
    await board.countIfDue();
  }

  async #busyWith(why: string, work: Promise<unknown>): Promise<void> {
    this.#busy = { why, sinceMonoMs: this.#deps.clock.monoMs() };
    await work.finally(() => {
      this.#busy = null;
    });
  }

  /** False: nothing more can be fed now. */
  async #feedNext(): Promise<boolean> {
    const { store, cameras, waits, pieces, failures, feeder, jobs } = this.#deps;
    const isWanted = ({ id, repair }: Camera): boolean => repair && !waits.isHeldUp(id);
    const piece = await store.call('repairs.next', {
      cameraIds: cameras.list().flatMap((camera) => (isWanted(camera) ? [camera.id] : [])),
      skipFiles: [...pieces.files, ...failures.waiting()],
      limit: framesOfPiece,
    });
    const camera = piece === null ? undefined : this.#camera(piece.cameraId);
    if (piece === null || camera === undefined) return false;
    try {
      const work = await feeder.workOf(piece);
      if (work === null) {
        await this.#lose(piece, 'model-changed');
        return true;
      }
      await this.#busyWith(waitWords.model, feeder.prepare(work, this.#whenStopped));
      if (this.mayFeed && this.#isRepaired(camera.id)) feeder.feed(piece, camera, work, jobs.of(camera.id));
    } catch (caught) {
      this.holdUp(camera, caught);
    }
    return true;
  }

  /** Its model cannot be run for now: others go on. */
  holdUp(camera: Camera, caught: unknown): void {
    const reason = describeError(toErrorValue(caught));
    this.#deps.log.warn('shed frames wait: they cannot be run', { camera: camera.name, reason });
    this.#deps.waits.holdUp(camera.id, reason);
  }

  #camera(cameraId: string): Camera | undefined {
    return this.#deps.cameras.list().find(({ id }) => id === cameraId);
  }

  #isRepaired(cameraId: string): boolean {
    return this.#camera(cameraId)?.repair === true;
  }

  async #lose({ sourceId, recipeId, frames }: RepairPiece, why: string): Promise<void> {
    const lost = [{ sourceId, recipeId, frames, why }];
    const atMs = this.#deps.clock.epochMs();
    await this.#deps.store.call('repairs.commit', { commits: [], lost, joinsMs: 0, atMs });
  }
}
