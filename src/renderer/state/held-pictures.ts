/** Long enough for a worker to start and a picture to come; older ones would tell of another moment. */
const heldMs = 2_000;

/**
 * The last pictures of tiles that were taken away a moment ago, by camera. Whoever shows the camera next, larger or from another
 * stream, begins with it instead of black.
 */
export class HeldPictures<Picture> {
  readonly #byCamera = new Map<string, { readonly picture: Picture; readonly timer: ReturnType<typeof setTimeout> }>();

  hold(cameraId: string, picture: Picture): void {
    this.take(cameraId);
    const timer = setTimeout(() => {
      this.#byCamera.delete(cameraId);
    }, heldMs);
    this.#byCamera.set(cameraId, { picture, timer });
  }

  /** It is the taker's from now on; null: there is none. */
  take(cameraId: string): Picture | null {
    const held = this.#byCamera.get(cameraId);
    if (held === undefined) return null;
    clearTimeout(held.timer);
    this.#byCamera.delete(cameraId);
    return held.picture;
  }
}
