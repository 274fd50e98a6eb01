import type { HeldFrame } from '../ingest/ports.ts';

/** The part of ingest that the slot sees, with frames put in by hand. */
export class FramesInHand {
  readonly #frames = new Map<number, HeldFrame>();
  readonly released: number[] = [];
  #next = 1;

  hold(...frames: readonly HeldFrame[]): number[] {
    return frames.map((frame) => {
      this.#frames.set(this.#next, frame);
      return this.#next++;
    });
  }

  frame(frameId: number): HeldFrame | null {
    return this.#frames.get(frameId) ?? null;
  }

  release(frameIds: readonly number[]): void {
    for (const frameId of frameIds) if (this.#frames.delete(frameId)) this.released.push(frameId);
  }
}
