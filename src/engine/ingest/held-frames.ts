import type { FrameArrival } from './messages.ts';
import type { HeldFrame } from './ports.ts';

/** Who gets the buffer back. */
export interface FrameOwner {
  takeBack(buffers: ArrayBuffer[]): void;
  /** Some of the buffers about to come back hold frames that were never run. */
  notRun?(): void;
}

interface Holding {
  readonly frame: HeldFrame;
  readonly owner: FrameOwner;
  /** Camera id or item key. */
  readonly source: string;
}

/** Every decoded frame that waits in the engine, by its number. Numbers are never used again. */
export class HeldFrames {
  readonly #held = new Map<number, Holding>();
  #lastId = 0;

  hold(arrival: FrameArrival, source: string, owner: FrameOwner): number {
    const { buffer, width, height, scale, offsetX, offsetY, sourceWidth, sourceHeight } = arrival;
    // Buffers are as large as the tier's largest input, so that any of them serves any picture.
    const bytes = new Uint8Array(buffer, 0, width * height * 3);
    const frame: HeldFrame = { bytes, width, height, scale, offsetX, offsetY, sourceWidth, sourceHeight };
    this.#held.set(++this.#lastId, { frame, owner, source });
    return this.#lastId;
  }

  get(frameId: number): HeldFrame | null {
    return this.#held.get(frameId)?.frame ?? null;
  }

  /** As `release`, of frames that were not run. */
  discard(frameIds: readonly number[]): void {
    for (const owner of new Set(frameIds.map((frameId) => this.#held.get(frameId)?.owner))) owner?.notRun?.();
    this.release(frameIds);
  }

  /** Gives buffers back to the workers they came from; numbers that are not held are passed over. */
  release(frameIds: Iterable<number>): void {
    const byOwner = new Map<FrameOwner, ArrayBuffer[]>();
    for (const frameId of frameIds) {
      const holding = this.#held.get(frameId);
      if (holding === undefined) continue;
      this.#held.delete(frameId);
      const buffers = byOwner.get(holding.owner);
      if (buffers === undefined) byOwner.set(holding.owner, [holding.frame.bytes.buffer]);
      else buffers.push(holding.frame.bytes.buffer);
    }
    for (const [owner, buffers] of byOwner) owner.takeBack(buffers);
  }

  releaseSource(source: string, owner: FrameOwner): void {
    const frameIds: number[] = [];
    for (const [frameId, holding] of this.#held) {
      if (holding.owner === owner && holding.source === source) frameIds.push(frameId);
    }
    this.release(frameIds);
  }

  countOf(owner: FrameOwner): number {
    let count = 0;
    for (const holding of this.#held.values()) if (holding.owner === owner) count++;
    return count;
  }
}
