import type { Picture } from '../../../shared/contract/media.ts';
import { decodeJpeg } from '../../drawing/decode-jpeg.ts';
import { PictureScene, type Drawn } from '../../drawing/picture-scene.ts';
import type { CameraResult, PictureViewer } from '../../state/live-pictures.ts';

/**
 * Decodes a camera's preview pictures and draws each with the boxes of its own frame. The host is told that the next
 * may come as soon as there is room for it.
 */
export class TilePainter implements PictureViewer {
  readonly #scene: PictureScene | null;
  #owedAck: (() => void) | null = null;
  #isClosed = false;

  constructor(canvas: HTMLCanvasElement, onDrawn: (drawn: Drawn) => void) {
    const context = canvas.getContext('2d');
    this.#scene =
      context === null
        ? null
        : new PictureScene({
            context,
            size: () => ({
              width: canvas.clientWidth,
              height: canvas.clientHeight,
              density: window.devicePixelRatio,
            }),
            onDrawn,
            onTaken: () => {
              this.#payAck();
            },
            isStream: false,
          });
  }

  picture({ header, jpeg }: Picture, ack: () => void): void {
    void decodeJpeg(jpeg).then((image) => {
      if (image === null || this.#isClosed || this.#scene === null) {
        image?.close();
        ack();
        return;
      }
      const { capturedAtMs, analysed } = header;
      this.#scene.add({ capturedAtMs, analysed, image, width: image.width, height: image.height });
      if (this.#scene.hasRoom) ack();
      else this.#owedAck = ack;
    });
  }

  result(result: CameraResult): void {
    this.#scene?.addResult(result);
  }

  /** The tile changed its size. */
  redraw(): void {
    this.#scene?.redraw();
  }

  close(): void {
    this.#isClosed = true;
    this.#scene?.close();
    this.#payAck();
  }

  #payAck(): void {
    this.#owedAck?.();
    this.#owedAck = null;
  }
}
