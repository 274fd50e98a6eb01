import type { StreamStamp } from '../../shared/contract/stream.ts';

export interface Stamped<F> {
  readonly frame: F;
  readonly stamp: StreamStamp;
}

export interface Settled<F> {
  readonly ready: readonly Stamped<F>[];
  /** They will never get a capture time: whoever made them closes them. */
  readonly lost: readonly F[];
}

const mostStamps = 128;
/** Decoded pictures are the decoder's own memory: it stops when too many are held. */
const mostFrames = 4;

/**
 * Gives decoded frames their capture times. Both come in the order in which they are shown, on ways of their own: the
 * host's decoder may be a few pictures ahead of the page's, or behind it.
 */
export class StampBook<F> {
  readonly #stamps = new Map<number, StreamStamp>();
  #frames: { readonly timestampUs: number; readonly frame: F }[] = [];
  #lost = 0;

  /** Frames without a capture time since the beginning. */
  get lost(): number {
    return this.#lost;
  }

  addStamp(stamp: StreamStamp): Settled<F> {
    const { timestampUs } = stamp;
    const frame = this.#frames.find((one) => one.timestampUs === timestampUs);
    // The host's decoder passed over those before it.
    const lost = this.#frames.filter((one) => one.timestampUs < timestampUs);
    this.#frames = this.#frames.filter((one) => one.timestampUs > timestampUs);
    if (frame === undefined) this.#keep(stamp);
    return this.#settled(frame === undefined ? [] : [{ frame: frame.frame, stamp }], lost);
  }

  addFrame(timestampUs: number, frame: F): Settled<F> {
    const stamp = this.#stamps.get(timestampUs);
    if (stamp !== undefined) {
      for (const known of this.#stamps.keys()) if (known <= timestampUs) this.#stamps.delete(known);
      return this.#settled([{ frame, stamp }], []);
    }
    this.#frames.push({ timestampUs, frame });
    return this.#settled([], this.#frames.length > mostFrames ? this.#frames.splice(0, 1) : []);
  }

  /** Answers the frames that still waited. */
  clear(): readonly F[] {
    this.#stamps.clear();
    return this.#frames.splice(0).map(({ frame }) => frame);
  }

  #keep(stamp: StreamStamp): void {
    this.#stamps.set(stamp.timestampUs, stamp);
    if (this.#stamps.size <= mostStamps) return;
    for (const oldest of this.#stamps.keys()) {
      this.#stamps.delete(oldest);
      return;
    }
  }

  #settled(ready: readonly Stamped<F>[], lost: readonly { readonly frame: F }[]): Settled<F> {
    this.#lost += lost.length;
    return { ready, lost: lost.map(({ frame }) => frame) };
  }
}
