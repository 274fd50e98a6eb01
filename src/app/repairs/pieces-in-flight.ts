import type { RepairPiece } from '../../store/operations.ts';
import type { FedPiece } from './fed-piece.ts';

/** One is decoded while the last frames of the other are run. */
const mostAhead = 2;

/** What the engine has, by the key of its feeding, and what left it before its end and is still to be committed. */
export class PiecesInFlight {
  readonly #byKey = new Map<string, FedPiece>();
  #leftovers: FedPiece[] = [];
  #feedings = 0;

  /** Each feeding has a key of its own: what an earlier one announced late is not taken for this one's. */
  add(jobId: string, fed: FedPiece): string {
    const key = `${jobId}.${String(++this.#feedings)}`;
    this.#byKey.set(key, fed);
    return key;
  }

  get(key: string): FedPiece | undefined {
    return this.#byKey.get(key);
  }

  of(cameraId: string): readonly FedPiece[] {
    return [...this.#byKey.values()].filter(({ piece }) => piece.cameraId === cameraId);
  }

  get hasRoom(): boolean {
    return this.#byKey.size < mostAhead;
  }

  get hasLeftovers(): boolean {
    return this.#leftovers.length > 0;
  }

  /** Recorded files that are being looked at. */
  get files(): readonly string[] {
    return [...this.#byKey.values()].map(({ piece }) => piece.file);
  }

  /** They leave the engine before their end. */
  takeBack(which: (piece: RepairPiece, key: string) => boolean): readonly (readonly [string, FedPiece])[] {
    const taken = [...this.#byKey].filter(([key, { piece }]) => which(piece, key));
    for (const [key, fed] of taken) {
      this.#byKey.delete(key);
      this.#leftovers.push(fed);
    }
    return taken;
  }

  /** All that may have something to commit. Leftovers are forgotten with it. */
  toCommit(): readonly FedPiece[] {
    return [...this.#leftovers.splice(0), ...this.#byKey.values()];
  }

  /** Takes out the keys of those whose end is committed. */
  takeSettled(): readonly string[] {
    const settled = [...this.#byKey].flatMap(([key, { isSettled }]) => (isSettled ? [key] : []));
    for (const key of settled) this.#byKey.delete(key);
    return settled;
  }

  forgetLeftovers(): void {
    this.#leftovers = [];
  }
}
