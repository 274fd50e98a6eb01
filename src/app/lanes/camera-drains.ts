/** Who waits until a camera has no frame left. */
export class CameraDrains {
  readonly #hasFrames: (cameraId: string) => boolean;
  readonly #waiters = new Map<string, () => void>();

  constructor(hasFrames: (cameraId: string) => boolean) {
    this.#hasFrames = hasFrames;
  }

  /** Resolves once it has none, is closed, or after `limitMs`. */
  wait(cameraId: string, limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(cameraId);
        resolve();
      };
      const timer = setTimeout(done, limitMs);
      this.#waiters.set(cameraId, done);
      this.look(cameraId);
    });
  }

  /** A frame of it was settled. */
  look(cameraId: string): void {
    const done = this.#waiters.get(cameraId);
    if (done !== undefined && !this.#hasFrames(cameraId)) done();
  }

  closed(cameraId: string): void {
    this.#waiters.get(cameraId)?.();
  }
}
