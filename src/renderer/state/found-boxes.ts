import type { FoundFrame, FoundFrames } from '../../shared/domain/camera-timeline.ts';
import type { Result } from '../../shared/errors.ts';
import type { CameraResult } from './live-pictures.ts';

/** Footage is asked about in pieces of this length. */
const pieceMs = 30_000;
/** The piece behind, this one, and the next. */
const mostPieces = 4;
/** What is older than this is written; what is younger is asked for again, no more often than this. */
const settledMs = 10_000;
const againMs = 1_000;
/** A slow host must not hold up the pictures. */
const longestWaitMs = 400;

interface Piece {
  frames: readonly FoundFrame[];
  isThere: boolean;
  isAsking: boolean;
  /** All of it was written when it was asked for. */
  isSettled: boolean;
  askedAtMs: number;
  arrival: Promise<void>;
}

/** A frame's time in the footage and the time it was analysed under differ by the jitter of its arrival. */
const jitterMs = 40;

/**
 * What was found in a frame that is shown: the newest one that is not later. Frames without any boxes leave no trace, so
 * an older one than `holdMs` says nothing any more.
 */
export function foundAt(frames: readonly FoundFrame[], atMs: number, holdMs: number): FoundFrame | null {
  let [low, high] = [0, frames.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((frames[middle]?.atMs ?? Infinity) <= atMs) low = middle + 1;
    else high = middle;
  }
  const frame = frames[low - 1];
  return frame === undefined || atMs - frame.atMs > holdMs ? null : frame;
}

/** What was found in a camera's frames around where it is played, asked for a little ahead. */
export class FoundBoxes {
  readonly #ask: (range: { fromMs: number; toMs: number }) => Promise<Result<FoundFrames>>;
  readonly #holdMs: number;
  readonly #pieces = new Map<number, Piece>();

  /** @param holdMs how long boxes are shown when no later frame has any. */
  constructor(ask: (range: { fromMs: number; toMs: number }) => Promise<Result<FoundFrames>>, holdMs: number) {
    this.#ask = ask;
    this.#holdMs = holdMs;
  }

  /** Resolves when it is known what was found around the moment, or it takes too long. */
  async near(atMs: number): Promise<void> {
    const piece = this.#need(atMs);
    this.#need(atMs + pieceMs / 2);
    if (piece.isThere) return;
    await Promise.race([piece.arrival, new Promise<void>((resolve) => setTimeout(resolve, longestWaitMs))]);
  }

  /** In the form in which results of live cameras come; without detections where nothing was found, or it is not known. */
  at(atMs: number): CameraResult {
    const untilMs = atMs + jitterMs;
    const startMs = startOf(untilMs);
    const inPiece = (start: number): FoundFrame | null =>
      foundAt(this.#pieces.get(start)?.frames ?? [], untilMs, this.#holdMs + jitterMs);
    const frame = inPiece(startMs) ?? inPiece(startMs - pieceMs);
    if (frame === null) return { cameraId: '', capturedAtMs: atMs, width: 1, height: 1, detections: [] };
    const { width, height, detections } = frame;
    return { cameraId: '', capturedAtMs: Math.min(frame.atMs, atMs), width, height, detections };
  }

  #need(atMs: number): Piece {
    const fromMs = startOf(atMs);
    const nowMs = Date.now();
    const piece = this.#pieces.get(fromMs) ?? unasked();
    // Again as the newest, so that the oldest are the first to go.
    this.#pieces.delete(fromMs);
    this.#pieces.set(fromMs, piece);
    for (const start of [...this.#pieces.keys()].slice(0, -mostPieces)) this.#pieces.delete(start);
    if (piece.isSettled || piece.isAsking || nowMs - piece.askedAtMs < againMs) return piece;
    piece.isAsking = true;
    piece.askedAtMs = nowMs;
    piece.arrival = this.#ask({ fromMs, toMs: fromMs + pieceMs }).then((answer) => {
      piece.isAsking = false;
      if (!answer.ok) return;
      piece.isThere = true;
      piece.isSettled = nowMs - settledMs > fromMs + pieceMs;
      piece.frames = answer.value.frames;
    });
    return piece;
  }
}

const unasked = (): Piece => ({
  frames: [],
  isThere: false,
  isAsking: false,
  isSettled: false,
  askedAtMs: -Infinity,
  arrival: Promise.resolve(),
});

const startOf = (atMs: number): number => Math.floor(atMs / pieceMs) * pieceMs;
