import type { Jpeg } from './jpeg-encoder.ts';

/** How long an analysed frame's picture is kept for whoever makes an event of it, and how many at the highest rates. */
const keptMs = 3000;
const mostKept = 200;

/** The preview JPEGs of one camera's last analysed frames, by capture time. */
export class SnapshotRing {
  /** In the order of capture, which is that of the keys. */
  readonly #pictures = new Map<number, Jpeg>();

  add(capturedAtMs: number, picture: Jpeg): void {
    this.#pictures.set(capturedAtMs, picture);
    for (const atMs of this.#pictures.keys()) {
      if (atMs >= capturedAtMs - keptMs && this.#pictures.size <= mostKept) return;
      this.#pictures.delete(atMs);
    }
  }

  get(capturedAtMs: number): Jpeg | null {
    return this.#pictures.get(capturedAtMs) ?? null;
  }
}
