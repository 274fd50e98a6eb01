import type { Detection } from '../../shared/domain/detection.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import type { RepairPiece, ResultRow } from '../../store/operations.ts';

export interface PieceCommit {
  readonly rows: readonly ResultRow[];
  /** Capture times of frames that get no result, and why. */
  readonly lost: readonly { readonly frames: readonly number[]; readonly why: string }[];
}

/**
 * The shed frames of one recorded file on their way through the engine. Results may come in any order and are committed as
 * they come: the ledger in the store says frame by frame what is still to be done.
 */
export class FedPiece {
  readonly piece: RepairPiece;
  #rows: ResultRow[] = [];
  #lost: { readonly frames: readonly number[]; readonly why: string }[] = [];
  readonly #announced = new Set<number>();
  #answered = 0;
  #isDecoded = false;
  #endIsTold = false;

  constructor(piece: RepairPiece) {
    this.piece = piece;
  }

  /** The capture time of frame k of what was fed. */
  capturedAtMs(frame: number): number {
    const atMs = this.piece.frames[frame];
    if (atMs === undefined) throw new Error(`frame ${String(frame)} of ${this.piece.file} was not asked for`);
    return atMs;
  }

  announced(ticket: Ticket): void {
    this.#announced.add(ticket.frame);
  }

  analysed(ticket: Ticket, detections: readonly Detection[]): void {
    const timeMs = this.capturedAtMs(ticket.frame);
    this.#answered += 1;
    const { pixels } = this.piece;
    const across = pixels === null ? 1 : pixels.width / ticket.sourceWidth;
    const down = pixels === null ? 1 : pixels.height / ticket.sourceHeight;
    this.#rows.push({
      frame: timeMs,
      timeMs,
      // A track is followed from frame to frame as they come; this one comes hours later.
      detections: detections.map(({ classIndex, score, box }) => ({
        classIndex,
        score,
        box: [box[0] * across, box[1] * down, box[2] * across, box[3] * down],
        trackId: null,
      })),
    });
  }

  /** The file was read as far as it was wanted: what was not announced is not in it. */
  decoded(): void {
    this.#isDecoded = true;
  }

  get isDecoded(): boolean {
    return this.#isDecoded;
  }

  /** Nothing more will come. */
  get isSettled(): boolean {
    return this.#isDecoded && this.#answered === this.#announced.size;
  }

  /** The frame gets no result. */
  lose(capturedAtMs: number, why: string): void {
    this.#lost.push({ frames: [capturedAtMs], why });
  }

  /** What the store has not been given yet; it is forgotten here. Null: nothing. */
  take(): PieceCommit | null {
    if (this.isSettled && !this.#endIsTold) {
      this.#endIsTold = true;
      const frames = this.piece.frames.filter((_, frame) => !this.#announced.has(frame));
      if (frames.length > 0) this.#lost.push({ frames, why: 'no-picture' });
    }
    const [rows, lost] = [this.#rows, this.#lost];
    if (rows.length === 0 && lost.length === 0) return null;
    this.#rows = [];
    this.#lost = [];
    return { rows, lost };
  }
}
