import type { Frame } from 'node-av/lib';
import { frameTimeMs, type FrameGrid } from '../../core/jobs/frame-choice.ts';
import type { VideoFacts, VideoReader } from './video-reader.ts';

export interface TimedFrame {
  /** Valid until the next call. */
  readonly frame: Frame;
  /** Presentation time in ticks of the video's time base. */
  readonly pts: number;
  /** Time since the video's first picture. */
  readonly timeMs: number;
}

/**
 * A video file as pictures in time. The start is always found by decoding the very first picture, also before a jump,
 * so that times are the same from wherever one begins.
 */
export class VideoTimeline {
  readonly startPts: number;
  readonly #open: () => VideoReader;
  #reader: VideoReader;
  #lastPts: number;
  /** The first picture was decoded to learn its time and has not been given out. */
  #waiting: TimedFrame | null = null;

  /** @throws MediaFault */
  constructor(open: () => VideoReader) {
    this.#open = open;
    this.#reader = open();
    try {
      const first = this.#reader.next();
      if (first === null) throw new Error('a reader ends only after its first picture');
      this.startPts = first.pts ?? 0;
      this.#lastPts = this.startPts;
      this.#waiting = { frame: first.frame, pts: this.startPts, timeMs: 0 };
    } catch (error) {
      this.#reader.close();
      throw error;
    }
  }

  get facts(): VideoFacts {
    return this.#reader.facts;
  }

  /** Numbers the pictures for an analysis rate. */
  grid(fps: number): FrameGrid {
    return { timeBase: this.facts.timeBase, startPts: this.startPts, fps };
  }

  /**
   * Goes to a keyframe at or before the time stamp, where the container has an index that leads to it.
   * @returns false where it does not: the next picture is then the first one.
   */
  jump(pts: number): boolean {
    if (this.#reader.seekable && this.#reader.seek(pts)) {
      this.#waiting = null;
      return true;
    }
    this.rewind();
    return false;
  }

  /** Back to the first picture. */
  rewind(): void {
    this.#waiting = null;
    this.#lastPts = this.startPts;
    this.#reader.close();
    this.#reader = this.#open();
  }

  /** The next picture in time, or null at the end. @throws MediaFault */
  next(): TimedFrame | null {
    if (this.#waiting !== null) {
      const waiting = this.#waiting;
      this.#waiting = null;
      return waiting;
    }
    const decoded = this.#reader.next();
    if (decoded === null) return null;
    const pts = decoded.pts ?? this.#lastPts + this.#frameTicks;
    this.#lastPts = pts;
    return { frame: decoded.frame, pts, timeMs: frameTimeMs(this.grid(1), pts) };
  }

  close(): void {
    this.#reader.close();
  }

  /** For pictures without a time of their own. */
  get #frameTicks(): number {
    const { numerator, denominator } = this.facts.timeBase;
    return Math.max(1, Math.round(denominator / numerator / (this.facts.fps ?? 25)));
  }
}
