import { copiedCanvas } from '../../drawing/copied-canvas.ts';
import { HeldPictures } from '../../state/held-pictures.ts';

/** A worker has started by then, and a camera of one frame a second has sent one. */
const shownMs = 2000;

/** Of all tiles of the page. */
const heldPictures = new HeldPictures<HTMLCanvasElement>();

/** What was shown of a tile's camera last, elsewhere or from another stream: until the tile's painter has drawn its first picture. */
export class HeldPicture {
  #picture = $state.raw<HTMLCanvasElement | null>(null);

  /** Null: there is none, or it has done its service. */
  get picture(): HTMLCanvasElement | null {
    return this.#picture;
  }

  /** A painter begins. */
  begin(cameraId: string): void {
    const picture = heldPictures.take(cameraId);
    this.#picture = picture;
    if (picture === null) return;
    // A camera that sends nothing more is not shown as if it did.
    setTimeout(() => {
      this.#letGo(picture);
    }, shownMs);
  }

  /** The painter has drawn a picture. A worker's comes to the page with the next frames. */
  drawn(): void {
    const picture = this.#picture;
    if (picture === null) return;
    requestAnimationFrame(() => {
      requestAnimationFrame(() => {
        this.#letGo(picture);
      });
    });
  }

  /** The canvas goes: whoever shows the camera next begins with what it shows. */
  keep(cameraId: string, canvas: HTMLCanvasElement): void {
    const copy = copiedCanvas(canvas);
    if (copy !== null) heldPictures.hold(cameraId, copy);
  }

  #letGo(picture: HTMLCanvasElement): void {
    if (this.#picture === picture) this.#picture = null;
  }
}
