import type { Clock } from '../../core/ports.ts';
import type { StoreClient } from '../../store/operations.ts';
import type { FedPiece } from './fed-piece.ts';
import type { PiecesInFlight } from './pieces-in-flight.ts';

const commitMs = 250;
/** A live result joins its stretch to the next one over so many frame intervals. */
const joinIntervals = 2.5;

export interface RepairCommitsDeps {
  readonly store: StoreClient;
  readonly clock: Clock;
  readonly pieces: PiecesInFlight;
  /** Frames a second that are analysed of the camera; null: it is not there any more. */
  readonly fpsOf: (cameraId: string) => number | null;
  readonly repaired: (cameraId: string, frames: number) => void;
  /** All of it is in the store. */
  readonly settled: (key: string) => void;
  /** A commit is over; so many boxes were new. */
  readonly over: (detections: number) => void;
  /** The store did not take it: what it was given is open there, and is to be done again. */
  readonly failed: (caught: unknown) => void;
}

/** Brings results of shed frames to the store, with their marks in the ledger, a few times a second. */
export class RepairCommits {
  readonly #deps: RepairCommitsDeps;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #committing: Promise<void> = Promise.resolve();

  constructor(deps: RepairCommitsDeps) {
    this.#deps = deps;
  }

  soon(): void {
    this.#timer ??= setTimeout(() => void this.flush(), commitMs);
  }

  /** Never rejects. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#committing = this.#committing.then(() => this.#commit());
    return this.#committing;
  }

  async #commit(): Promise<void> {
    const { pieces, settled, over, failed } = this.#deps;
    let detections = 0;
    try {
      for (const fed of pieces.toCommit()) detections += await this.#commitPiece(fed);
    } catch (caught) {
      failed(caught);
      return;
    }
    for (const key of pieces.takeSettled()) settled(key);
    over(detections);
  }

  async #commitPiece(fed: FedPiece): Promise<number> {
    const taken = fed.take();
    if (taken === null) return 0;
    const { store, clock, fpsOf, repaired } = this.#deps;
    const { sourceId, recipeId, cameraId } = fed.piece;
    const { rows, lost } = taken;
    const fps = fpsOf(cameraId);
    const looked = rows.map(({ timeMs }) => [timeMs, timeMs] as const);
    const receipt = await store.call('repairs.commit', {
      commits: rows.length === 0 ? [] : [{ sourceId, recipeId, rows, looked }],
      lost: lost.map((one) => ({ sourceId, recipeId, ...one })),
      joinsMs: fps === null ? 0 : Math.round((joinIntervals * 1000) / fps),
      atMs: clock.epochMs(),
    });
    repaired(cameraId, receipt.repaired);
    return receipt.newDetections;
  }
}
