import type { Picture } from '../../../shared/contract/media.ts';
import type { Drawn } from '../../drawing/picture-scene.ts';
import type { FoundBoxes } from '../../state/found-boxes.ts';
import type { CameraResult, PictureViewer } from '../../state/live-pictures.ts';
import { TilePainter } from '../live/tile-painter.ts';

export interface PlaybackPainterOptions {
  readonly canvas: HTMLCanvasElement;
  readonly found: FoundBoxes;
  readonly showsBoxes: () => boolean;
  readonly onDrawn: (drawn: Drawn) => void;
}

/** Draws footage as tiles draw live pictures: each with the boxes that were found in its own frame. */
export class PlaybackPainter implements PictureViewer {
  readonly #options: PlaybackPainterOptions;
  readonly #painter: TilePainter;
  #told: CameraResult | null = null;
  #isClosed = false;

  constructor(options: PlaybackPainterOptions) {
    this.#options = options;
    this.#painter = new TilePainter(options.canvas, options.onDrawn);
  }

  picture(picture: Picture, ack: () => void): void {
    const { found, showsBoxes } = this.#options;
    const atMs = picture.header.capturedAtMs;
    void found.near(atMs).then(() => {
      if (this.#isClosed) {
        ack();
        return;
      }
      const result = found.at(atMs);
      this.#tell(showsBoxes() ? result : { ...result, capturedAtMs: atMs, detections: [] });
      this.#painter.picture(picture, ack);
    });
  }

  /** Footage is not analysed while it is played: there are no results but those that were found then. */
  result(): void {}

  redraw(): void {
    this.#painter.redraw();
  }

  close(): void {
    this.#isClosed = true;
    this.#painter.close();
  }

  /** The same result for the next picture, or nothing after nothing, is no news. */
  #tell(result: CameraResult): void {
    const told = this.#told;
    const isEmpty = result.detections.length === 0;
    const isKnown =
      told !== null &&
      (isEmpty
        ? told.detections.length === 0 && told.capturedAtMs <= result.capturedAtMs
        : told.detections === result.detections);
    if (isKnown) return;
    this.#told = result;
    this.#painter.result(result);
  }
}
