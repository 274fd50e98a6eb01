import { Frame } from 'node-av/lib';
import type { RecordingPiece } from '../../../shared/engine/protocol.ts';
import { asMediaFault } from '../media-fault.ts';
import { openVideoFile } from '../video-file.ts';
import type { VideoTimeline } from '../video-timeline.ts';

export interface FootageFrame {
  /** Valid until the next call. */
  readonly frame: Frame;
  /** When it was captured, epoch ms. */
  readonly atMs: number;
}

/** Files that follow each other within this are played as one. */
const meetsMs = 1_500;
/** Rounding of stored times; pictures lie further apart. */
const roundingMs = 1;

/**
 * The files of a stretch as one row of pictures that can be entered anywhere. Between files that do not meet it ends:
 * whoever plays decides what happens at a gap.
 */
export class Footage {
  readonly #maxPixels: number;
  readonly #kept = new Frame();
  #pieces: readonly RecordingPiece[] = [];
  #open: { readonly piece: RecordingPiece; readonly video: VideoTimeline } | null = null;
  /** Decoded, and not given out yet. */
  #ahead: FootageFrame | null = null;

  constructor(maxPixels: number) {
    this.#maxPixels = maxPixels;
    this.#kept.alloc();
  }

  /** In order of time. What is being played goes on. */
  know(pieces: readonly RecordingPiece[]): void {
    this.#pieces = pieces;
  }

  /** Where the next file begins; null: there is none. */
  nextStart(afterMs: number): number | null {
    return this.#pieces.find(({ startMs }) => startMs > afterMs)?.startMs ?? null;
  }

  /** The last picture at or before the moment; null: there is no footage of it. `next` goes on behind it. */
  at(atMs: number): FootageFrame | null {
    const piece = this.#pieces.findLast(({ startMs }) => startMs <= atMs);
    if (piece === undefined || atMs >= piece.endMs + meetsMs) return null;
    return this.#lastUntil(piece, atMs + roundingMs);
  }

  /** The last picture before the moment, also from the file before. */
  before(atMs: number): FootageFrame | null {
    const piece = this.#pieces.findLast(({ startMs }) => startMs < atMs - roundingMs);
    return piece === undefined ? null : this.#lastUntil(piece, atMs - roundingMs);
  }

  /** The next picture; null where the footage has a gap, or ends. */
  next(): FootageFrame | null {
    const ahead = this.#ahead;
    if (ahead !== null) {
      this.#ahead = null;
      return ahead;
    }
    for (;;) {
      if (this.#open === null) return null;
      const frame = this.#decode();
      if (frame !== null) return frame;
      const { piece } = this.#open;
      const following = this.#pieces.find(({ startMs }) => startMs > piece.startMs);
      if (following === undefined || following.startMs - piece.endMs > meetsMs) return null;
      if (!this.#enter(following)) return null;
    }
  }

  /** The picture that `next` gave last was not shown: it is the next one again. */
  putBack(frame: FootageFrame): void {
    this.#ahead = frame;
  }

  /**
   * Leaves out what lies before the last keyframe until the moment, in this file. Null: no keyframe lies behind `fromMs`,
   * the picture shown last; `next` then goes on as before.
   */
  skip(fromMs: number, untilMs: number): FootageFrame | null {
    const open = this.#open;
    if (open === null || fromMs >= open.piece.endMs) return null;
    this.#ahead = null;
    this.#jump(open, untilMs);
    const found = this.#decode();
    if (found !== null && found.atMs > fromMs + roundingMs) return found;
    this.#lastUntil(open.piece, fromMs + roundingMs);
    return null;
  }

  close(): void {
    this.#open?.video.close();
    this.#open = null;
    this.#kept.free();
  }

  #lastUntil(piece: RecordingPiece, untilMs: number): FootageFrame | null {
    this.#ahead = null;
    if (this.#open?.piece.path !== piece.path && !this.#enter(piece)) return null;
    if (this.#open === null) return null;
    this.#jump(this.#open, untilMs);
    let keptAtMs: number | null = null;
    for (;;) {
      const decoded = this.#decode();
      if (decoded === null) break;
      if (keptAtMs !== null && decoded.atMs > untilMs) {
        this.#ahead = decoded;
        break;
      }
      this.#kept.unref();
      this.#kept.ref(decoded.frame);
      keptAtMs = decoded.atMs;
    }
    return keptAtMs === null ? null : { frame: this.#kept, atMs: keptAtMs };
  }

  #enter(piece: RecordingPiece): boolean {
    this.#open?.video.close();
    this.#open = null;
    this.#ahead = null;
    try {
      this.#open = { piece, video: openVideoFile(piece.path, { maxPixels: this.#maxPixels, strict: false }) };
      return true;
    } catch (caught) {
      // Deleted meanwhile, or not a whole fragment yet: as if it were not there.
      asMediaFault(caught);
      return false;
    }
  }

  #jump({ piece, video }: { piece: RecordingPiece; video: VideoTimeline }, atMs: number): void {
    const { numerator, denominator } = video.facts.timeBase;
    const target = video.startPts + Math.floor(((atMs - piece.startMs) * denominator) / (1000 * numerator));
    if (target > video.startPts) video.jump(target);
    else video.rewind();
  }

  #decode(): FootageFrame | null {
    if (this.#open === null) return null;
    const { piece, video } = this.#open;
    try {
      const timed = video.next();
      return timed === null ? null : { frame: timed.frame, atMs: piece.startMs + timed.timeMs };
    } catch (caught) {
      asMediaFault(caught);
      return null;
    }
  }
}
